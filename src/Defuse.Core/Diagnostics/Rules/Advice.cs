using System.Collections.Immutable;
using Defuse.Devices;

namespace Defuse.Diagnostics.Rules;

/// <summary>Remedies that several rules give.</summary>
internal static class Advice
{
    /// <summary>Flashing this board with Defuse.</summary>
    public static string FlashCommand(SeenBoard board, DiagnosisContext context) => $"defuse flash FILE{Device(board, context)}";

    /// <summary>The option that names a board, with a space before it; empty where no other can be meant.</summary>
    public static string Device(SeenBoard board, DiagnosisContext context) =>
        context.Elsewhere is { } named ? $" --device {Quoted(named, context)}"
        : (context.Boards.Count(x => x.Mode is BoardMode.Dfu or BoardMode.Program) > 1 || IsOnlyTakenByName(board)) && board.Address is { } address
            ? $" --device {Quoted(address, context)}"
            : "";

    // Shells do something with nearly everything else: zsh takes a question mark for a pattern. In another computer's report there may be anything.
    private static string Quoted(string address, DiagnosisContext context)
    {
        var isWindows = context.Inventory.System.Kind == HostKind.Windows;
        return address.All(x => char.IsAsciiLetterOrDigit(x) || "-_.:/=@+,".Contains(x, StringComparison.Ordinal)) ? address
            : !isWindows ? $"'{address.Replace("'", @"'\''", StringComparison.Ordinal)}'"
            : address.All(x => !char.IsControl(x) && !"\"$`%!".Contains(x, StringComparison.Ordinal)) ? $"\"{address}\""
            : "ADDRESS";
    }

    // What offers DFU while it runs may be anything; what is simulated or on another computer is nowhere to be found.
    private static bool IsOnlyTakenByName(SeenBoard board) =>
        board is { Mode: BoardMode.Program, Program.Kind: ProgramKind.DfuRunTime }
        || board.UsbDevices.Any(x => x.IsElsewhere)
        || board.Dfu?.Address.StartsWith("dfu:", StringComparison.Ordinal) == false;

    /// <summary>Flashing it through its debug probe, by what is there for that: Defuse, the probe's drive, other people's tools.</summary>
    public static IEnumerable<Remedy> ThroughProbe(SeenBoard board, DiagnosisContext context)
    {
        if (!board.IsProbeOnly() && board.Probe is null)
        {
            yield break;
        }

        var probe = board.ProbeName();
        if (context.Targets.Contains("stlink", StringComparer.Ordinal) && board.Probe?.VendorId == SeenBoards.StMicro)
        {
            yield return new Remedy { Text = $"Flash it through its {probe}: that needs no jumper", Command = "defuse flash FILE" };
        }

        if (board.Volumes.FirstOrDefault(x => x.Path is not null) is { Path: { } drive })
        {
            yield return new Remedy
            {
                Text = $"Flash it through its {probe}, with no jumper. The command below makes firmware.bin of your file (put its name for FILE: firmware.dfu, for instance), and says where it starts: that has to be 0x08000000. Then copy firmware.bin to the drive {drive}. A file FAIL.TXT there says that it was refused; nothing checks what was written",
                Command = "defuse convert FILE -o firmware.bin",
            };
        }
        else
        {
            if (board.Volumes.FirstOrDefault(x => x.Label is not null) is { Label: { } label })
            {
                yield return new Remedy { Text = $"Flash it through its {probe}, with no jumper: open (mount) its drive {label}, and look again; then there is more to say here", Command = "defuse doctor" };
            }

            yield return new Remedy { Text = $"Flash it through its {probe} with another program (STM32CubeProgrammer, OpenOCD): that needs no jumper" };
        }
    }

    /// <summary>Starting a board's bootloader by hand, and flashing it.</summary>
    public static Remedy StartByHand(BoardProfile? board, string command)
    {
        var manual = board is { IsConfirmed: false } ? ". Check the names in your board's manual: nobody has compared them with it" : "";
        return board switch
        {
            { DfuSteps: { IsEmpty: false } steps } => new Remedy { Text = $"Start the chip's bootloader, and flash it{manual}", Steps = steps, Command = command },
            { EnterDfu: { } how } => new Remedy { Text = $"Start its bootloader, and flash it{manual}", Steps = [Capital(how)], Command = command },
            _ => new Remedy
            {
                Text = "Start its bootloader, and flash it",
                Steps =
                [
                    "Find BOOT0 on the board: a button (BOOT, BOOT0 or B0), a jumper, or a pin. Its manual says where",
                    "Connect the USB socket of the chip itself; on a board with two sockets that is not the debug probe's",
                    "Hold the button, or join BOOT0 and 3.3 V, and press the reset button; then let the button go",
                ],
                Command = command,
            },
        };
    }

    /// <summary>Giving a device the driver WinUSB on Windows.</summary>
    /// <param name="device">The device.</param>
    /// <param name="command">What flashes it then.</param>
    public static IEnumerable<Remedy> BindWinUsb(SeenUsbDevice device, string command)
    {
        var name = device.Product ?? device.SystemName ?? "the board";
        yield return new Remedy
        {
            Text = "Give it the driver WinUSB with Zadig, a free program",
            Steps =
            [
                "Get Zadig from zadig.akeo.ie and start it",
                "Choose Options > List All Devices",
                $"Choose \"{name}\" in the list, the one with USB ID {device.VendorId:X4} {device.ProductId:X4} and no other, which may be your mouse or keyboard",
                "Choose WinUSB to the right of the green arrow, and press Replace Driver (or Install Driver)",
                "Plug the board in again, with BOOT0 still high, and flash it",
            ],
            Command = command,
        };
        if (device is { VendorId: SeenBoards.StMicro, ProductId: SeenBoards.RomDfu })
        {
            yield return new Remedy { Text = "Install STM32CubeProgrammer: the driver that comes with it is WinUSB too. Then plug the board in again" };
        }

        if (IsBoundByFix(device))
        {
            yield return Fix("Let Defuse do it, as administrator: experimental, nobody has run it on Windows yet. It shows first what it will do, and `defuse doctor --undo` takes it back");
        }
    }

    // As --fix chooses: a whole device that is known as a bootloader by its ids.
    private static bool IsBoundByFix(SeenUsbDevice device) =>
        device is { Problem.Failure: AccessFailure.NoDriver or AccessFailure.WrongDriver, Interfaces: [{ Class: 0xFE, SubClass: 1 }] }
        && UsbIdDatabase.Default.Find(device.VendorId, device.ProductId, null, device.Product) is { Kind: UsbIdKind.DfuBootloader };

    /// <summary>Going back to the driver that ST's DfuSe needs.</summary>
    public static Remedy BackToDfuSe { get; } = new()
    {
        Text = "Only if you want to use ST's DfuSe again: put its driver back (from then on only DfuSe sees the board)",
        Steps = ["In Device Manager, right-click the board: Update driver > Browse my computer > Let me pick > STM Device in DFU Mode. It is in the list if DfuSe was installed once"],
    };

    /// <summary>What an obstacle comes with: its first command ready to paste, and the words around it.</summary>
    public static Remedy ByHand(string remedy)
    {
        var parts = remedy.Split('`', 3);
        return parts.Length == 3
            ? new Remedy { Text = parts[2].TrimStart(';', ' ') is { Length: > 0 } rest ? $"By hand ({rest})" : "By hand", Command = parts[1] }
            : new Remedy { Text = Capital(remedy) };
    }

    public static Remedy Fix(string text) => new() { Text = text, Command = "defuse doctor --fix", IsFix = true };

    public static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>"2", "2 and 3", "2, 3 and 5".</summary>
    public static string Listed(IEnumerable<string> items)
    {
        string[] all = [.. items];
        return all.Length < 2 ? string.Concat(all) : $"{string.Join(", ", all[..^1])} and {all[^1]}";
    }

    public static ImmutableArray<Remedy> Of(params ReadOnlySpan<Remedy?> remedies) => [.. remedies.ToArray().OfType<Remedy>()];
}
