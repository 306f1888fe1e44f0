namespace Defuse.Transports.Tracing;

/// <summary>One line of a trace; which members it has depends on its type.</summary>
internal sealed record TraceLine
{
    public const string Trace = "trace";
    public const string Open = "open";
    public const string Control = "control";
    public const string Claim = "claim";
    public const string Alternate = "alternate";
    public const string Close = "close";
    public const string Section = "section";

    public const string Ok = "ok";

    /// <summary>The version of the format; only the first line has it.</summary>
    public int? Schema { get; init; }

    /// <summary>trace (the first line), open, control, claim, alternate, close or section.</summary>
    public required string Type { get; init; }

    /// <summary>What wrote it, with its version.</summary>
    public string? Program { get; init; }

    /// <summary>Which of the devices that were opened, counted from 0 in the order in which they were.</summary>
    public int? Device { get; init; }

    /// <summary>When it began, in ms on the device's clock since the first device was opened.</summary>
    public double? At { get; init; }

    /// <summary>How long it took, in ms on the device's clock.</summary>
    public double? Took { get; init; }

    /// <summary>How long it might have taken, in ms.</summary>
    public double? Timeout { get; init; }

    /// <summary>The setup packet's eight bytes.</summary>
    public string? Setup { get; init; }

    /// <summary>What went to the device.</summary>
    public string? Out { get; init; }

    /// <summary>What came from it.</summary>
    public string? In { get; init; }

    /// <summary>bInterfaceNumber of what was claimed or set.</summary>
    public byte? Interface { get; init; }

    /// <summary>bAlternateSetting that was set.</summary>
    public byte? Setting { get; init; }

    /// <summary>ok, or a <see cref="TransportFailure"/> in lower case.</summary>
    public string? Status { get; init; }

    /// <summary>What the transfers that follow are to find out.</summary>
    public string? Name { get; init; }

    /// <summary>What the failure said.</summary>
    public string? Message { get; init; }

    public string? Location { get; init; }

    public string? VendorId { get; init; }

    public string? ProductId { get; init; }

    public string? DeviceRelease { get; init; }

    public string? Speed { get; init; }

    public string? Product { get; init; }

    public string? SerialNumber { get; init; }

    /// <summary>Class, subclass and protocol of each interface.</summary>
    public string[]? Interfaces { get; init; }
}
