namespace Defuse.Platform.Linux;

/// <summary>Reads the files in which Linux tells of itself; what is not there, or not to be read, is null or empty.</summary>
internal static class LinuxFiles
{
    private const int MostBytes = 1024 * 1024;

    public static async ValueTask<string?> TextAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            // Files of /proc have no length.
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1, FileOptions.Asynchronous);
            await using (file.ConfigureAwait(false))
            {
                var bytes = new byte[4096];
                var length = 0;
                int count;
                while ((count = await file.ReadAsync(bytes.AsMemory(length), cancellationToken).ConfigureAwait(false)) > 0)
                {
                    length += count;
                    if (length == bytes.Length)
                    {
                        if (length >= MostBytes)
                        {
                            break;
                        }

                        Array.Resize(ref bytes, length * 2);
                    }
                }

                return System.Text.Encoding.UTF8.GetString(bytes, 0, length);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return null;
        }
    }

    public static async ValueTask<string[]> LinesAsync(string path, CancellationToken cancellationToken) =>
        (await TextAsync(path, cancellationToken).ConfigureAwait(false))?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>The names in a folder.</summary>
    public static IReadOnlyList<string> Names(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(folder).Select(x => Path.GetFileName(x)).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>What a link says, as it is.</summary>
    public static string? Target(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Where links lead in the end; the path itself if it is none.</summary>
    public static string Final(string path)
    {
        try
        {
            return Directory.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return path;
        }
    }
}
