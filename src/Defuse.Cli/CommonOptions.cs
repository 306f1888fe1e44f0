using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using Defuse.Cli.Output;
using Defuse.Connections;
using Defuse.Devices;
using Defuse.Formats;
using Defuse.Images;
using Defuse.Planning;

namespace Defuse.Cli;

/// <summary>The options that several commands have.</summary>
internal sealed class CommonOptions
{
    /// <summary>What --allow can say of the file alone.</summary>
    public static readonly ImmutableArray<string> FileAllowances = ["image", "crc", "eof", "trailing"];

    public const string RangeName = "START+LENGTH";

    private static readonly Dictionary<string, Allowances> AllowanceNames = new(StringComparer.Ordinal)
    {
        ["image"] = Formats.FileAllowances.Image,
        ["crc"] = Formats.FileAllowances.Crc,
        ["eof"] = Formats.FileAllowances.Eof,
        ["trailing"] = Formats.FileAllowances.Trailing,
        ["chip"] = FlashAllowances.Chip,
        ["outside"] = FlashAllowances.Outside,
        ["protected"] = FlashAllowances.Protected,
        ["otp-for-good"] = FlashAllowances.OtpForGood,
    };

    private static readonly Dictionary<string, ColorChoice> Colors = new(StringComparer.Ordinal)
    {
        ["auto"] = ColorChoice.Auto,
        ["always"] = ColorChoice.Always,
        ["never"] = ColorChoice.Never,
    };

    public CommonOptions()
    {
        Device = new Option<ConnectionAddress?>("--device", "-d")
        {
            Description = "The board: sim:BOARD, usbip://HOST[:PORT]/BUSID, dfu:usb-PORTS, dfu:serial=SERIAL, uart:PORT (its program's serial port) or replay:FILE. Without it, the one in DEFUSE_DEVICE, or the only one that is connected.",
            HelpName = "ADDRESS",
            CustomParser = result => ParseDevice(result, result.Tokens[0]),
        };
        Device.CompletionSources.Add(_ => SimulatedBoards.All.Select(x => $"sim:{x.Name}"));
        Complete(Color, Colors.Keys);
        Color.CustomParser = result => ParseName(result, Colors);
    }

    /// <summary>Which board.</summary>
    public Option<ConnectionAddress?> Device { get; }

    /// <summary>Where every transfer with the board is recorded.</summary>
    public Option<string?> Trace { get; } = new("--trace")
    {
        Description = "Record every transfer with the board in FILE: JSON lines, with serial numbers replaced and the firmware as it is. --device replay:FILE plays it again.",
        HelpName = "FILE",
    };

    /// <summary>Whether stdout gets JSON lines.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Print JSON lines on stdout; the last one is the result." };

    /// <summary>Whether there is no live display.</summary>
    public Option<bool> NoProgress { get; } = new("--no-progress") { Description = "Print plain lines instead of the live display." };

    /// <summary>When there is colour.</summary>
    public Option<ColorChoice> Color { get; } = new("--color")
    {
        Description = "Use colour: auto (the default: on a terminal, unless NO_COLOR is set), always or never.",
        HelpName = "WHEN",
        Recursive = true,
    };

    /// <summary>Whether only errors are printed.</summary>
    public Option<bool> Quiet { get; } = new("--quiet", "-q") { Description = "Print errors only.", Recursive = true };

    /// <summary>Whether details are printed.</summary>
    public Option<bool> Verbose { get; } = new("--verbose", "-v") { Description = "Print details as well.", Recursive = true };

    public static Argument<string> File() => new("FILE") { Description = $"The firmware: {FormatTable.Files}. What it is, its content says." };

    /// <summary>Which boards: the option given once for each.</summary>
    public static Option<ConnectionAddress[]> Devices(CommonOptions common)
    {
        var devices = new Option<ConnectionAddress[]>("--device", "-d")
        {
            Description = common.Device.Description + " Given several times, these boards side by side.",
            HelpName = common.Device.HelpName,
            CustomParser = result => [.. result.Tokens.Select(x => ParseDevice(result, x)).OfType<ConnectionAddress>()],
        };
        devices.CompletionSources.AddRange(common.Device.CompletionSources);
        return devices;
    }

    public static Option<uint?> Address(string description) => new("--address", "-a")
    {
        Description = description,
        HelpName = "ADDRESS",
        CustomParser = result => Numbers.TryParseAddress(result.Tokens[0].Value, out var address)
            ? address
            : Fail<uint?>(result, $"'{result.Tokens[0].Value}' is no address; {Numbers.Advise(result.Tokens[0].Value, "0x08000000")}"),
    };

    public static Option<AddressRange?> Range(string description) => new("--range")
    {
        Description = description,
        HelpName = RangeName,
        CustomParser = result => ParseRange(result, result.Tokens[0]),
    };

    /// <summary>Ranges, the option given once for each.</summary>
    public static Option<AddressRange[]> Ranges(string description) => new("--range")
    {
        Description = description,
        HelpName = RangeName,
        CustomParser = result => [.. result.Tokens.Select(x => ParseRange(result, x)).OfType<AddressRange>()],
    };

    /// <summary>What outlives the erase: ranges, and everything that the file has no bytes for.</summary>
    public static Option<KeepChoice?> Keep()
    {
        var option = new Option<KeepChoice?>("--keep")
        {
            Description = "Preserve bytes across the erase: read them first, write them back, verify them. START+LENGTH, as often as wanted, or unwritten: all that the file has no bytes for.",
            HelpName = "WHAT",
            Arity = ArgumentArity.OneOrMore,
            CustomParser = result => new KeepChoice(
                result.Tokens.Any(x => x.Value == KeepChoice.Everything),
                [.. result.Tokens.Where(x => x.Value != KeepChoice.Everything).Select(x => ParseRange(result, x)).OfType<AddressRange>()]),
        };
        Complete(option, [KeepChoice.Everything]);
        return option;
    }

    /// <summary>Where to save what will be overwritten.</summary>
    public static Option<string?> Backup() => new("--backup")
    {
        Description = "Save what will be erased to this file first; flash it to restore it. Its extension says the format. A file that is there already is not overwritten.",
        HelpName = "FILE",
    };

    /// <summary>Whether what comes back after a start is not looked at.</summary>
    public static Option<bool> NoFollow() => new("--no-follow") { Description = "Do not look, for up to 5 s, what comes back on USB after the program was started." };

    /// <summary>A board that need not be connected.</summary>
    public static Option<KnownTarget?> Board(string description)
    {
        var board = new Option<KnownTarget?>("--board", "-b")
        {
            Description = description,
            HelpName = "BOARD",
            CustomParser = result => KnownTarget.Parse(result, KnownTarget.OfBoard),
        };
        board.CompletionSources.Add(_ => BoardDatabase.Default.Boards.Select(x => x.Name));
        return board;
    }

    /// <summary>A chip that need not be connected.</summary>
    public static Option<KnownTarget?> Chip(string description)
    {
        var chip = new Option<KnownTarget?>("--chip", "-c")
        {
            Description = description,
            HelpName = "CHIP",
            CustomParser = result => KnownTarget.Parse(result, KnownTarget.OfChip),
        };
        chip.CompletionSources.Add(_ => ChipDatabase.Default.Chips.SelectMany(x => x.Parts).Select(x => x.Name));
        return chip;
    }

    /// <param name="names">Those that the command can use.</param>
    public static Option<Allowances> Allow(params ReadOnlySpan<string> names)
    {
        string[] wanted = [.. names];
        var known = AllowanceNames.Where(x => wanted.Contains(x.Key, StringComparer.Ordinal)).ToDictionary(StringComparer.Ordinal);
        var option = new Option<Allowances>("--allow")
        {
            Description = $"Go on in spite of a refusal, which says the word: {string.Join(", ", wanted)}. Several go with commas.",
            HelpName = "WHAT",
            Arity = ArgumentArity.OneOrMore,
            CustomParser = result => result.Tokens
                .SelectMany(x => x.Value.Split(','))
                .Aggregate(default(Allowances), (all, name) => all | ParseName(result, known, name)),
        };
        Complete(option, wanted);
        return option;
    }

    /// <summary>A format to write.</summary>
    public static Option<FirmwareFormat?> Format(string name, string description)
    {
        var formats = FormatTable.Written.ToDictionary(x => x.Name, x => (FirmwareFormat?)x.Format, StringComparer.Ordinal);
        var option = new Option<FirmwareFormat?>(name)
        {
            Description = description,
            HelpName = string.Join('|', formats.Keys),
            CustomParser = result => ParseName(result, formats),
        };
        Complete(option, formats.Keys);
        return option;
    }

    public static T? Fail<T>(ArgumentResult result, string message)
    {
        result.AddError(message);
        return default;
    }

    // Instead of the members of the enumeration, which are there by themselves.
    private static void Complete(Option option, IEnumerable<string> names)
    {
        option.CompletionSources.Clear();
        option.CompletionSources.Add([.. names]);
    }

    private static ConnectionAddress? ParseDevice(ArgumentResult result, Token token)
    {
        try
        {
            return ConnectionAddress.Parse(token.Value);
        }
        catch (ConnectionException e)
        {
            return Fail<ConnectionAddress>(result, $"{e.Message}; {e.Remedy}.");
        }
    }

    public static AddressRange? ParseRange(ArgumentResult result, Token token) => Numbers.TryParseRange(token.Value, out var range)
        ? range
        : Fail<AddressRange?>(result, $"'{token.Value}' is no range of addresses; {Numbers.Advise(token.Value, "0x08000000+128K")}");

    private static T? ParseName<T>(ArgumentResult result, Dictionary<string, T> known, string? name = null)
    {
        name ??= result.Tokens[0].Value;
        return known.TryGetValue(name, out var value)
            ? value
            : Fail<T>(result, $"'{name}' is none of {string.Join(", ", known.Keys)}.");
    }
}
