using Defuse.Devices;

namespace Defuse.DataCompiler;

/// <summary>How a board's bootloader is started by hand: the keys boot0, boot1, restart, needs and condition.</summary>
internal static class BootRecords
{
    private static readonly string[] Dependent = ["boot1", "restart", "needs", "condition"];

    public static DfuByHand? Read(Record record, Problems problems)
    {
        if (record.Find("boot0") is not { } boot0)
        {
            foreach (var entry in Dependent.Select(record.Find).OfType<Entry>())
            {
                problems.Add(entry.Line, $"{entry.Key} says nothing without boot0");
            }

            return null;
        }

        if ((record.Find("obstacle") ?? record.Find("dfu")) is { } other)
        {
            problems.Add(boot0.Line, $"a board has boot0 or {other.Key}, and not both");
        }

        if (Selected(boot0) is not { } way)
        {
            problems.Add(boot0.Line, "boot0 is 'wire|pads|tie PIN, PIN' or 'jumper|switch|button NAME'");
            return null;
        }

        var needs = record.Find("needs");
        if (needs is not (null or { Value: "probe" }))
        {
            problems.Add(needs.Line, "needs is probe");
        }

        return Restarted(way, record.Find("restart"), problems) with
        {
            Boot1 = record.Find("boot1")?.Value,
            NeedsProbe = needs is not null,
            Condition = record.Find("condition")?.Value,
        };
    }

    private static DfuByHand? Selected(Entry boot0)
    {
        if (boot0.Value.Split(' ', 2) is not [var kind, var names] || !Enum.TryParse<BootSelection>(kind, ignoreCase: true, out var selection))
        {
            return null;
        }

        var isJoined = selection is BootSelection.Wire or BootSelection.Pads or BootSelection.Tie;
        return names.Split(", ") switch
        {
            [var low, var high] when isJoined => new DfuByHand { Selection = selection, Boot0 = low, High = high },
            [var name] when !isJoined => new DfuByHand { Selection = selection, Boot0 = name },
            _ => null,
        };
    }

    private static DfuByHand Restarted(DfuByHand way, Entry? restart, Problems problems)
    {
        switch (restart?.Value.Split(' ', 2))
        {
            case null:
                return way;
            case ["power"]:
                return way with { Restart = BootRestart.PowerCycle };
            case ["plug"]:
                return way with { Restart = BootRestart.PlugIn };
            case ["button", var name]:
                return way with { ResetButton = name };
            default:
                problems.Add(restart.Line, "restart is 'power', 'plug' or 'button NAME'; a reset by whatever there is without it");
                return way;
        }
    }
}
