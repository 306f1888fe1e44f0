using System.Collections.Immutable;

namespace Defuse.Transports;

/// <summary>A serial port of a USB device: its two interfaces and its data endpoints (USB CDC PSTN 1.2, section 3.2.2).</summary>
/// <param name="ControlInterface">bInterfaceNumber of the communications interface.</param>
/// <param name="DataInterface">bInterfaceNumber of the data interface.</param>
/// <param name="InEndpoint">bEndpointAddress of the bulk IN endpoint.</param>
/// <param name="OutEndpoint">bEndpointAddress of the bulk OUT endpoint.</param>
internal readonly record struct CdcAcmFunction(byte ControlInterface, byte DataInterface, byte InEndpoint, byte OutEndpoint)
{
    private const byte EndpointDescriptor = 5, ClassInterface = 0x24, UnionDescriptor = 6, Bulk = 2;
    private const byte Communications = 2, AbstractControlModel = 2;

    /// <summary>The functions that a configuration descriptor describes; those that lack an interface or an endpoint are left out.</summary>
    public static ImmutableArray<CdcAcmFunction> Find(ReadOnlySpan<byte> configuration)
    {
        var data = new List<(byte Control, byte Data)>();
        var endpoints = new List<(byte Interface, byte Address)>();
        byte current = 0;
        var isControl = false;
        while (configuration.Length >= 2 && configuration[0] >= 2 && configuration[0] <= configuration.Length)
        {
            var descriptor = configuration[..configuration[0]];
            switch (descriptor[1])
            {
                case UsbStandardRequest.InterfaceDescriptor when descriptor.Length >= 9:
                    current = descriptor[2];
                    isControl = descriptor[5] == Communications && descriptor[6] == AbstractControlModel;
                    break;
                case ClassInterface when isControl && descriptor.Length >= 5 && descriptor[2] == UnionDescriptor:
                    data.Add((current, descriptor[4]));
                    break;
                case EndpointDescriptor when descriptor.Length >= 7 && (descriptor[3] & 3) == Bulk:
                    endpoints.Add((current, descriptor[2]));
                    break;
                default:
                    break;
            }

            configuration = configuration[descriptor.Length..];
        }

        return
        [
            .. from pair in data
               let own = endpoints.Where(x => x.Interface == pair.Data).Select(x => x.Address).ToList()
               where own.Exists(IsIn) && own.Exists(x => !IsIn(x))
               select new CdcAcmFunction(pair.Control, pair.Data, own.Find(IsIn), own.Find(x => !IsIn(x))),
        ];
    }

    private static bool IsIn(byte address) => (address & 0x80) != 0;
}
