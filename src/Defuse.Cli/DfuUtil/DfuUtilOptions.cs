using System.Globalization;
using Defuse.Connections;

namespace Defuse.Cli.DfuUtil;

/// <summary>dfu-util's command line, read.</summary>
internal sealed record DfuUtilOptions
{
    private static readonly CommandLineOption[] Known =
    [
        new('h', false, "help"),
        new('V', false, "version"),
        new('v', false, "verbose"),
        new('l', false, "list"),
        new('e', false, "detach"),
        new('E', true, "detach-delay"),
        new('d', true, "device"),
        new('n', true, "devnum"),
        new('p', true, "path"),
        new('c', true, "configuration", "cfg"),
        new('i', true, "interface", "intf"),
        new('a', true, "altsetting", "alt"),
        new('S', true, "serial"),
        new('t', true, "transfer-size"),
        new('U', true, "upload"),
        new('Z', true, "upload-size"),
        new('D', true, "download"),
        new('R', false, "reset"),
        new('s', true, "dfuse-address"),
        new('w', false, "wait"),
    ];

    public DfuUtilMode Mode { get; init; }

    public bool ShowsHelp { get; init; }

    public int Verbosity { get; init; }

    /// <summary>The file of -D or -U.</summary>
    public string File { get; init; } = "";

    public UsbIdFilter Ids { get; init; } = UsbIdFilter.Everything;

    /// <summary>-a, as it was given; null for any.</summary>
    public string? Alternate { get; init; }

    /// <summary>-a, where it is a number.</summary>
    public long? AlternateNumber => Alternate is { } text && CNumber.Read(text, 0, out var read) is var number && read == text.Length ? number : null;

    /// <summary>-s, as it was given.</summary>
    public string? DfuSe { get; init; }

    public bool Reset { get; init; }

    public bool Wait { get; init; }

    private string? Path { get; init; }

    private long? DeviceNumber { get; init; }

    private long? Configuration { get; init; }

    private long? Interface { get; init; }

    private string? RunTimeSerial { get; init; }

    private string? DfuSerial { get; init; }

    /// <exception cref="DfuUtilException">The command line is wrong.</exception>
    public static DfuUtilOptions Parse(IReadOnlyList<string> args)
    {
        var operands = new List<string>();
        var options = new DfuUtilOptions();
        foreach (var (letter, value) in GetOpt.Parse(args, Known, operands))
        {
            options = options.With(letter, value ?? "");
            if (options.ShowsHelp)
            {
                return options;
            }
        }

        return operands.Count == 0
            ? options
            : throw new DfuUtilException(SysExit.Usage, $"Error: Unexpected argument: {operands[0]}\n") { ShowsUsage = true, HasPrefix = false };
    }

    /// <summary>Whether a board may be one that is meant, as far as is known of it without opening it.</summary>
    public bool MayMatch(BoardInfo board)
    {
        var serial = board.RunsProgram ? RunTimeSerial : DfuSerial;
        return (Path is null || board.Address.Path.EndsWith(Path, StringComparison.Ordinal))
            && (string.IsNullOrEmpty(serial) || board.SerialNumber is null || string.Equals(serial, board.SerialNumber, StringComparison.Ordinal))
            && (board.UsbId?.Split(':') is not [var vendor, var product] || Ids.Matches(board.RunsProgram, Hexadecimal(vendor), Hexadecimal(product)));
    }

    /// <summary>Whether a device is one that is meant, whichever of its alternate settings.</summary>
    public bool Matches(DfuListing device)
    {
        var serial = device.RunsProgram ? RunTimeSerial : DfuSerial;
        return Ids.Matches(device.RunsProgram, device.VendorId, device.ProductId)
            && (Path is null || string.Equals(Path, device.Location, StringComparison.Ordinal))
            && (DeviceNumber is not { } number || number < 0 || number == (device.DeviceAddress ?? 0))
            && (Configuration is not { } configuration || configuration <= 0 || configuration == device.Configuration)
            && (Interface is not { } usbInterface || usbInterface < 0 || usbInterface == device.InterfaceNumber)
            && (string.IsNullOrEmpty(serial) || string.Equals(serial, device.SerialNumber, StringComparison.Ordinal));
    }

    /// <summary>Whether an alternate setting is the one that is meant. What runs a program has to be detached first: its alternate settings say nothing.</summary>
    public bool Matches(DfuListing device, DfuMemoryName memory) =>
        device.RunsProgram || Alternate is null
        || (AlternateNumber is { } number ? number < 0 || number == memory.Number : string.Equals(Alternate, memory.Name, StringComparison.Ordinal));

    private DfuUtilOptions With(char letter, string value) => letter switch
    {
        'h' => this with { ShowsHelp = true },
        'V' => this with { Mode = DfuUtilMode.Version },
        'v' => this with { Verbosity = Verbosity + 1 },
        'l' => this with { Mode = DfuUtilMode.List },
        'e' => this with { Mode = DfuUtilMode.Detach },
        'U' => this with { Mode = DfuUtilMode.Upload, File = value },
        'D' => this with { Mode = DfuUtilMode.Download, File = value },
        'd' => this with { Ids = UsbIdFilter.Parse(value) },
        'n' => this with { DeviceNumber = CNumber.Read(value, 10, out _) },
        'p' => this with { Path = value },
        'c' => this with { Configuration = Number(value, "cfg") },
        'i' => this with { Interface = Number(value, "intf") },
        'a' => this with { Alternate = value.Length == 0 ? "0" : value },
        'S' => WithSerial(value),
        'R' => this with { Reset = true },
        's' => this with { DfuSe = value },
        'w' => this with { Wait = true },

        // What these are for the library decides itself, or finds out; that they are numbers is checked all the same.
        'E' => Checked(value, "detach-delay"),
        't' => Checked(value, "transfer-size"),
        'Z' => Checked(value, "upload-size"),
        _ => throw new ArgumentOutOfRangeException(nameof(letter), letter, "There is no such option."),
    };

    private DfuUtilOptions WithSerial(string value)
    {
        var comma = value.IndexOf(',', StringComparison.Ordinal);
        return comma < 0
            ? this with { RunTimeSerial = value, DfuSerial = value }
            : this with { RunTimeSerial = value[..comma], DfuSerial = value[(comma + 1)..] };
    }

    private DfuUtilOptions Checked(string value, string name)
    {
        Number(value, name);
        return this;
    }

    private static int Hexadecimal(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static long Number(string text, string name)
    {
        var number = CNumber.Read(text, 0, out var read);
        return text.Length == 0 ? throw new DfuUtilException(SysExit.Usage, $"No digits were found from the argument of --{name}\n")
            : read != text.Length ? throw new DfuUtilException(SysExit.Usage, $"Something went wrong with the argument of --{name}\n")
            : number;
    }
}
