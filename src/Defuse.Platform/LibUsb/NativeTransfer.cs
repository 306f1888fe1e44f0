using System.Runtime.InteropServices;

namespace Defuse.Platform.LibUsb;

/// <summary>struct libusb_transfer, up to its isochronous packets.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeTransfer
{
    /// <summary>LIBUSB_TRANSFER_TYPE_CONTROL.</summary>
    public const byte Control = 0;

    public nint Handle;
    public byte Flags;
    public byte Endpoint;
    public byte Type;

    /// <summary>In ms; 0 means none.</summary>
    public uint Timeout;
    public LibUsbTransferStatus Status;
    public int Length;
    public int ActualLength;
    public delegate* unmanaged<NativeTransfer*, void> Callback;
    public nint UserData;
    public byte* Buffer;
    public int PacketCount;
}
