using System.Collections.Immutable;
using Defuse.Devices;

namespace Defuse.DataCompiler;

/// <summary>What became of the data: the tables, the option bytes, the quirks and the USB ids, or what is wrong.</summary>
/// <param name="Tables">The chips and boards; null if anything is wrong.</param>
/// <param name="Options">The option bytes; null if anything is wrong.</param>
/// <param name="Quirks">The quirks; none if anything is wrong.</param>
/// <param name="UsbIds">The USB ids; none if anything is wrong.</param>
/// <param name="Problems">What is wrong, each with its file and line.</param>
internal sealed record Compilation(DeviceTables? Tables, OptionTables? Options, ImmutableArray<QuirkDraft> Quirks, ImmutableArray<UsbIdRow> UsbIds, IReadOnlyList<string> Problems)
{
    public static Compilation Of(DataFolder folder)
    {
        var problems = new Problems();
        var sources = new Sources(folder, problems);
        var chips = new ChipRecords(folder, sources, problems);
        chips.AddParts(folder);
        chips.AddLayoutStrings(folder);
        chips.AddDisagreements(folder);
        var boards = BoardRecords.Read(folder, chips, sources, problems);
        var options = OptionRecords.Read(folder, chips, sources, problems);
        var quirks = new QuirkRecords(chips, sources, problems).Read(folder);
        var usbIds = UsbIdRecords.Read(folder, sources, problems);
        return problems.All.Count > 0
            ? new Compilation(null, null, [], [], problems.All)
            : new Compilation(
                new DeviceTables([.. chips.Profiles()], [.. boards.OrderBy(x => x.Name, StringComparer.OrdinalIgnoreCase)]), options, [.. quirks], [.. usbIds], []);
    }
}
