namespace Defuse.Connections;

/// <summary>A board that is there, or that can be simulated.</summary>
public sealed record BoardInfo
{
    /// <summary>How it is named to every command.</summary>
    public required ConnectionAddress Address { get; init; }

    /// <summary>What it calls itself.</summary>
    public required string Name { get; init; }

    /// <summary>VID:PID, where it is a USB device that tells.</summary>
    public string? UsbId { get; init; }

    /// <summary>Its serial number, where it can be read. Not unique.</summary>
    public string? SerialNumber { get; init; }

    /// <summary>The address that the bus gave it, where that is known: a board that left and came back usually has another one.</summary>
    public byte? DeviceAddress { get; init; }

    /// <summary>Whether it exists only in this program.</summary>
    public bool IsSimulated { get; init; }

    /// <summary>Whether it runs its program, and enters DFU mode only when it is opened by its address; also of a device that cannot say what it is.</summary>
    public bool RunsProgram { get; init; }

    /// <summary>Whether it is a device that the system could not ask what it is: it may be a board with a bad cable, or no board.</summary>
    internal bool IsUnidentified => Access == AccessFailure.EnumerationFailed && UsbId is null;

    /// <summary>What kind of thing stands in the way of opening it; null if nothing is known to.</summary>
    public AccessFailure? Access { get; init; }

    /// <summary>The driver that is bound to it, where that is what stands in the way.</summary>
    public string? Driver { get; init; }

    /// <summary>Why it cannot be opened, in words; null if nothing is known to stand in the way.</summary>
    public string? Problem { get; init; }

    /// <summary>What a person can do about the problem.</summary>
    public string? Remedy { get; init; }
}
