namespace Defuse.Platform.Windows;

/// <summary>The name of a device's property, a DEVPROPKEY (devpkey.h).</summary>
/// <param name="Category">fmtid.</param>
/// <param name="Id">pid.</param>
internal readonly record struct DevicePropertyKey(Guid Category, uint Id)
{
    // Kinds of values (devpropdef.h).
    public const uint TypeUInt32 = 0x07;
    public const uint TypeString = 0x12;
    public const uint TypeStringList = 0x2012;

    private static readonly Guid Device = new("A45C254E-DF1C-4EFD-8020-67D146A850E0");
    private static readonly Guid Status = new("4340A6C5-93FA-4706-972C-7B648008A5A7");
    private static readonly Guid Bus = new("540B947E-8B40-45BC-A8A2-6A0B894CBDA2");
    private static readonly Guid Driver = new("A8B865DD-2E3D-4094-AD97-E593A70C75D6");
    private static readonly Guid Identity = new("78C34FC8-104A-4ACA-9EA4-524D52996E57");

    public static DevicePropertyKey DeviceDescription => new(Device, 2);

    public static DevicePropertyKey HardwareIds => new(Device, 3);

    public static DevicePropertyKey CompatibleIds => new(Device, 4);

    public static DevicePropertyKey Service => new(Device, 6);

    public static DevicePropertyKey Class => new(Device, 9);

    public static DevicePropertyKey FriendlyName => new(Device, 14);

    /// <summary>The name of the device's object in the kernel (DEVPKEY_Device_PDOName): "\Device\HarddiskVolume7".</summary>
    public static DevicePropertyKey DeviceObject => new(Device, 16);

    /// <summary>On the USB bus, the port of the hub that the device is plugged into.</summary>
    public static DevicePropertyKey Address => new(Device, 30);

    public static DevicePropertyKey LocationPaths => new(Device, 37);

    public static DevicePropertyKey ProblemCode => new(Status, 3);

    public static DevicePropertyKey BusReportedDescription => new(Bus, 4);

    /// <summary>The file that its driver was installed from, in Windows' folder INF.</summary>
    public static DevicePropertyKey DriverFile => new(Driver, 5);

    public static DevicePropertyKey InstanceId => new(Identity, 256);
}
