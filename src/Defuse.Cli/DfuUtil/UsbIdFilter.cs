namespace Defuse.Cli.DfuUtil;

/// <summary>Which devices -d means: "[VID]:[PID][,[VID]:[PID]]", hexadecimal, "*" for any and "-" for none; first while it runs its program, then in DFU mode.</summary>
internal sealed record UsbIdFilter
{
    private const int Any = -1;
    private const int None = 0x1_0000;

    /// <summary>What counts where -d is not given.</summary>
    public static UsbIdFilter Everything { get; } = new();

    private (int Vendor, int Product) RunTime { get; init; } = (Any, Any);

    private (int Vendor, int Product) DfuMode { get; init; } = (Any, Any);

    public static UsbIdFilter Parse(string text)
    {
        var comma = text.IndexOf(',', StringComparison.Ordinal);
        var first = comma < 0 ? text : text[..comma];
        var runTime = comma == 0 ? (None, None) : Pair(first, (Any, Any));
        return new UsbIdFilter
        {
            RunTime = runTime,
            DfuMode = comma < 0 ? (Any, Any) : Pair(text[(comma + 1)..], comma == 0 ? (Any, Any) : runTime),
        };
    }

    /// <param name="runsProgram">Whether the device runs its program; else it is in DFU mode.</param>
    /// <param name="vendorId">idVendor.</param>
    /// <param name="productId">idProduct.</param>
    public bool Matches(bool runsProgram, int vendorId, int productId)
    {
        var (vendor, product) = runsProgram ? RunTime : DfuMode;
        return (vendor == Any || vendor == vendorId) && (product == Any || product == productId);
    }

    /// <summary>The same, with what a file's suffix names where -d left it open: a device that runs its program has to have these ids.</summary>
    public UsbIdFilter For(ushort? vendor, ushort? product) => this with
    {
        RunTime = (RunTime.Vendor == Any ? vendor ?? Any : RunTime.Vendor, RunTime.Product == Any ? product ?? Any : RunTime.Product),
    };

    /// <summary>Whether -d leaves open which vendor a device has that runs its program.</summary>
    public bool IsOpenToVendor => RunTime.Vendor == Any;

    /// <summary>Whether -d leaves open which product a device is that runs its program.</summary>
    public bool IsOpenToProduct => RunTime.Product == Any;

    /// <summary>Whether -d itself names these ids.</summary>
    public bool Names(ushort? vendor, ushort? product) =>
        (vendor is null || vendor == RunTime.Vendor) && (product is null || product == RunTime.Product);

    private static (int Vendor, int Product) Pair(string text, (int Vendor, int Product) absent)
    {
        if (text is "-" or "*")
        {
            return text is "-" ? (None, None) : (Any, Any);
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return (One(colon < 0 ? text : text[..colon], absent.Vendor), colon < 0 ? absent.Product : One(text[(colon + 1)..], absent.Product));
    }

    private static int One(string text, int absent) => text switch
    {
        "" => absent,
        "*" => Any,
        "-" => None,
        _ => (int)(CNumber.Read(text, 16, out _) & 0xFFFF),
    };
}
