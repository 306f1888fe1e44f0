using Defuse.Images;

namespace Defuse.Targets;

/// <summary>What is captured of a bootloader.</summary>
public sealed record CaptureOptions
{
    /// <summary>
    /// Flash memory that may be lost, for erase and program times: every sector that it touches is erased and left so; null to
    /// change nothing.
    /// </summary>
    public AddressRange? Scratch { get; init; }

    /// <summary>Told the sectors of <see cref="Scratch"/>, before the first of them is erased: until the capture is whole, they may hold anything.</summary>
    public IProgress<AddressRange>? Erasing { get; init; }

    /// <summary>What captures, with its version, for the first line.</summary>
    public string Program { get; init; } = "defuse library";

    /// <summary>Told what is found out next.</summary>
    public IProgress<string>? Sections { get; init; }
}
