using Defuse.Formats;

namespace Defuse.Cli;

/// <summary>A firmware file that was opened.</summary>
/// <param name="Path">What it was called.</param>
/// <param name="Size">How many bytes it has.</param>
/// <param name="File">What is in it.</param>
internal sealed record OpenedFile(string Path, long Size, FirmwareFile File)
{
    /// <summary>What messages call it.</summary>
    public string Name => FirmwareSource.NameOf(Path);

    /// <summary>A note that its name says another format than its content; null if it does not, or if that was asked for.</summary>
    public string? Belied => File is { Format: FirmwareFormat.Binary, Warnings.IsEmpty: false } ? null : FormatTable.Belied(Path, File.Format);

    /// <summary>What a person should know of it.</summary>
    public IEnumerable<string> Warnings => Belied is { } belied ? [belied, .. File.Warnings] : File.Warnings;
}
