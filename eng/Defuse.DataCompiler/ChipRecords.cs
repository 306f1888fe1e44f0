using System.Globalization;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Targets.Dfu;

namespace Defuse.DataCompiler;

/// <summary>The chips: data/chips, with what parts.csv, layout-strings.txt and disagreements.txt add to them.</summary>
internal sealed class ChipRecords
{
    private static readonly string[] Single =
    [
        "family", "lines", "cpu", "idcode", "program-unit", "erased", "system", "option-bytes", "option-register", "bank-bit", "uid", "flash-size", "generic-map",
        "otp", "data-eeprom", "usb-dfu", "release",
    ];

    private static readonly string[] Several = ["layout", "ram"];

    private static readonly string[] Needed = ["family", "lines", "cpu", "layout", "ram", "program-unit", "erased", "usb-dfu"];

    private readonly Dictionary<ushort, ChipDraft> _chips = [];
    private readonly Dictionary<string, (ushort Chip, long Flash)> _parts = new(StringComparer.Ordinal);
    private readonly Problems _problems;

    private readonly Sources _sources;

    public ChipRecords(DataFolder folder, Sources sources, Problems problems)
    {
        _problems = problems;
        _sources = sources;
        foreach (var file in folder.FilesIn("chips"))
        {
            foreach (var record in Record.Read(folder.Lines(file), "chip", Single, Several, problems))
            {
                Add(record);
            }
        }
    }

    /// <summary>Whether there is a chip of this id.</summary>
    public bool Has(ushort id) => _chips.ContainsKey(id);

    /// <summary>The chip and the flash of a part, or null.</summary>
    public (ushort Chip, long Flash)? Part(string name) => _parts.TryGetValue(name, out var part) ? part : null;

    public void AddParts(DataFolder folder)
    {
        foreach (var line in folder.Lines("parts.csv").Skip(1))
        {
            if (line.Text.Split(',') is not [var name, var chip, var flash, var ram] || !long.TryParse(flash, NumberStyles.None, CultureInfo.InvariantCulture, out var kilobytes))
            {
                _problems.Add(line, "a part is 'part,chip,flash in KB,ram'");
            }
            else if (Chip(line, chip) is { } draft)
            {
                AddPart(line, draft, name, kilobytes * 1024, ram);
            }
        }

        foreach (var draft in _chips.Values)
        {
            foreach (var (layout, line) in draft.Layouts.Where(x => draft.Parts.TrueForAll(y => y.FlashBytes != x.Layout.ByteCount)))
            {
                _problems.Add(line, $"no part has a flash of {layout.ByteCount / 1024} KB");
            }

            foreach (var entry in draft.Record.All("ram").Where(x => !draft.Parts.Exists(y => ReferenceEquals(y.Ram.FirstOrDefault(), draft.Ram[Label(x)][0]))))
            {
                _problems.Add(entry.Line, $"no part has the RAM {Label(entry)}");
            }
        }
    }

    public void AddLayoutStrings(DataFolder folder)
    {
        var seen = new HashSet<(ushort, string)>();
        foreach (var line in folder.Lines("layout-strings.txt"))
        {
            if (line.Cells is not [var ids, var from, var release, var kind, var alternate, var text, var source]
                || !byte.TryParse(alternate, CultureInfo.InvariantCulture, out var number)
                || kind is not ("V" or "C" or "D"))
            {
                _problems.Add(line, "a layout string is 'chips | from | bcdDevice | V, C or D | alternate setting | string | source'");
                continue;
            }

            _ = _sources.Describe(line, source, "this string");
            var drafts = ids.Split(' ').Select(x => Chip(line, x)).OfType<ChipDraft>().ToList();
            if (MemoryLayoutString.TryParse(text, number) is not { } region)
            {
                _problems.Add(line, "this is no layout string");
                continue;
            }

            if (kind is not "D" && drafts.Count > 0 && !drafts.Exists(x => Agrees(x, region)))
            {
                _problems.Add(line, $"no layout, option bytes, OTP or EEPROM of {string.Join(" or ", drafts.Select(x => x.Record.Title))} is as this string says");
            }

            if (from is "ROM" && kind is "V" && drafts.Count == 1)
            {
                CheckRelease(line, drafts[0], release);
                if (seen.Add((drafts[0].Id, text)))
                {
                    drafts[0].Seen.Add(region);
                }
            }
        }
    }

    public void AddDisagreements(DataFolder folder)
    {
        foreach (var line in folder.Lines("disagreements.txt"))
        {
            if (line.Cells is not [var ids, var figure, var taken, var others, var reason] || others.Length == 0 || reason.Length == 0)
            {
                _problems.Add(line, "a disagreement is 'chips | figure | taken | the others with their sources | why'");
                continue;
            }

            foreach (var draft in ids.Split(' ').Select(x => Chip(line, x)).OfType<ChipDraft>())
            {
                var values = draft.Record.All(figure).Select(x => x.Value).ToList();
                var none = string.Equals(taken, "nothing", StringComparison.Ordinal);
                if (none ? values.Count > 0 : !values.Exists(x => x.Contains(taken, StringComparison.Ordinal)))
                {
                    _problems.Add(line, $"{draft.Record.Title} has {figure} {string.Join(" and ", values.DefaultIfEmpty("nowhere"))}, not '{taken}'");
                }

                draft.Disagreements.Add(new Disagreement(figure, taken, others, reason));
            }
        }
    }

    public IEnumerable<ChipProfile> Profiles() => _chips.Values.OrderBy(x => x.Id).Select(Profile);

    private static ChipProfile Profile(ChipDraft draft)
    {
        var record = draft.Record;
        var dfu = record.Find("usb-dfu")!.Value.Split(' ', 2);
        return new ChipProfile
        {
            Id = draft.Id,
            Name = record.Title,
            Family = record.Find("family")!.Value,
            Lines = [.. draft.Lines],
            Cpu = record.Find("cpu")!.Value,
            Parts = [.. draft.Parts.OrderBy(x => x.Name, StringComparer.Ordinal)],
            Layouts = [.. draft.Layouts.Select(x => Named(x.Layout, draft))],
            RamRegions = [.. draft.Ram[Label(record.Find("ram")!)]],
            WriteUnit = (int)Figures.Size(record.Find("program-unit")!.Value)!.Value,
            ErasedByte = record.Find("erased")!.Value is "0x00" ? (byte)0 : (byte)0xFF,
            SystemMemory = Range(record, "system"),
            UsbDfu = new UsbDfuSupport(dfu[0] switch { "yes" => UsbDfuPresence.Yes, "no" => UsbDfuPresence.No, _ => UsbDfuPresence.Unknown }, dfu[1]),
            DeviceReleases = [.. Releases(record)],
            SeenRegions = [.. draft.Seen],
            OptionBytes = Range(record, "option-bytes"),
            OptionRegister = Address(record, "option-register"),
            GenericMap = record.Find("generic-map")?.Value,
            BankMode = record.Find("bank-bit") is { } bit ? Figures.Bank(bit.Value) : null,
            UniqueId = Address(record, "uid"),
            FlashSizeRegister = Address(record, "flash-size"),
            IdCodeRegister = Address(record, "idcode"),
            Otp = Range(record, "otp"),
            DataEeprom = Range(record, "data-eeprom"),
            Sources = [.. draft.Sources],
            Disagreements = [.. draft.Disagreements],
        };
    }

    // "2 MB", and where the chip can do both, "2 MB in a single bank" and "2 MB in dual bank".
    private static FlashLayout Named(FlashLayout layout, ChipDraft draft)
    {
        var kilobytes = layout.ByteCount / 1024;
        var size = kilobytes % 1024 == 0 ? $"{kilobytes / 1024} MB" : $"{kilobytes} KB";
        var both = draft.Layouts.Exists(x => x.Layout.ByteCount == layout.ByteCount && x.Layout.DualBank != layout.DualBank);
        return layout with { Name = both ? $"{size} in {(layout.DualBank ? "dual" : "a single")} bank" : size };
    }

    private void Add(Record record)
    {
        var (id, name) = record.Title.Split(' ', 2) is [var first, var rest] && Figures.Address(first) is { } address ? (address, rest) : (0, "");
        if (name.Length == 0 || id > 0xFFF)
        {
            _problems.Add(record.Heading, "a chip is 'chip ID NAME'");
            return;
        }

        record = record with { Title = name };
        var draft = new ChipDraft(record, (ushort)id);
        if (_chips.Values.Any(x => string.Equals(x.Record.Title, name, StringComparison.Ordinal)))
        {
            _problems.Add(record.Heading, $"another chip is called {name}");
        }

        if (!_chips.TryAdd(draft.Id, draft))
        {
            _problems.Add(record.Heading, $"chip 0x{id:X3} is there twice");
            return;
        }

        foreach (var key in Needed.Where(x => record.Find(x) is null))
        {
            _problems.Add(record.Heading, $"{name} has no {key}");
        }

        foreach (var entry in record.Entries)
        {
            var source = new FigureSource(entry.Key, _sources.Describe(entry.Line, entry.Sources, entry.Key));
            if (!draft.Sources.Contains(source))
            {
                draft.Sources.Add(source);
            }
        }

        new ChipChecks(draft, _problems).Run();
    }

    private void AddPart(DataLine line, ChipDraft draft, string name, long flash, string ram)
    {
        if (!_parts.TryAdd(name, (draft.Id, flash)))
        {
            _problems.Add(line, $"{name} is there twice");
        }

        if (!draft.Layouts.Exists(x => x.Layout.ByteCount == flash))
        {
            _problems.Add(line, $"{draft.Record.Title} has no layout of {flash / 1024} KB");
        }

        if (!Array.Exists(draft.Lines, x => name.StartsWith($"STM32{x}", StringComparison.Ordinal)))
        {
            _problems.Add(line, $"{name} begins like none of the lines of {draft.Record.Title}");
        }

        if (draft.Ram.TryGetValue(ram, out var regions))
        {
            draft.Parts.Add(new ChipPart(name, flash, [.. regions]));
        }
        else
        {
            _problems.Add(line, $"{draft.Record.Title} has no RAM {ram}");
        }
    }

    private ChipDraft? Chip(DataLine line, string id)
    {
        if (Figures.Address(id) is { } number && number <= 0xFFF && _chips.TryGetValue((ushort)number, out var draft))
        {
            return draft;
        }

        _problems.Add(line, $"there is no chip {id}");
        return null;
    }

    private void CheckRelease(DataLine line, ChipDraft draft, string release)
    {
        if (release.Length > 0 && !Releases(draft.Record).Any(x => string.Equals(x.ToString("X4", CultureInfo.InvariantCulture), release, StringComparison.Ordinal)))
        {
            _problems.Add(line, $"{draft.Record.Title} has no release 0x{release}");
        }
    }

    private static bool Agrees(ChipDraft draft, MemoryRegion region)
    {
        var place = region.Name switch
        {
            var x when x.StartsWith("Option", StringComparison.Ordinal) => "option-bytes",
            var x when x.StartsWith("OTP", StringComparison.Ordinal) => "otp",
            var x when x.StartsWith("DATA", StringComparison.Ordinal) => "data-eeprom",
            _ => null,
        };
        return place is not null ? Range(draft.Record, place)?.Start == region.Start
            : !region.IsFlash || draft.Layouts.Exists(x => x.Layout.HasSectorsOf(region.Runs));
    }

    internal static string Label(Entry ram) => ram.Value.Split(' ', 2)[0];

    internal static IEnumerable<ushort> Releases(Record record) =>
        record.Find("release")?.Value.Split(' ').Select(x => (ushort)(Figures.Address(x) ?? 0)) ?? [];

    private static AddressRange? Range(Record record, string key) => record.Find(key) is { } entry ? Figures.Range(entry.Value) : null;

    private static uint? Address(Record record, string key) => record.Find(key) is { } entry ? Figures.Address(entry.Value) : null;
}
