using Defuse.Devices;
using Defuse.Entering;

namespace Defuse.Cli.Output;

/// <summary>What came back after a board was started, for people.</summary>
internal static class ReturnText
{
    public static string Of(BoardReturn back, TargetDescription target, TimeSpan patience) =>
        $"{(NamedBy(back.Banner) is { } board ? $"{board.Name} ({target.Address})" : Texts.Device(target))}: {Seen(back, patience)}.";

    /// <summary>The word for it in JSON.</summary>
    public static string Word(BoardReturnKind kind) => kind switch
    {
        BoardReturnKind.Program => "program",
        BoardReturnKind.Bootloader => "bootloader",
        BoardReturnKind.Unreadable => "unreadable",
        _ => "nothing",
    };

    private static string Seen(BoardReturn back, TimeSpan patience) => back.Kind switch
    {
        BoardReturnKind.Program when back.Banner is { } banner => $"{Version(banner)} answers on {back.Port}",
        BoardReturnKind.Program when back.PortProblem is { } problem => $"{back.Name} is on {back.Port}, and was not asked what it is: {problem}",
        BoardReturnKind.Program when back.Program?.Kind == ProgramKind.MicroPython && back.Port is not null =>
            $"{back.Name} is on {back.Port}; a script runs there, or its prompt is busy",
        BoardReturnKind.Program => $"{back.Name} shows on USB{(back.Port is { } port ? $", with the serial port {port}" : "")}",
        BoardReturnKind.Bootloader => "its bootloader is there instead of the program: BOOT0 is probably still high; take it low, and press reset",
        BoardReturnKind.Unreadable => "something came back on USB that the system cannot read; press reset, or plug it in again",
        _ => $"nothing came back on USB within {patience.TotalSeconds:0} s: normal for a program without USB; if yours has it, BOOT0 is probably still high: take it low, and press reset",
    };

    // Between "; " and " with STM32F767".
    private static BoardProfile? NamedBy(string? banner)
    {
        var start = banner?.IndexOf("; ", StringComparison.Ordinal) ?? -1;
        var end = banner?.IndexOf(" with ", StringComparison.Ordinal) ?? -1;
        return start >= 0 && end > start ? BoardDatabase.Default.FindName(banner![(start + 2)..end]) : null;
    }

    // Up to " on 2024-02-22; NUCLEO_F767ZI with STM32F767".
    private static string Version(string banner)
    {
        var end = banner.IndexOf(" on ", StringComparison.Ordinal);
        return end < 0 ? banner : banner[..end];
    }
}
