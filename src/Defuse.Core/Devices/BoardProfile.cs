using System.Collections.Immutable;

namespace Defuse.Devices;

/// <summary>What is known of a board.</summary>
/// <remarks>Immutable; two profiles are equal when they are of one name.</remarks>
public sealed record BoardProfile
{
    /// <summary>Its maker's name for it ("NUCLEO-F767ZI").</summary>
    public required string Name { get; init; }

    /// <summary>Other names that people know it by.</summary>
    public required ImmutableArray<string> Aliases { get; init; }

    /// <summary>Who makes it.</summary>
    public required string Vendor { get; init; }

    /// <summary>The part on it ("STM32F767ZI").</summary>
    public required string Part { get; init; }

    /// <summary>The chip of that part: <see cref="ChipProfile.Id"/>.</summary>
    public required ushort ChipId { get; init; }

    /// <summary>The four digits that its ST-LINK reports (in MBED.HTM, and as the start of its mbed identifier); null if none are known.</summary>
    public string? MbedId { get; init; }

    /// <summary>The debug probe on it; null if it has none or it is not known.</summary>
    public string? Probe { get; init; }

    /// <summary>The UART behind the probe's serial port; null if there is none or it is not known.</summary>
    public string? SerialPort { get; init; }

    /// <summary>The USB socket of the chip itself; null if it has none or it is not known.</summary>
    public string? UserUsb { get; init; }

    /// <summary>What is printed at the USB socket of the chip itself ("CN13"); null if it has none or it is not known.</summary>
    public string? UserSocket { get; init; }

    /// <summary>Where a USB cable is wired to on a board that has no socket for its chip; null if it has one or it is not known.</summary>
    public UsbWires? UsbWires { get; init; }

    /// <summary>Why the ROM's bootloader does not show at any socket of the board, as a sentence without a full stop; null if it does, as far as is known.</summary>
    public string? DfuObstacle { get; init; }

    /// <summary>How a person starts its ROM's USB DFU bootloader, with names as printed on the board; null if it is not known, or can't be done.</summary>
    public DfuByHand? DfuByHand { get; init; }

    /// <summary><see cref="DfuByHand"/> in words, an imperative a step, each without a full stop; empty if it is not known.</summary>
    public ImmutableArray<string> DfuSteps => DfuByHand is { } way ? DfuStepText.Steps(this, way) : [];

    /// <summary>How a person starts its USB DFU bootloader, or why that cannot be done; null if it is not known.</summary>
    public string? EnterDfu => EnterDfuText ?? (DfuByHand is null ? null : string.Join("; ", DfuSteps.Select(x => char.ToLowerInvariant(x[0]) + x[1..])));

    /// <summary>What <see cref="EnterDfu"/> says where there is no <see cref="DfuByHand"/>.</summary>
    internal string? EnterDfuText { get; init; }

    /// <summary>The clock that its bootloader runs USB from; null if it is not known.</summary>
    public string? Clock { get; init; }

    /// <summary>What else is worth knowing.</summary>
    public string? Notes { get; init; }

    /// <summary>The bootloaders that it is sold with, in flash; empty if there is none or its place is not known.</summary>
    public ImmutableArray<BoardBootloader> Bootloaders { get; init; } = [];

    /// <summary>Where this is from.</summary>
    public required string Source { get; init; }

    /// <summary>Whether a source about this very board was read; if not, its manual should be looked into.</summary>
    public required bool IsConfirmed { get; init; }

    /// <summary>How much this can be relied on, for people.</summary>
    public string Confidence => IsConfirmed ? "confirmed" : "check your board's manual";

    /// <summary>This board with nobody having connected it: enough to plan for and to inspect files against.</summary>
    /// <param name="chips">The chips, this board's among them.</param>
    /// <exception cref="ArgumentException">Its chip is not among them.</exception>
    public TargetDescription ToTarget(ChipDatabase chips)
    {
        ArgumentNullException.ThrowIfNull(chips);
        var match = chips.FindPart(Part) ?? throw new ArgumentException($"there is no {Part} among these chips", nameof(chips));
        return match.Chip.ToTarget(part: match.Part) with { Name = Name, Address = $"board:{Name}" };
    }

    /// <inheritdoc/>
    public bool Equals(BoardProfile? other) => other is not null && string.Equals(Name, other.Name, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Name);
}
