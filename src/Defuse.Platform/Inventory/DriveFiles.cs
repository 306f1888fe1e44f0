using System.Globalization;
using System.Text;
using Defuse.Diagnostics;

namespace Defuse.Platform.Inventory;

/// <summary>Reads what the drives of boards and probes say of them, in files that anybody may have written.</summary>
internal static class DriveFiles
{
    private const int MostBytes = 16 * 1024;
    private const int LongestName = 64;
    private const int LongestFailure = 200;
    private const int Digits = 4;

    /// <summary>A drive with what its files say; null if it has none of them.</summary>
    /// <param name="folder">Where its files are.</param>
    /// <param name="volume">What else is known of it.</param>
    /// <param name="cancellationToken">Stops between files.</param>
    public static async ValueTask<SeenVolume?> ReadAsync(string folder, SeenVolume volume, CancellationToken cancellationToken)
    {
        var mbed = await TextAsync(folder, "MBED.HTM", cancellationToken).ConfigureAwait(false);
        var details = await TextAsync(folder, "DETAILS.TXT", cancellationToken).ConfigureAwait(false);
        var uf2 = await TextAsync(folder, "INFO_UF2.TXT", cancellationToken).ConfigureAwait(false);
        var failure = await TextAsync(folder, "FAIL.TXT", cancellationToken).ConfigureAwait(false);
        return mbed is null && details is null && uf2 is null && failure is null
            ? null
            : volume with
            {
                MbedId = BoardId(After(mbed, "code=")) ?? BoardId(Line(details, "Unique ID:")),
                Uf2Board = Clean(Line(uf2, "Model:"), LongestName) ?? Clean(Line(uf2, "Board-ID:"), LongestName),
                Failure = Clean(failure, LongestFailure),
            };
    }

    /// <summary>A text of a device's without what a terminal would take for a command; null if nothing is left.</summary>
    public static string? Printable(string? text, int longest)
    {
        var clean = new string([.. (text ?? "").Where(x => !char.IsControl(x) && char.GetUnicodeCategory(x) is not (UnicodeCategory.Format or UnicodeCategory.Surrogate)).Take(longest)]);
        return clean.Length == 0 ? null : clean;
    }

    /// <summary>A text from outside as one line of printable characters; null if nothing is left.</summary>
    public static string? Clean(string? text, int longest)
    {
        var line = string.Join(
            ' ',
            (Printable(new string([.. (text ?? "").Select(x => char.IsWhiteSpace(x) ? ' ' : x)]), MostBytes) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return line.Length == 0 ? null : line.Length > longest ? line[..longest].TrimEnd() : line;
    }

    // The digits behind them are the probe's serial number, which nobody needs here.
    private static string? BoardId(string? text)
    {
        var id = (text ?? "").Trim();
        return id.Length >= Digits && id[..Digits].All(char.IsAsciiHexDigit) ? id[..Digits].ToUpperInvariant() : null;
    }

    private static string? After(string? text, string mark) =>
        text?.IndexOf(mark, StringComparison.OrdinalIgnoreCase) is >= 0 and var at ? text[(at + mark.Length)..] : null;

    private static string? Line(string? text, string key) => text?.Split('\n')
        .Select(x => x.Trim())
        .Where(x => x.StartsWith(key, StringComparison.OrdinalIgnoreCase))
        .Select(x => x[key.Length..].Trim())
        .FirstOrDefault(x => x.Length > 0);

    private static async ValueTask<string?> TextAsync(string folder, string name, CancellationToken cancellationToken)
    {
        try
        {
            var path = Path.Combine(folder, name);

            // A link, or a pipe of that name, which has no length, is no file of a board's.
            if (new FileInfo(path) is not { Exists: true, Length: > 0, LinkTarget: null })
            {
                return null;
            }

            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1, FileOptions.Asynchronous);
            await using (file.ConfigureAwait(false))
            {
                var buffer = new byte[MostBytes];
                var count = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
                return Encoding.UTF8.GetString(buffer, 0, count);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return null;
        }
    }
}
