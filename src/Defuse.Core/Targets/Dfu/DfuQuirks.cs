using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Defuse.Devices;

namespace Defuse.Targets.Dfu;

/// <summary>What is known of a device's quirks: the answers that the protocol asks for, found once, when it is opened.</summary>
internal sealed record DfuQuirks
{
    /// <summary>A device without any.</summary>
    public static DfuQuirks None { get; } = new();

    /// <summary>The names of those that it has.</summary>
    public ImmutableArray<string> Names { get; init; } = [];

    /// <summary>Whether it must not be asked for its status earlier than it said.</summary>
    public bool PollsAsReported { get; init; }

    /// <summary>Whether block numbers that count up are known to land where they should.</summary>
    public bool HasProvenAddressing { get; init; }

    /// <summary>After which time an erase is over though the device still says dfuDNBUSY; null for a device that says the truth.</summary>
    public TimeSpan? BusyAfterErase { get; init; }

    /// <summary>Within which time it may come back as the bootloader though it left to run the program; null if it is not known to.</summary>
    public TimeSpan? ReturnsAfterLeave { get; init; }

    /// <summary>How long erasing the chip may take, in which the device need not answer.</summary>
    public TimeSpan MassEraseTime { get; init; } = DfuRequests.WorkTimeout;

    /// <summary>Whether the first block is read back at once, since the device may confirm what it does not do.</summary>
    public bool ReadsBackFirst { get; init; }

    /// <summary>How long to pause before a transfer is repeated the first time; each further time takes twice that.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Whether transfers to it fail for want of a hub.</summary>
    public bool HasWeakLink { get; init; }

    private bool HasUtf8Serial { get; init; }

    private int? SectorSize { get; init; }

    private ImmutableDictionary<char, int> SizesBySerial { get; init; } = ImmutableDictionary<char, int>.Empty;

    /// <summary>The quirks of a device.</summary>
    public static DfuQuirks Of(DfuTraits device) => Of(DfuQuirkTable.Shipped.Where(x => x.IsOf(device)));

    public static DfuQuirks Of(IEnumerable<DfuQuirk> quirks) => quirks.Aggregate(None, (x, y) => x.With(y));

    /// <summary>Its serial number, as it is meant.</summary>
    public string? SerialNumber(string? serial) =>
        serial is not null && HasUtf8Serial ? Encoding.UTF8.GetString(Encoding.Unicode.GetBytes(serial)).TrimEnd('\0') : serial;

    /// <summary>Its memories as they are, where it announces others.</summary>
    /// <param name="region">A memory as announced.</param>
    /// <param name="serial">Its serial number, as it is meant.</param>
    public MemoryRegion Corrected(MemoryRegion region, string? serial)
    {
        if (!region.IsFlash || (SectorSize is null && SizesBySerial.IsEmpty))
        {
            return region;
        }

        var size = SectorSize ?? region.Runs[0].SectorSize;
        var bytes = serial is { Length: 4 } && SizesBySerial.TryGetValue(serial[2], out var known) ? known : region.ByteCount;
        return new MemoryRegion(region.Name, region.AlternateSetting, [new SectorRun(region.Start, (int)(bytes / size), size, region.Runs[0].Access)]);
    }

    private DfuQuirks With(DfuQuirk quirk)
    {
        var named = this with { Names = Names.Add(quirk.Name) };
        return quirk.Effect switch
        {
            DfuQuirkEffect.None => named,
            DfuQuirkEffect.PollAsReported => named with { PollsAsReported = true },
            DfuQuirkEffect.ProvenAddressing => named with { HasProvenAddressing = true },
            DfuQuirkEffect.BusyAfterErase => named with { BusyAfterErase = Milliseconds(quirk) },
            DfuQuirkEffect.ReturnsAfterLeave => named with { ReturnsAfterLeave = Milliseconds(quirk) },
            DfuQuirkEffect.MassEraseTime => named with { MassEraseTime = Milliseconds(quirk) },
            DfuQuirkEffect.SectorSize => named with { SectorSize = Number(quirk.Figures[0]) },
            DfuQuirkEffect.SizeBySerial => named with { SizesBySerial = quirk.Figures.ToImmutableDictionary(x => x[0], x => Number(x.AsSpan(2))) },
            DfuQuirkEffect.Utf8Serial => named with { HasUtf8Serial = true },
            DfuQuirkEffect.ReadBackFirst => named with { ReadsBackFirst = true },
            DfuQuirkEffect.WeakLink => named with { HasWeakLink = true, RetryPause = Milliseconds(quirk) },
            _ => throw new ArgumentOutOfRangeException(nameof(quirk), quirk.Effect, "No such effect."),
        };
    }

    private static TimeSpan Milliseconds(DfuQuirk quirk) => TimeSpan.FromMilliseconds(Number(quirk.Figures[0]));

    private static int Number(ReadOnlySpan<char> text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
