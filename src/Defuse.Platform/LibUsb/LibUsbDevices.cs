using System.Collections.Immutable;
using System.Globalization;
using Defuse.Transports;

namespace Defuse.Platform.LibUsb;

/// <summary>What a libusb context sees. Nothing is opened.</summary>
internal static unsafe class LibUsbDevices
{
    // USB 3.2, section 8.9: a route string has five hubs behind the root's; USB 2.0 has six tiers of them at most.
    private const int MostPorts = 7;

    private const int MostInterfaces = 32;

    /// <summary>All devices but root hubs, which no port leads to.</summary>
    /// <exception cref="TransportException">libusb cannot list them.</exception>
    public static List<UsbDeviceInfo> List(ILibUsb native, LibUsbContext context)
    {
        var devices = new List<UsbDeviceInfo>();
        Each(native, context, device =>
        {
            if (Location(native, device) is { } location && Describe(native, device, location) is { } info)
            {
                devices.Add(info);
            }

            return true;
        });
        return devices;
    }

    /// <summary>The device at a place; null if there is none.</summary>
    public static (LibUsbDeviceReference Reference, UsbDeviceInfo Info)? Find(ILibUsb native, LibUsbContext context, string location)
    {
        (LibUsbDeviceReference, UsbDeviceInfo)? found = null;
        Each(native, context, device =>
        {
            if (Location(native, device) == location && Describe(native, device, location) is { } info)
            {
                found = (new LibUsbDeviceReference(native, device), info);
            }

            return found is null;
        });
        return found;
    }

    private static void Each(ILibUsb native, LibUsbContext context, Func<nint, bool> goesOn)
    {
        var count = native.GetDeviceList(context, out var list);
        if (count < 0)
        {
            throw new TransportException(TransportFailure.Fault, $"libusb cannot list the USB devices ({LibUsbErrors.Name((LibUsbError)count)})");
        }

        try
        {
            for (nint i = 0; i < count && goesOn(list[i]); i++)
            {
            }
        }
        finally
        {
            native.FreeDeviceList(list, unreference: true);
        }
    }

    private static string? Location(ILibUsb native, nint device)
    {
        Span<byte> ports = stackalloc byte[MostPorts];
        var depth = native.GetPortNumbers(device, ports);
        return depth is > 0 and <= MostPorts
            ? string.Create(CultureInfo.InvariantCulture, $"{native.GetBusNumber(device)}-{string.Join('.', ports[..depth].ToArray())}")
            : null;
    }

    private static UsbDeviceInfo? Describe(ILibUsb native, nint device, string location) =>
        native.GetDeviceDescriptor(device, out var descriptor) == LibUsbError.Success
            ? new UsbDeviceInfo
            {
                Location = location,
                VendorId = descriptor.VendorId,
                ProductId = descriptor.ProductId,
                DeviceRelease = descriptor.DeviceRelease,
                DeviceAddress = native.GetDeviceAddress(device) is > 0 and var address ? address : null,
                Speed = Speed(native.GetDeviceSpeed(device)),
                Interfaces = Interfaces(native, device),
            }
            : null;

    // enum libusb_speed has no wireless USB, and so other numbers from there on.
    private static UsbSpeed Speed(int speed) => speed switch
    {
        1 => UsbSpeed.Low,
        2 => UsbSpeed.Full,
        3 => UsbSpeed.High,
        4 => UsbSpeed.Super,
        5 or 6 => UsbSpeed.SuperPlus,
        _ => UsbSpeed.Unknown,
    };

    private static ImmutableArray<UsbInterfaceInfo> Interfaces(ILibUsb native, nint device)
    {
        if (native.GetActiveConfigDescriptor(device, out var configuration) != LibUsbError.Success || configuration is null)
        {
            return [];
        }

        try
        {
            var found = ImmutableArray.CreateBuilder<UsbInterfaceInfo>();
            for (var i = 0; configuration->Interfaces is not null && i < Math.Min((int)configuration->InterfaceCount, MostInterfaces); i++)
            {
                var settings = configuration->Interfaces[i];
                if (settings.AlternateSettings is not null && settings.AlternateSettingCount > 0)
                {
                    var first = settings.AlternateSettings[0];
                    found.Add(new UsbInterfaceInfo(first.InterfaceClass, first.InterfaceSubClass, first.InterfaceProtocol));
                }
            }

            return found.ToImmutable();
        }
        finally
        {
            native.FreeConfigDescriptor(configuration);
        }
    }
}
