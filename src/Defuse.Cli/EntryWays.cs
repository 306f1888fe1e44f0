using Defuse.Entering;

namespace Defuse.Cli;

/// <summary>The ways from a program to its bootloader, as they are written.</summary>
internal static class EntryWays
{
    private static readonly Dictionary<string, EntryWay> Words = new(StringComparer.Ordinal)
    {
        ["detach"] = EntryWay.DfuDetach,
        ["touch-1200"] = EntryWay.Touch1200,
        ["micropython"] = EntryWay.MicroPythonRepl,
        ["betaflight"] = EntryWay.Betaflight,
        ["serial-r"] = EntryWay.SerialR,
        ["ardupilot"] = EntryWay.ArduPilot,
        ["modem-lines"] = EntryWay.ModemLines,
    };

    public static IReadOnlyDictionary<string, EntryWay> All => Words;

    public static string Word(EntryWay way) => Words.First(x => x.Value == way).Key;
}
