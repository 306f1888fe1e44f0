namespace Defuse.Cli;

/// <summary>The file that --trace names.</summary>
internal static class TraceFile
{
    /// <summary>Makes it, before anything is done to a board.</summary>
    /// <exception cref="UsageException">It cannot be made.</exception>
    /// <param name="path">Its name.</param>
    /// <param name="option">The option that named it.</param>
    public static FileStream Open(string path, string option = "--trace")
    {
        try
        {
            FirmwareSource.RefuseDevice(path);
            return new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"{option}: {path} cannot be written: {e.Message.TrimEnd('.')}", "choose another place", e);
        }
    }
}
