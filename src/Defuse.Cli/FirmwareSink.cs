using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Cli;

/// <summary>Gets a file written under the name that a person gave.</summary>
internal static class FirmwareSink
{
    /// <summary>The name under which stdout is written to.</summary>
    public const string StandardOutput = "-";

    private const string Unfinished = ".part";

    /// <summary>What messages call it.</summary>
    public static string NameOf(string output) => output == StandardOutput ? "stdout" : output;

    /// <summary>The format that a name says.</summary>
    /// <param name="output">The file to write.</param>
    /// <param name="option">The option that says it instead.</param>
    /// <exception cref="UsageException">It says none.</exception>
    public static FirmwareFormat FormatOf(string output, string option)
    {
        var known = FormatTable.Written.Select(x => x.Extensions[0]).ToList();
        return FormatTable.ToWrite(output) ?? throw new UsageException(
            $"the name {output} says no format that is written", $"name it {string.Join(", ", known.SkipLast(1))} or {known[^1]}, or say {option}");
    }

    /// <summary>Refuses a name that cannot be written, before any work and not after.</summary>
    /// <exception cref="UsageException">It cannot.</exception>
    public static void RefuseUnwritable(string output)
    {
        if (output == StandardOutput)
        {
            return;
        }

        if (output.Length == 0)
        {
            throw new UsageException("the name of the file is empty", "name the file to write");
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(output));
        if (Directory.Exists(output) || output is [.., '/'])
        {
            throw new UsageException($"{output} is a folder, not a file", "name the file to write");
        }

        if (!Directory.Exists(folder))
        {
            throw new UsageException($"there is no folder {folder}");
        }

        FirmwareSource.RefuseDevice(output);
        if (MayBePipe(output))
        {
            return;
        }

        if (File.Exists(output) && new FileInfo(output).IsReadOnly)
        {
            throw new UsageException($"{output} is write-protected", "choose another name, or allow it to be written");
        }

        var part = Resolve(output) + Unfinished;
        if (Path.Exists(part))
        {
            throw new UsageException($"{part} is in the way: {output} is written under that name until it is whole", "remove or rename it, or choose another name");
        }

        try
        {
            File.Open(part, FileMode.CreateNew).Dispose();
            File.Delete(part);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{output} cannot be written: {e.Message.TrimEnd('.')}", "choose another place", e);
        }
    }

    /// <summary>Writes through a neighbour, so that a full disk never leaves half a file under the name.</summary>
    /// <param name="context">Has the streams.</param>
    /// <param name="output">The name.</param>
    /// <param name="format">The format.</param>
    /// <param name="image">What to write.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <param name="isPrivate">Whether a new file is for nobody else to read: the folder for temporary files is everybody's.</param>
    public static async Task SaveAsync(
        CommandContext context,
        string output,
        FirmwareFormat format,
        FirmwareImage image,
        FirmwareWriteOptions options,
        CancellationToken cancellationToken,
        bool isPrivate = false)
    {
        if (output == StandardOutput)
        {
            var stream = context.Environment.OpenOutStream();
            await using var closing = stream.ConfigureAwait(false);
            await FirmwareFile.WriteAsync(stream, format, image, options, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (MayBePipe(output))
        {
            var pipe = new FileStream(output, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            await using var closing = pipe.ConfigureAwait(false);
            if (!pipe.CanSeek)
            {
                await FirmwareFile.WriteAsync(pipe, format, image, options, cancellationToken).ConfigureAwait(false);
                return;
            }
        }

        output = Resolve(output);
        var part = output + Unfinished;
        var how = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
        if (isPrivate && !OperatingSystem.IsWindows())
        {
            how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var file = new FileStream(part, how);
        try
        {
            await using (file.ConfigureAwait(false))
            {
                await FirmwareFile.WriteAsync(file, format, image, options, cancellationToken).ConfigureAwait(false);

                // What it was read from may be erased next.
                file.Flush(flushToDisk: true);
            }

            if (!OperatingSystem.IsWindows() && File.Exists(output))
            {
                File.SetUnixFileMode(part, File.GetUnixFileMode(output));
            }

            File.Move(part, output, overwrite: true);
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }

    // A pipe with a name has no length, and who reads from it takes its first end for the last. The pipes of a shell are in a folder.
    private static bool MayBePipe(string output) =>
        File.Exists(output) && (output.StartsWith("/dev/fd/", StringComparison.Ordinal) || new FileInfo(output).Length == 0);

    // Through a link, the file that it leads to is written; to replace the link would leave that one as it was.
    private static string Resolve(string output) =>
        File.Exists(output) ? File.ResolveLinkTarget(output, returnFinalTarget: true)?.FullName ?? output : output;
}
