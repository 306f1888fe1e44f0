using Defuse.Transports;

namespace Defuse.Simulator.Roms;

/// <summary>A ROM's answers to the standard requests (USB 2.0, section 9.4).</summary>
internal sealed class StandardRequests(IDescriptors descriptors, FunctionalDescriptorAnswer functional)
{
    private const byte SelfPowered = 1;

    private byte _configuration;
    private byte _alternateSetting;

    public bool IsConfigured => _configuration != 0;

    /// <summary>Whether a request gets no answer, ever.</summary>
    public bool IsIgnored(UsbSetupPacket setup) =>
        functional == FunctionalDescriptorAnswer.NeverAnswers
        && setup is { RequestType: 0x80 or 0x81, Request: UsbStandardRequest.GetDescriptor }
        && setup.Value >> 8 == RomDescriptors.FunctionalDescriptor;

    /// <summary>The answer, or STALL.</summary>
    /// <param name="setup">The setup packet of a standard request.</param>
    /// <param name="configured">Whether it took the device into or out of its configuration.</param>
    public UsbControlResponse Handle(UsbSetupPacket setup, out bool configured)
    {
        configured = false;
        switch (setup)
        {
            case { RequestType: 0x80 or 0x81, Request: UsbStandardRequest.GetDescriptor }:
                return Data(Descriptor((byte)(setup.Value >> 8), (byte)(setup.Value & 0xFF)), setup);
            case { RequestType: 0x80, Request: UsbStandardRequest.GetStatus, Value: 0, Index: 0 }:
                return Data([SelfPowered, 0], setup);
            case { RequestType: 0x81, Request: UsbStandardRequest.GetStatus, Value: 0, Index: 0 } when IsConfigured:
            case { RequestType: 0x82, Request: UsbStandardRequest.GetStatus, Value: 0, Index: 0 or 0x80 }:
                return Data([0, 0], setup);
            case { RequestType: 0x80, Request: UsbStandardRequest.GetConfiguration }:
                return Data([_configuration], setup);
            case { RequestType: 0x81, Request: UsbStandardRequest.GetInterface, Value: 0, Index: 0 } when IsConfigured:
                return Data([_alternateSetting], setup);
            case { RequestType: 0x00, Request: UsbStandardRequest.SetAddress }:
            case { RequestType: 0x02, Request: UsbStandardRequest.ClearFeature, Value: 0, Index: 0 or 0x80 }:
                return UsbControlResponse.Ack;
            case { RequestType: 0x00, Request: UsbStandardRequest.SetConfiguration, Value: 0 or 1 }:
                configured = _configuration != setup.Value;
                _configuration = (byte)setup.Value;
                _alternateSetting = configured ? (byte)0 : _alternateSetting;
                return UsbControlResponse.Ack;
            case { RequestType: 0x01, Request: UsbStandardRequest.SetInterface, Index: 0 }
                when IsConfigured && setup.Value < descriptors.AlternateSettings:
                _alternateSetting = (byte)setup.Value;
                return UsbControlResponse.Ack;
            default:
                return UsbControlResponse.Stall;
        }
    }

    private static UsbControlResponse Data(byte[]? data, UsbSetupPacket setup) => data is null
        ? UsbControlResponse.Stall
        : new(UsbControlStatus.Ack, data.AsMemory(0, Math.Min(data.Length, setup.Length)));

    // A full-speed device has no DEVICE_QUALIFIER; the default refuses it as any other type.
    private byte[]? Descriptor(byte type, byte index) => type switch
    {
        UsbStandardRequest.DeviceDescriptor when index == 0 => descriptors.Device,
        UsbStandardRequest.ConfigurationDescriptor when index == 0 => descriptors.Configuration,
        UsbStandardRequest.StringDescriptor => descriptors.String(index),
        RomDescriptors.FunctionalDescriptor when functional == FunctionalDescriptorAnswer.Answers => descriptors.Functional,
        _ => null,
    };
}
