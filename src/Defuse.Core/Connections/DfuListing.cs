using System.Collections.Immutable;

namespace Defuse.Connections;

/// <summary>A USB device with a DFU interface, as its descriptors describe it: what was read without changing its state.</summary>
/// <remarks>Of a device that cannot be opened, what is known without opening it; <see cref="Problem"/> says why.</remarks>
public sealed record DfuListing
{
    /// <summary>How it is named to every command.</summary>
    public required ConnectionAddress Address { get; init; }

    /// <summary>Where it is plugged in, as its host names it: a bus and a port chain ("1-4.2"), a USB/IP bus id, a simulated board.</summary>
    public required string Location { get; init; }

    /// <summary>idVendor.</summary>
    public required ushort VendorId { get; init; }

    /// <summary>idProduct.</summary>
    public required ushort ProductId { get; init; }

    /// <summary>bcdDevice.</summary>
    public ushort DeviceRelease { get; init; }

    /// <summary>The address that the bus gave it, 1 to 127; null where the host does not tell.</summary>
    public byte? DeviceAddress { get; init; }

    /// <summary>bConfigurationValue of the configuration that has the DFU interface.</summary>
    public byte Configuration { get; init; }

    /// <summary>bInterfaceNumber of the DFU interface.</summary>
    public byte InterfaceNumber { get; init; }

    /// <summary>Whether it runs its program, and enters DFU mode only after a detach (bInterfaceProtocol 1).</summary>
    public bool RunsProgram { get; init; }

    /// <summary>The alternate settings of the DFU interface, in the descriptor's order; empty if they could not be read.</summary>
    public ImmutableArray<DfuMemoryName> Memories { get; init; } = [];

    /// <summary>The serial number; null if it has none, or does not tell.</summary>
    public string? SerialNumber { get; init; }

    /// <summary>bmAttributes of the DFU functional descriptor (USB DFU 1.1, table 4.2).</summary>
    public byte Attributes { get; init; }

    /// <summary>wDetachTimeOut, in milliseconds.</summary>
    public ushort DetachTimeout { get; init; }

    /// <summary>wTransferSize, in bytes; 0 if there is no DFU functional descriptor.</summary>
    public ushort TransferSize { get; init; }

    /// <summary>bcdDFUVersion: 0x0110, or 0x011A for DfuSe; 0 if there is no DFU functional descriptor.</summary>
    public ushort DfuVersion { get; init; }

    /// <summary>Whether it takes firmware (bitCanDnload).</summary>
    public bool CanDownload => (Attributes & 1) != 0;

    /// <summary>Whether it gives its memory away (bitCanUpload).</summary>
    public bool CanUpload => (Attributes & 2) != 0;

    /// <summary>Whether it answers on after it took an image (bitManifestationTolerant).</summary>
    public bool IsManifestationTolerant => (Attributes & 4) != 0;

    /// <summary>Whether it leaves the bus by itself when it is told to detach (bitWillDetach).</summary>
    public bool WillDetach => (Attributes & 8) != 0;

    /// <summary>Why it cannot be opened or read, in words; null if it can.</summary>
    public string? Problem { get; init; }

    /// <summary>What a person can do about the problem.</summary>
    public string? Remedy { get; init; }

    /// <inheritdoc/>
    public bool Equals(DfuListing? other) =>
        other is not null
        && Address.Equals(other.Address)
        && string.Equals(Location, other.Location, StringComparison.Ordinal)
        && (VendorId, ProductId, DeviceRelease, DeviceAddress) == (other.VendorId, other.ProductId, other.DeviceRelease, other.DeviceAddress)
        && (Configuration, InterfaceNumber, RunsProgram) == (other.Configuration, other.InterfaceNumber, other.RunsProgram)
        && Memories.SequenceEqual(other.Memories)
        && string.Equals(SerialNumber, other.SerialNumber, StringComparison.Ordinal)
        && (Attributes, DetachTimeout, TransferSize, DfuVersion) == (other.Attributes, other.DetachTimeout, other.TransferSize, other.DfuVersion)
        && string.Equals(Problem, other.Problem, StringComparison.Ordinal)
        && string.Equals(Remedy, other.Remedy, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Address, VendorId, ProductId, InterfaceNumber, SerialNumber);
}
