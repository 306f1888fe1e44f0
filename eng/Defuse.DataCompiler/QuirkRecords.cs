using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Defuse.Targets.Dfu;

namespace Defuse.DataCompiler;

/// <summary>The quirks: data/quirks.txt.</summary>
internal sealed partial class QuirkRecords(ChipRecords chips, Sources sources, Problems problems)
{
    private static readonly string[] Single = ["what", "host", "effect"];
    private static readonly string[] Several = ["usb-id", "release", "product", "serial", "layout", "chip", "sim", "test"];
    private static readonly string[] Needed = ["what", "host", "effect", "sim", "test"];
    private static readonly string[] Traits = ["usb-id", "release", "product", "serial", "layout", "chip"];

    public List<QuirkDraft> Read(DataFolder folder)
    {
        var drafts = new List<QuirkDraft>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var record in Record.Read(folder.Lines("quirks.txt"), "quirk", Single, Several, problems))
        {
            if (!Name().IsMatch(record.Title) || !names.Add(record.Title))
            {
                problems.Add(record.Heading, $"'{record.Title}' is no name of lower-case words, or there twice");
            }

            foreach (var key in Needed.Where(x => record.Find(x) is null))
            {
                problems.Add(record.Heading, $"{record.Title} has no {key}");
            }

            if (Needed.All(x => record.Find(x) is not null))
            {
                drafts.Add(Draft(record));
            }
        }

        return drafts;
    }

    private QuirkDraft Draft(Record record)
    {
        if (!Traits.Any(x => record.Find(x) is not null))
        {
            problems.Add(record.Heading, $"{record.Title} says of no device that it has it");
        }

        foreach (var entry in record.Entries.Where(x => x.Key is not "what" && x.Sources.Length > 0))
        {
            problems.Add(entry.Line, "the sources of a quirk stand behind what it is");
        }

        var what = record.Find("what")!;
        var (effect, figures) = Effect(record.Find("effect")!);
        var quirk = new DfuQuirk
        {
            Name = record.Title,
            UsbIds = Items(record, "usb-id", UsbId, "is 'VID:PID'"),
            Releases = Items<ushort>(record, "release", x => Figures.Address(x) is <= 0xFFFF and { } value ? (ushort)value : null, "is a number of 16 bits"),
            Products = Items(record, "product", DfuTextMatch.Parse, TextForm),
            Serials = Items(record, "serial", DfuTextMatch.Parse, TextForm),
            Layouts = Items(record, "layout", DfuTextMatch.Parse, TextForm),
            Chips = Items<ushort>(record, "chip", x => Figures.Address(x) is <= 0xFFF and { } value && chips.Has((ushort)value) ? (ushort)value : null, "is the id of a chip in data/chips"),
            Effect = effect,
            Figures = figures,
        };
        return new QuirkDraft(
            quirk,
            what.Value,
            record.Find("host")!.Value,
            sources.Describe(what.Line, what.Sources, "what"),
            Texts(record, "sim", Sim(), "is 'BOARD[?option=value]'"),
            Texts(record, "test", Test(), "is 'Class.Method'"));
    }

    private const string TextForm = "is 'exact TEXT', 'prefix TEXT' or 'pattern TEXT'";

    private (DfuQuirkEffect Effect, ImmutableArray<string> Figures) Effect(Entry entry)
    {
        var words = entry.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var effect = Enum.GetValues<DfuQuirkEffect>().Select(x => (DfuQuirkEffect?)x).FirstOrDefault(x => Word(x!.Value) == words[0]);
        var figures = words[1..];
        if (effect is null)
        {
            problems.Add(entry.Line, $"an effect is one of {string.Join(", ", Enum.GetValues<DfuQuirkEffect>().Select(Word))}");
            return default;
        }

        var right = effect switch
        {
            DfuQuirkEffect.BusyAfterErase or DfuQuirkEffect.ReturnsAfterLeave or DfuQuirkEffect.MassEraseTime or DfuQuirkEffect.SectorSize or DfuQuirkEffect.WeakLink =>
                figures is [var one] && Number(one),
            DfuQuirkEffect.SizeBySerial => figures.Length > 0 && Array.TrueForAll(figures, x => x.Length > 2 && x[1] == '=' && Number(x[2..])),
            _ => figures.Length == 0,
        };
        if (!right)
        {
            problems.Add(entry.Line, $"these are no figures of {words[0]}: '{string.Join(' ', figures)}'");
        }

        return (effect.Value, [.. figures]);
    }

    private static bool Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0;

    /// <summary>An effect as the data writes it: busy-after-erase.</summary>
    internal static string Word(DfuQuirkEffect effect) => Capital().Replace(effect.ToString(), x => $"-{x.Value}")[1..].ToLowerInvariant();

    private ImmutableArray<T> Items<T>(Record record, string key, Func<string, T?> read, string form)
        where T : struct
    {
        var items = ImmutableArray.CreateBuilder<T>();
        foreach (var entry in record.All(key))
        {
            if (read(entry.Value) is { } item && !entry.Value.Contains('\t', StringComparison.Ordinal))
            {
                items.Add(item);
            }
            else
            {
                problems.Add(entry.Line, $"{key} {form}, not '{entry.Value}'");
            }
        }

        return items.ToImmutable();
    }

    private string[] Texts(Record record, string key, Regex form, string what)
    {
        foreach (var entry in record.All(key).Where(x => !form.IsMatch(x.Value)))
        {
            problems.Add(entry.Line, $"{key} {what}, not '{entry.Value}'");
        }

        return [.. record.All(key).Select(x => x.Value)];
    }

    private static uint? UsbId(string text) =>
        UsbIdForm().IsMatch(text) ? uint.Parse(text.Replace(":", "", StringComparison.Ordinal), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex Name();

    [GeneratedRegex("^[0-9A-F]{4}:[0-9A-F]{4}$")]
    private static partial Regex UsbIdForm();

    [GeneratedRegex(@"^[a-z0-9-]+(\?[a-z0-9-]+=[A-Za-z0-9.,-]+(&[a-z0-9-]+=[A-Za-z0-9.,-]+)*)?$")]
    private static partial Regex Sim();

    [GeneratedRegex(@"^[A-Z]\w*\.[A-Z]\w*$")]
    private static partial Regex Test();

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();
}
