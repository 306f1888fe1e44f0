namespace Defuse.Platform.Windows;

/// <summary>What Device Manager's codes mean (CM_PROB values of cfg.h).</summary>
internal static class WindowsProblemCode
{
    public const uint None = 0;
    public const uint NotConfigured = 1;
    public const uint FailedStart = 10;
    public const uint Disabled = 22;
    public const uint FailedInstall = 28;
    public const uint FailedPostStart = 43;
    public const uint HeldForEject = 47;
    public const uint DriverBlocked = 48;
    public const uint UnsignedDriver = 52;
    public const uint UsedByDebugger = 53;

    /// <summary>What a code says, as the end of a sentence that begins with "Windows".</summary>
    public static string Meaning(uint code) => code switch
    {
        FailedStart => "could not start the device",
        12 => "found no resources for the device",
        14 => "has to be restarted before the device works",
        18 => "wants the device's driver to be installed again",
        19 => "finds the device's settings in the registry damaged",
        21 => "is just removing the device",
        Disabled => "has the device switched off",
        24 => "finds the device not present or not working",
        31 or 37 or 39 => "could not load the device's driver",
        32 => "has the device's driver switched off",
        38 => "still has an earlier instance of the device's driver loaded",
        FailedPostStart => "stopped the device because it reported a failure",
        HeldForEject => "has the device prepared for safe removal",
        DriverBlocked => "blocks the device's driver",
        UnsignedDriver => "does not accept the signature of the device's driver",
        UsedByDebugger => "keeps the device for its kernel debugger",
        54 => "is just resetting the device",
        _ => "reports a problem with the device",
    };

    /// <summary>The kind of obstacle that a code is.</summary>
    public static AccessFailure Kind(uint code) => code switch
    {
        NotConfigured or FailedInstall => AccessFailure.NoDriver,
        31 or 32 or 37 or 39 or DriverBlocked or UnsignedDriver => AccessFailure.WrongDriver,
        UsedByDebugger => AccessFailure.InUse,
        _ => AccessFailure.EnumerationFailed,
    };
}
