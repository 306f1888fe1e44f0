using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Inspection;

/// <summary>All that can be said of an image without flashing it.</summary>
/// <remarks>Immutable. Made without I/O, in a time that grows with the image's size and nothing else.</remarks>
public sealed record ImageInspection
{
    /// <summary>The image; bytes without addresses at the address that they clearly belong at, or else at 0.</summary>
    public required FirmwareImage Image { get; init; }

    /// <summary>Whether the addresses of <see cref="Image"/> mean something.</summary>
    public required bool HasAddresses { get; init; }

    /// <summary>What it says it is, the most specific first; empty if it does not say.</summary>
    public required ImmutableArray<FirmwareIdentity> Identities { get; init; }

    /// <summary>What the file says that it was made for; null if it says nothing.</summary>
    public MadeFor? MadeFor { get; init; }

    /// <summary>How its program starts.</summary>
    public required ProgramStart Start { get; init; }

    /// <summary>What its bytes look like.</summary>
    public required ImageContent Content { get; init; }

    /// <summary>Every chip, with every way to cut its flash; without addresses, by size and words alone.</summary>
    public required ImmutableArray<ChipFit> Chips { get; init; }

    /// <summary>What it does to the sectors of the memory that was given; null without one, or without addresses.</summary>
    public SectorReport? Sectors { get; init; }

    /// <summary>Inspects an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="context">What is known besides; nothing when null.</param>
    public static ImageInspection Of(FirmwareImage image, InspectionContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        context ??= new InspectionContext();
        ImmutableArray<BaseAddress> candidates = [];
        uint? placed = null;
        if (context.NeedsAddress && image.Segments is [var raw])
        {
            candidates = BaseAddressSearch.Find(raw.Data.Span);
            placed = BaseAddressSearch.Decide(candidates);
            image = new FirmwareImage([new ImageSegment(placed ?? 0, raw.Data)]);
        }

        var hasAddresses = !context.NeedsAddress || placed is not null;
        var identities = FirmwareIdentity.FindAll(image);
        var start = !hasAddresses
            ? new ProgramStart { EntryPoint = context.EntryPoint, Candidates = candidates }
            : ProgramStartSearch.Of(image, context.EntryPoint) with { Candidates = candidates, PlacedAt = placed };
        return new ImageInspection
        {
            Image = image,
            HasAddresses = hasAddresses,
            Identities = identities,
            MadeFor = context.MadeFor,
            Start = start,
            Content = ContentAnalysis.Of(image),
            Chips = hasAddresses
                ? ChipFits.Of(image, start.Table, identities, context.MadeFor, context.Chips)
                : ChipFits.OfUnplaced(image, identities, context.MadeFor, context.Chips),
            Sectors = hasAddresses && context.Memory is { } memory
                ? SectorAnalysis.Of(image, memory, context.ErasedByte, context.Contents, context.Bootloader)
                : null,
        };
    }
}
