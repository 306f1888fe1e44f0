using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Defuse.Devices;
using Defuse.Images;

namespace Defuse.Inspection;

/// <summary>Something that an image says about itself: which firmware it is, or what it is made with.</summary>
/// <remarks>Immutable. Text proves nothing: whoever built the image may have written anything there.</remarks>
public sealed record FirmwareIdentity
{
    internal FirmwareIdentity(string name, FirmwareKind kind, string evidence, uint evidenceAddress)
    {
        Name = name;
        Kind = kind;
        Evidence = evidence;
        EvidenceAddress = evidenceAddress;
    }

    /// <summary>Its name: <c>MicroPython</c>.</summary>
    public string Name { get; internal init; }

    /// <summary>What sort of thing it is.</summary>
    public FirmwareKind Kind { get; }

    /// <summary>The version as the image spells it: <c>v1.9.1-4-g6ed4581-dirty</c>; null if it does not say.</summary>
    public string? Version { get; internal init; }

    /// <summary>The day that it was built; null if it does not say.</summary>
    public DateOnly? Date { get; internal init; }

    /// <summary>The board that it was built for: <c>NUCLEO-F767ZI</c>; null if it does not say.</summary>
    public string? Board { get; internal init; }

    /// <summary>The microcontroller or the family that it was built for: <c>STM32F767</c>; null if it does not say.</summary>
    public string? Mcu { get; internal init; }

    /// <summary>The text that speaks for it, or what was found in words; printable.</summary>
    public string Evidence { get; internal init; }

    /// <summary>Where in the image that stands.</summary>
    public uint EvidenceAddress { get; internal init; }

    /// <summary>All that an image says it is, the most specific first; empty if it does not say.</summary>
    /// <param name="image">The image; the time grows with its size and nothing else.</param>
    public static ImmutableArray<FirmwareIdentity> FindAll(FirmwareImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return IdentityRules.Apply(image);
    }

    /// <summary>Whether it names a microcontroller, and that is none of some chips. What no chip is called, but begins like an STM32, says no more than its beginning.</summary>
    internal bool IsNotFor(IReadOnlyCollection<ChipProfile> chips)
    {
        if (Mcu is null)
        {
            return false;
        }

        var isStm32 = Mcu.StartsWith("STM32", StringComparison.OrdinalIgnoreCase);
        return (isStm32 ? ChipDatabase.Default.KnownBeginning(Mcu) : Mcu) is { } known && !chips.Any(x => x.Includes(known));
    }

    /// <summary>In words: <c>MicroPython v1.11 of 2019-06-01 for NUCLEO-F767ZI with STM32F767</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Name);
        if (Version is not null)
        {
            text.Append(' ').Append(Version);
        }

        if (Date is { } date)
        {
            text.Append(CultureInfo.InvariantCulture, $" of {date:yyyy-MM-dd}");
        }

        return (Board, Mcu) switch
        {
            (null, null) => text.ToString(),
            (null, _) => text.Append(" for ").Append(Mcu).ToString(),
            (_, null) => text.Append(" for ").Append(Board).ToString(),
            _ => text.Append(" for ").Append(Board).Append(" with ").Append(Mcu).ToString(),
        };
    }
}
