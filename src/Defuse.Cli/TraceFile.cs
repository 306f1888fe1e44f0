namespace Defuse.Cli;

/// <summary>The file that --trace names, or -o of capture; it is gone again where nothing came to be recorded.</summary>
internal sealed class TraceFile : IAsyncDisposable
{
    private readonly FileStream _stream;

    private TraceFile(FileStream stream) => _stream = stream;

    public Stream Stream => _stream;

    /// <summary>Makes it, before anything is done to a board.</summary>
    /// <exception cref="UsageException">It cannot be made, or is there: it may be the firmware, or the trace of an earlier try.</exception>
    /// <param name="path">Its name.</param>
    /// <param name="option">The option that named it.</param>
    public static TraceFile Open(string path, string option = "--trace")
    {
        try
        {
            FirmwareSource.RefuseDevice(path);
            return new TraceFile(new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete, bufferSize: 0));
        }
        catch (IOException e) when (Path.Exists(path))
        {
            throw new UsageException($"{option}: {path} is there already, and nothing is written over it", "name another file, or remove this one", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"{option}: {path} cannot be written: {e.Message.TrimEnd('.')}", "choose another place", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        var isEmpty = _stream.Length == 0;
        await _stream.DisposeAsync().ConfigureAwait(false);
        if (isEmpty)
        {
            File.Delete(_stream.Name);
        }
    }
}
