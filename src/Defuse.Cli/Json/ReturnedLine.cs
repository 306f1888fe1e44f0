using Defuse.Cli.Output;
using Defuse.Entering;

namespace Defuse.Cli.Json;

/// <summary>What came back at the board's USB port after it was started.</summary>
/// <param name="Kind">program, bootloader, unreadable or nothing.</param>
/// <param name="Name">What to call it.</param>
/// <param name="UsbId">VID:PID.</param>
/// <param name="Port">Its serial port.</param>
/// <param name="Banner">What MicroPython answered.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record ReturnedLine(string Kind, string? Name, string? UsbId, string? Port, string? Banner, double Seconds) : JsonLine("returned")
{
    public static ReturnedLine Of(BoardReturn back) => new(
        ReturnText.Word(back.Kind),
        back.Name,
        back.UsbId,
        back.Port,
        back.Banner,
        Math.Round(back.Elapsed.TotalSeconds, 3));
}
