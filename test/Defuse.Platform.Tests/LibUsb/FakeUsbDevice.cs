using Defuse.Platform.LibUsb;
using Defuse.Transports;

namespace Defuse.Platform.Tests.LibUsb;

/// <summary>How a device answers one control transfer; null means that it never does.</summary>
internal sealed record FakeAnswer(LibUsbTransferStatus Status, byte[] Data)
{
    /// <summary>What libusb says that it transferred, where that is not what it did.</summary>
    public int? Length { get; init; }
}

/// <summary>A device on the fake bus.</summary>
internal sealed class FakeUsbDevice
{
    public byte Bus { get; init; } = 1;

    public byte[] Ports { get; init; } = [1];

    /// <summary>What libusb_get_port_numbers returns, where that is not their number.</summary>
    public int? PortResult { get; init; }

    public byte Address { get; init; } = 5;

    public int Speed { get; init; } = 2;

    public NativeDeviceDescriptor Descriptor { get; init; } = new()
    {
        Length = 18, DescriptorType = 1, VendorId = 0x0483, ProductId = 0xDF11, DeviceRelease = 0x2200, Product = 2, SerialNumber = 3, ConfigurationCount = 1,
    };

    public LibUsbError DescriptorError { get; init; }

    public FakeConfiguration Configuration { get; init; } = FakeConfiguration.Dfu;

    public LibUsbError OpenError { get; set; }

    /// <summary>Interfaces that a driver of the kernel has.</summary>
    public HashSet<int> KernelDrivers { get; } = [];

    /// <summary>Interfaces that another process has.</summary>
    public HashSet<int> TakenByOthers { get; } = [];

    public Func<UsbSetupPacket, byte[], FakeAnswer?> Answer { get; set; } = static (setup, _) => Strings(setup, "STM32  BOOTLOADER", "205B33875532");

    public static FakeAnswer Strings(UsbSetupPacket setup, string product, string serial)
    {
        byte[] data = setup.Value switch
        {
            0x0100 => [18, 1, 0, 2, 0, 0, 0, 64, 0x83, 4, 0x11, 0xDF, 0, 0x22, 1, 2, 3, 1],
            0x0302 => Text(product),
            0x0303 => Text(serial),
            _ => [.. Enumerable.Range(0, setup.IsIn ? setup.Length : 0).Select(x => (byte)x)],
        };
        return new FakeAnswer(LibUsbTransferStatus.Completed, [.. data.Take(setup.Length)]);
    }

    private static byte[] Text(string text) => [(byte)(2 + (2 * text.Length)), 3, .. System.Text.Encoding.Unicode.GetBytes(text)];
}

/// <summary>What is wrong or right with a configuration descriptor.</summary>
internal enum FakeConfiguration
{
    Dfu,
    NotFound,
    NoInterfaces,
    NoAlternateSettings,
    NegativeCount,
}
