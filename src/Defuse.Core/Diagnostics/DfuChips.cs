using Defuse.Devices;
using Defuse.Targets.Dfu;

namespace Defuse.Diagnostics;

/// <summary>Which chips a device in DFU mode may have, as far as is known without asking it more.</summary>
internal static class DfuChips
{
    /// <summary>The names of the chips; null if nothing is known of them.</summary>
    /// <param name="device">The device: Linux shows the name of its flash, which tells the sectors.</param>
    /// <param name="condition">What it said when it was opened; null if it was not.</param>
    public static IReadOnlyCollection<string>? Of(SeenUsbDevice device, DfuCondition? condition)
    {
        if (condition is { Chips.IsEmpty: false })
        {
            return condition.Chips;
        }

        var names = condition is { Memories.IsEmpty: false } ? condition.Memories : device.Interfaces.Where(SeenRole.IsDfu).Select(x => x.Name);
        var regions = names.Select((x, i) => MemoryLayoutString.TryParse(x, (byte)Math.Min(i, byte.MaxValue))).OfType<MemoryRegion>().ToList();
        var chips = ChipDatabase.Default.Identify(regions, device.DeviceRelease);
        return chips.IsEmpty ? null : [.. chips.Select(x => x.Chip.Name)];
    }
}
