using System.Collections.Immutable;

namespace Defuse.Cli.Help;

/// <summary>What the help of the program itself says.</summary>
internal static class RootHelp
{
    public const string Description = "Flash STM32 boards over USB DFU, and prove what was written. Simulated boards need no hardware.";

    public static string Title(CommandGroup group) => group switch
    {
        CommandGroup.Boards => "Commands for boards:",
        CommandGroup.Files => "Commands for files:",
        CommandGroup.Reference => "Commands that tell what is known:",
        _ => "Other commands:",
    };

    public static ImmutableArray<string> Notes { get; } =
    [
        "",
        "Boards:",
        "  sim:nucleo-f767zi               a simulated board, here in this program",
        "  usbip://192.168.1.5/1-1         a board that a USB/IP server shares",
        "  dfu:usb-1-4.2                   a board in DFU mode, by its USB port",
        "  dfu:serial=205B33875532         the same, by its serial number",
        "  uart:/dev/ttyACM0               a board that runs its program, by its serial port",
        "  replay:trace.jsonl              a board that does again what --trace recorded",
        "",
        "Environment:",
        "  DEFUSE_DEVICE                   the board, where --device names none",
        "  DEFUSE_SIMULATOR_DIR            where simulated boards keep their flash",
        "  NO_COLOR                        if set, there is no colour",
        "",
        "Exit codes:",
        "    0  done, and verified         5  refused; the chip is unchanged",
        "    1  failed                     6  the bytes differ",
        "    2  wrong usage                7  incomplete; run it again",
        "    3  no board, or several       8  written, but not read back",
        "    4  it cannot be opened      130  cancelled",
    ];

    public static ImmutableArray<(string What, string Line)> Examples { get; } =
    [
        ("Look for boards", "defuse list"),
        ("Flash the only board that is connected", "defuse flash micropython.dfu"),
        ("Try it with no hardware", "defuse flash micropython.dfu --device sim:nucleo-f767zi"),
        ("See what is in a file", "defuse info micropython.dfu"),
        ("Have it in another format", "defuse convert micropython.dfu -o micropython.hex"),
    ];
}
