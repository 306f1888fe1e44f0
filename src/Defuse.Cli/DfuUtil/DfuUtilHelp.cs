namespace Defuse.Cli.DfuUtil;

/// <summary>How the options of dfu-util are used here.</summary>
internal static class DfuUtilHelp
{
    public static void Write(TextWriter writer)
    {
        foreach (var line in Lines)
        {
            writer.WriteLine(line);
        }
    }

    public static IReadOnlyList<string> Lines { get; } =
    [
        "Usage: dfu-util [options] -l | -D FILE | -U FILE | -e | -s :MODIFIERS",
        "",
        "What to do; the last one counts:",
        "  -l, --list                  list the devices in DFU mode, or whose program offers it",
        "  -D, --download FILE         write FILE, or stdin for -, to the device, and read it back",
        "  -U, --upload FILE           read the device's memory into FILE, which must not exist",
        "  -e, --detach                have a program leave for DFU mode",
        "  -V, --version               print the version",
        "  -h, --help                  print this",
        "",
        "Which device:",
        "  -d, --device V:P[,V:P]      USB ids, hexadecimal: of the program, and in DFU mode; * any, - none",
        "  -S, --serial SN[,SN]        serial number: of the program, and in DFU mode",
        "  -p, --path BUS-PORT.PORT    USB port, as -l shows it",
        "  -n, --devnum NUMBER         address on the bus, as -l shows it",
        "  -c, --cfg NUMBER            configuration",
        "  -i, --intf NUMBER           interface",
        "  -a, --alt NUMBER|NAME       alternate setting: one memory of the device",
        "",
        "How:",
        "  -s, --dfuse-address [ADDRESS][:LENGTH][:MODIFIERS]",
        "                              where raw bytes go to, or come from, and how many; and, with colons between them:",
        "                              leave         start the program afterwards",
        "                              mass-erase    erase all of the flash first (only with force)",
        "                              unprotect     remove read-out protection, which erases all (only with force)",
        "                              force         yes, that is meant",
        "                              will-reset    taken, and not needed",
        "  -w, --wait                  wait for the device",
        "  -v, --verbose               say more",
        "  -R, --reset                 taken; no reset of the bus is given",
        "  -E, -t, -Z NUMBER           taken, and not needed: delay, transfer size, upload size",
        "",
        "The environment variable DEFUSE_DEVICE names a device or a place to look for some: sim:nucleo-f767zi, usbip://HOST/.",
    ];
}
