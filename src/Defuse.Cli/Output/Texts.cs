using System.Globalization;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Programming;

namespace Defuse.Cli.Output;

/// <summary>Figures and states in words.</summary>
internal static class Texts
{
    private const double Kilobyte = 1024;
    private const double Megabyte = 1024 * 1024;

    public static string Address(uint address) => string.Create(CultureInfo.InvariantCulture, $"0x{address:X8}");

    public static string Bytes(long count) => count == 1 ? "1 byte" : string.Create(CultureInfo.InvariantCulture, $"{count:N0} bytes");

    /// <summary>A sector's or a memory's size.</summary>
    public static string Size(long bytes) => bytes switch
    {
        > 0 when bytes % (long)Megabyte == 0 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (long)Megabyte} MB"),
        > 0 when bytes % (long)Kilobyte == 0 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (long)Kilobyte} KB"),
        _ => Bytes(bytes),
    };

    public static string Rate(double bytesPerSecond) => bytesPerSecond switch
    {
        >= Megabyte => string.Create(CultureInfo.InvariantCulture, $"{bytesPerSecond / Megabyte:0.0} MB/s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytesPerSecond / Kilobyte:0} KB/s"),
    };

    public static string Time(TimeSpan time) => time.TotalSeconds switch
    {
        >= 59.95 => string.Create(CultureInfo.InvariantCulture, $"{(int)Math.Round(time.TotalSeconds) / 60} min {(int)Math.Round(time.TotalSeconds) % 60} s"),
        < 0.1 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
    };

    /// <summary>How long work took, and on whose clock where that is not the wall's.</summary>
    public static string Elapsed(TimeSpan time, TargetDescription? target) =>
        target?.Address.StartsWith("sim:", StringComparison.OrdinalIgnoreCase) == true ? $"{Time(time)} of the board's time" : Time(time);

    public static string Count(long count, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {what}{(count == 1 ? "" : "s")}");

    public static string Range(AddressRange range) => $"{range}  {Bytes(range.Length)}";

    /// <summary>What a device is called in a sentence.</summary>
    public static string Device(TargetDescription target) =>
        $"{(target.Candidates.IsEmpty ? target.Name : target.ChipName)} ({target.Address})";

    /// <summary>The word for a state in JSON.</summary>
    public static string Word(RangeState state) => state.ToString().ToLower(CultureInfo.InvariantCulture);

    /// <summary>The word for what keeps a board from being opened.</summary>
    public static string Word(AccessFailure access) => access switch
    {
        AccessFailure.NoDriver => "no-driver",
        AccessFailure.WrongDriver => "wrong-driver",
        AccessFailure.PermissionDenied => "permission-denied",
        AccessFailure.InUse => "in-use",
        AccessFailure.EnumerationFailed => "enumeration-failed",
        AccessFailure.LibraryMissing => "library-missing",
        _ => throw new ArgumentOutOfRangeException(nameof(access), access, "There is no such obstacle."),
    };

    /// <summary>The word for a member of a diagnosis in JSON: "probe-only".</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    /// <summary>What a state means, for people.</summary>
    public static string Meaning(RangeState state) => state switch
    {
        RangeState.Untouched => "as it was",
        RangeState.Indeterminate => "unknown: it was being erased or written",
        RangeState.Blank => "erased",
        RangeState.Written => "written, not read back",
        RangeState.Verified => "verified",
        RangeState.Different => "holds something else",
        _ => Word(state),
    };

    /// <summary>The word for a difference in JSON.</summary>
    public static string Word(ImageDifferenceKind kind) => kind switch
    {
        ImageDifferenceKind.OnlyInFirst => "only-a",
        ImageDifferenceKind.OnlyInSecond => "only-b",
        _ => "differs",
    };

    /// <summary>The word for an outcome in JSON.</summary>
    public static string Word(FlashOutcome outcome) =>
        outcome == FlashOutcome.WrittenUnverified ? "written-unverified" : outcome.ToString().ToLower(CultureInfo.InvariantCulture);

    /// <summary>Two columns and more, aligned by spaces.</summary>
    public static IEnumerable<string> Align(IReadOnlyCollection<string[]> rows, string indent = "")
    {
        if (rows.Count == 0)
        {
            yield break;
        }

        var widths = Enumerable.Range(0, rows.Max(x => x.Length)).Select(i => rows.Max(x => i < x.Length ? x[i].Length : 0)).ToArray();
        foreach (var row in rows)
        {
            yield return indent + string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd();
        }
    }
}
