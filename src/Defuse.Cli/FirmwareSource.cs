using Defuse.Formats;

namespace Defuse.Cli;

/// <summary>Gets from a path to a stream.</summary>
internal static class FirmwareSource
{
    /// <summary>The name under which stdin is read.</summary>
    public const string StandardInput = "-";

    private const string DeviceFolder = "/dev/";

    /// <summary>What messages call it.</summary>
    public static string NameOf(string path) => path == StandardInput ? "stdin" : path;

    /// <param name="environment">Where stdin is.</param>
    /// <param name="path">A file, a pipe, or - for stdin.</param>
    /// <param name="cancellationToken">Stops waiting, also for a pipe that nobody writes to.</param>
    /// <exception cref="UsageException">It is not there, no file, or cannot be read.</exception>
    /// <exception cref="FirmwareFormatException">It is larger than any firmware.</exception>
    public static async Task<FirmwareStream> OpenAsync(CliEnvironment environment, string path, CancellationToken cancellationToken)
    {
        switch (path)
        {
            case "":
                throw new UsageException("the name of the file is empty", "say which file: firmware.dfu, or - for stdin");
            case StandardInput when environment.InIsTerminal:
                throw new UsageException(
                    "- is stdin, and nothing is sent to it", "pipe the firmware in: curl -L https://... | defuse info -; a file called - is named ./-");
            case StandardInput:
                return new FirmwareStream(environment.OpenInStream(), NameOf(path));
        }

        try
        {
            RefuseDevice(path);
            return await OpenFileAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UsageException($"there is no file {path}", innerException: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw CannotRead(path, e);
        }
    }

    /// <summary>Refuses a name of a device; pipes of this process are named in the same folder, and pass.</summary>
    /// <exception cref="UsageException">It is a device.</exception>
    public static void RefuseDevice(string path)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(path))
        {
            return;
        }

        var full = (File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path)).FullName;
        if (full.StartsWith(DeviceFolder, StringComparison.Ordinal)
            && !full.StartsWith(DeviceFolder + "fd/", StringComparison.Ordinal)
            && !full.StartsWith(DeviceFolder + "shm/", StringComparison.Ordinal))
        {
            throw NoFile(path);
        }
    }

    public static UsageException NoFile(string path) => new($"{path} is a device, not a file", "name a file, or a pipe");

    public static UsageException CannotRead(string path, Exception e) => new(
        Directory.Exists(path) ? $"{path} is a folder, not a file" : $"{path} cannot be read: {e.Message.TrimEnd('.')}", innerException: e);

    // Opening a pipe waits for its writer, and nothing interrupts that: the thread is left behind when nobody waits any more.
    private static async Task<FirmwareStream> OpenFileAsync(string path, CancellationToken cancellationToken) =>
        await Task.Run(() => OpenFile(path, cancellationToken), cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);

    private static FirmwareStream OpenFile(string path, CancellationToken cancellationToken)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            FirmwareStream.RefuseLarge(file.CanSeek ? file.Length : 0, path);
            return new FirmwareStream(file, path);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
