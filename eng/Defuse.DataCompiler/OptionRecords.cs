using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Defuse.Devices;

namespace Defuse.DataCompiler;

/// <summary>The option bytes: data/option-bytes.txt.</summary>
internal sealed partial class OptionRecords(Sources sources, Problems problems)
{
    private const string File = "option-bytes.txt";
    private const string MeaningKey = "meaning ";

    private static readonly string[] Single = ["rdp", "reverse"];

    private static readonly string[] Several = ["register", "protect", "address", "means"];

    public static OptionTables Read(DataFolder folder, ChipRecords chips, Sources sources, Problems problems)
    {
        var records = new OptionRecords(sources, problems);
        var lines = folder.Lines(File).ToList();
        var seen = new HashSet<ushort>();
        var layouts = ImmutableArray.CreateBuilder<OptionLayout>();
        foreach (var record in Record.Read(lines.Where(x => !IsMeaning(x)), "options", Single, Several, problems))
        {
            if (records.Layout(record, chips, seen) is { } layout)
            {
                layouts.Add(layout);
            }
        }

        var meanings = lines.Where(IsMeaning).Select(x => records.Meaning(x, x.Text[MeaningKey.Length..])).OfType<OptionMeaning>();
        return new OptionTables(layouts.ToImmutable(), [.. meanings]);
    }

    private static bool IsMeaning(DataLine line) => line.Text.StartsWith(MeaningKey, StringComparison.Ordinal);

    private OptionLayout? Layout(Record record, ChipRecords chips, HashSet<ushort> seen)
    {
        var ids = ImmutableArray.CreateBuilder<ushort>();
        foreach (var text in record.Title.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Figures.Address(text) is not { } id || !chips.Has((ushort)id) || !seen.Add((ushort)id))
            {
                problems.Add(record.Heading, $"{text} is no chip, or has option bytes already");
            }
            else
            {
                ids.Add((ushort)id);
            }
        }

        var registers = record.All("register").Select(Register).OfType<OptionRegister>().OrderBy(x => x.Address).ToImmutableArray();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in registers.SelectMany(x => x.Fields).Select(x => x.Name).Where(x => !names.Add(x)))
        {
            problems.Add(record.Heading, $"field {name} is there twice");
        }

        if (record.Find("rdp") is not { } rdp || rdp.Value.Split(' ') is not [var field, var coding] || !Enum.TryParse<ReadOutCoding>(coding, ignoreCase: true, out var parsed))
        {
            problems.Add(record.Heading, "there is no line 'rdp FIELD level|half|f1|state'");
            return null;
        }

        sources.Describe(rdp.Line, rdp.Sources, "rdp");
        var rules = record.All("protect").Select(Rule).OfType<WriteProtectionRule>().ToImmutableArray();
        var reverse = record.Find("reverse");
        var meanings = record.All("means").Select(x => Meaning(x.Line, x.Line.Text["means ".Length..])).Concat(record.All("address").Select(Address)).OfType<OptionMeaning>().ToImmutableArray();
        IEnumerable<string?> used = [field, reverse?.Value, .. rules.SelectMany(x => new[] { x.Field, x.LastField }), .. meanings.Select(x => x.Field)];
        foreach (var name in used.OfType<string>().Where(x => !names.Contains(x)))
        {
            problems.Add(record.Heading, $"there is no field {name}");
        }

        return new OptionLayout
        {
            Chips = ids.ToImmutable(),
            Registers = registers,
            ReadOutField = field,
            ReadOutCoding = parsed,
            WriteProtection = rules,
            Reverse = reverse?.Value,
            Meanings = meanings,
        };
    }

    private OptionRegister? Register(Entry entry)
    {
        var match = RegisterLine().Match(entry.Value);
        if (!match.Success || Figures.Address(match.Groups["address"].Value) is not { } address)
        {
            problems.Add(entry.Line, "a register is 'ADDRESS NAME: FIELD BIT[+WIDTH], ...'");
            return null;
        }

        var fields = ImmutableArray.CreateBuilder<OptionField>();
        uint taken = 0;
        foreach (var text in match.Groups["fields"].Value.Split(", "))
        {
            var parts = FieldText().Match(text);
            var bit = parts.Success ? Number(parts.Groups["bit"].Value) : 32;
            var width = parts.Groups["width"] is { Success: true } w ? Number(w.Value) : 1;
            if (!parts.Success || width < 1 || bit + width > 32)
            {
                problems.Add(entry.Line, $"'{text}' is no field of a word");
                continue;
            }

            var mask = (width == 32 ? uint.MaxValue : (1u << width) - 1) << bit;
            if ((taken & mask) != 0)
            {
                problems.Add(entry.Line, $"{parts.Groups["name"].Value} shares bits with another field");
            }

            taken |= mask;
            fields.Add(new OptionField(parts.Groups["name"].Value, bit, width));
        }

        return new OptionRegister(address, match.Groups["name"].Value, fields.ToImmutable(), sources.Describe(entry.Line, entry.Sources, "register"));
    }

    private WriteProtectionRule? Rule(Entry entry)
    {
        sources.Describe(entry.Line, entry.Sources, "protect");
        var words = entry.Value.Split(' ').ToList();
        var second = words.Remove("bank2");
        var rest = words.Remove("rest");
        switch (words)
        {
            case [var pages, "pages"] when pages.Split("..") is [var first, var last]:
                return new WriteProtectionRule(first, last, 0, 0, 0, 0, second, rest, Halves: false);
            case [var field, "low", "halves"]:
                return new WriteProtectionRule(field, null, 0, 0, 0, 1, second, rest, Halves: true);
            case [var field, "low" or "high", "bits", var first, var size] when Figures.Size(size) is { } bytes && bytes > 0:
                return new WriteProtectionRule(field, null, words[1] == "high" ? 1 : 0, Number(first), bytes, 0, second, rest, Halves: false);
            case [var field, "low" or "high", "bits", var first, "sectors", var count]:
                return new WriteProtectionRule(field, null, words[1] == "high" ? 1 : 0, Number(first), 0, Number(count), second, rest, Halves: false);
            default:
                problems.Add(entry.Line, $"'{entry.Value}' says nothing of what a field protects");
                return null;
        }
    }

    private OptionMeaning? Address(Entry entry)
    {
        sources.Describe(entry.Line, entry.Sources, "address");
        if (entry.Value.Split(' ') is [var field, var unit] && Figures.Address(unit) is { } bytes && bytes > 0)
        {
            return new OptionMeaning(field, [], bytes);
        }

        problems.Add(entry.Line, "an address is 'FIELD 0xUNIT'");
        return null;
    }

    private OptionMeaning? Meaning(DataLine line, string text)
    {
        var bar = text.IndexOf('|', StringComparison.Ordinal);
        sources.Describe(line, bar < 0 ? "" : text[(bar + 1)..].Trim(), "meaning");
        var value = bar < 0 ? text : text[..bar].Trim();
        var space = value.IndexOf(' ', StringComparison.Ordinal);
        var texts = ImmutableArray.CreateBuilder<(uint, string)>();
        foreach (var part in space < 0 ? [] : value[space..].Split(';', StringSplitOptions.TrimEntries))
        {
            if (part.Split('=', 2) is not [var number, { Length: > 0 } meaning]
                || (Figures.Address(number) ?? (uint.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var plain) ? plain : null)) is not { } key)
            {
                problems.Add(line, $"'{part}' is no VALUE=TEXT");
                return null;
            }

            texts.Add((key, meaning));
        }

        return texts.Count == 0 ? null : new OptionMeaning(value[..space], texts.ToImmutable(), 0);
    }

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;

    [GeneratedRegex("^(?<address>0x[0-9A-F]{8}) (?<name>[A-Z0-9_/]+): (?<fields>.+)$")]
    private static partial Regex RegisterLine();

    [GeneratedRegex("^(?<name>[A-Za-z0-9_]+) (?<bit>[0-9]+)([+](?<width>[0-9]+))?$")]
    private static partial Regex FieldText();
}
