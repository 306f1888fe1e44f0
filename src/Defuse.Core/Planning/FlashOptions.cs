using System.Collections.Immutable;
using Defuse.Images;
using Defuse.Inspection;

namespace Defuse.Planning;

/// <summary>How an image is to be flashed.</summary>
public sealed record FlashOptions
{
    /// <summary>Compare, flash what differs, verify, start.</summary>
    public static FlashOptions Default { get; } = new();

    /// <summary>Refusals to override.</summary>
    public FlashAllowances Allow { get; init; }

    /// <summary>Whether memory is read first, so that sectors that already hold the image are left alone.</summary>
    public bool Compare { get; init; } = true;

    /// <summary>Whether what was written is read back and compared.</summary>
    public bool Verify { get; init; } = true;

    /// <summary>Whether the program is started afterwards.</summary>
    public bool Start { get; init; } = true;

    /// <summary>Whether all of the main flash is erased at once, instead of the sectors that change.</summary>
    public bool EraseChip { get; init; }

    /// <summary>Which alternate setting of a device that takes whole images; null for the only one, or the one that the image was linked for.</summary>
    public byte? AlternateSetting { get; init; }

    /// <summary>Ranges whose bytes outlive the erase of their sector: they are read first, written back, and verified. The image's bytes there are left out.</summary>
    public ImmutableArray<AddressRange> Keep { get; init; } = [];

    /// <summary>Whether all bytes outlive the erase of their sector that the image has none for.</summary>
    public bool KeepUnwritten { get; init; }

    /// <summary>
    /// Takes what memory holds in all sectors that will be erased, before the first erase; if it throws an
    /// <see cref="IOException"/>, nothing is erased. Without it, what is kept is in no place but this process until it is
    /// written back.
    /// </summary>
    public Func<FirmwareImage, CancellationToken, ValueTask>? Backup { get; init; }

    /// <summary>What the file says that it was made for; null if it says nothing.</summary>
    public MadeFor? MadeFor { get; init; }
}
