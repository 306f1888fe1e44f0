namespace Defuse.Transports;

/// <summary>bRequest of the standard requests, and the descriptor types that they name (USB 2.0, tables 9-4 and 9-5).</summary>
public static class UsbStandardRequest
{
    /// <summary>GET_STATUS.</summary>
    public const byte GetStatus = 0;

    /// <summary>CLEAR_FEATURE.</summary>
    public const byte ClearFeature = 1;

    /// <summary>SET_FEATURE.</summary>
    public const byte SetFeature = 3;

    /// <summary>SET_ADDRESS.</summary>
    public const byte SetAddress = 5;

    /// <summary>GET_DESCRIPTOR.</summary>
    public const byte GetDescriptor = 6;

    /// <summary>GET_CONFIGURATION.</summary>
    public const byte GetConfiguration = 8;

    /// <summary>SET_CONFIGURATION.</summary>
    public const byte SetConfiguration = 9;

    /// <summary>GET_INTERFACE.</summary>
    public const byte GetInterface = 10;

    /// <summary>SET_INTERFACE.</summary>
    public const byte SetInterface = 11;

    /// <summary>Descriptor type DEVICE.</summary>
    public const byte DeviceDescriptor = 1;

    /// <summary>Descriptor type CONFIGURATION.</summary>
    public const byte ConfigurationDescriptor = 2;

    /// <summary>Descriptor type STRING.</summary>
    public const byte StringDescriptor = 3;

    /// <summary>Descriptor type INTERFACE.</summary>
    public const byte InterfaceDescriptor = 4;
}
