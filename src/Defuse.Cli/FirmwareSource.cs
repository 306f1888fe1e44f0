using System.Globalization;
using Defuse.Formats;

namespace Defuse.Cli;

/// <summary>Gets from a path to bytes.</summary>
internal static class FirmwareSource
{
    private const int Chunk = 1 << 16;
    private const string DeviceFolder = "/dev/";

    /// <param name="path">A file, or a pipe.</param>
    /// <param name="cancellationToken">Stops waiting, also for a pipe that nobody writes to.</param>
    /// <exception cref="UsageException">It is not there, no file, or cannot be read.</exception>
    /// <exception cref="FirmwareFormatException">It is larger than any firmware.</exception>
    public static async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        switch (path)
        {
            case "":
                throw new UsageException("the name of the file is empty", "say which file: defuse flash firmware.dfu");
            case "-":
                throw new UsageException("firmware is not read from stdin under the name -", "name a file; a pipe is named /dev/stdin, a file called - is named ./-");
        }

        try
        {
            RefuseDevice(path);

            // Opening a pipe waits for its writer, and nothing interrupts that: the thread is left behind when nobody waits any more.
            return await Task.Run(() => Read(path, cancellationToken), cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UsageException($"there is no file {path}", innerException: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException(
                Directory.Exists(path) ? $"{path} is a folder, not a file" : $"{path} cannot be read: {e.Message.TrimEnd('.')}", innerException: e);
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

    private static byte[] Read(string path, CancellationToken cancellationToken)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        var size = file.CanSeek ? file.Length : 0;
        RefuseLarge(path, size);
        using var bytes = new MemoryStream((int)size);
        var chunk = new byte[Chunk];
        while (file.Read(chunk) is > 0 and var count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (file.CanSeek && size == 0)
            {
                // A file has a length; what delivers without one makes its bytes up.
                throw NoFile(path);
            }

            RefuseLarge(path, bytes.Length + count);
            bytes.Write(chunk, 0, count);
        }

        return bytes.ToArray();
    }

    private static UsageException NoFile(string path) => new($"{path} is a device, not a file", "name a file, or a pipe");

    private static void RefuseLarge(string path, long size)
    {
        if (size > BinaryFormat.MaxSize)
        {
            throw new FirmwareFormatException(
                FirmwareFormatErrorKind.TooLarge,
                string.Create(CultureInfo.InvariantCulture, $"{path} holds more than {BinaryFormat.MaxSize >> 20} MB, which is no firmware for a microcontroller"),
                "check that it is the file you meant");
        }
    }
}
