using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Defuse.Simulator.Faults;

/// <summary>Faults as they are written.</summary>
internal static partial class FaultText
{
    private static readonly ImmutableArray<(string Word, FaultKind Kind)> Kinds =
    [
        ("stall", FaultKind.Stall),
        ("timeout", FaultKind.Timeout),
        ("unplug", FaultKind.Unplug),
        ("reset", FaultKind.Reset),
        ("bitrot", FaultKind.BitRot),
        ("refuse", FaultKind.Refuse),
        ("busy", FaultKind.Busy),
        ("late", FaultKind.Late),
        ("serial", FaultKind.OtherSerial),
    ];

    private static readonly ImmutableArray<(string Word, FaultStep Step)> Steps =
        [.. Enum.GetValues<FaultStep>().Select(x => (x.ToString().ToLowerInvariant(), x))];

    public static Fault Parse(string item)
    {
        var match = Form().Match(item);
        if (!match.Success)
        {
            throw Bad(item, "it is not of the form KIND@STEP[:AT][xTIMES][=VALUE]");
        }

        var kind = Find(Kinds, match, "kind", item);
        var address = match.Groups["address"];
        if (address.Success && kind != FaultKind.BitRot)
        {
            throw Bad(item, "only bitrot takes an address");
        }

        var fault = new Fault
        {
            Kind = kind,
            Step = address.Success ? FaultStep.Write : Find(Steps, match, "step", item),
            At = Number(match.Groups["at"], 0, long.MaxValue, item),
            Times = (int)Number(match.Groups["times"], 1, 1_000_000, item),
            Address = address.Success ? uint.Parse(address.ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : null,
            Bit = (int)Number(match.Groups["bit"], 0, 7, item),
        };
        return fault.Times == 0
            ? throw Bad(item, "it happens at least once")
            : match.Groups["value"] is { Success: true, Value: var value } ? WithValue(fault, value, item) : fault;
    }

    public static string Of(Fault fault)
    {
        var kind = Kinds.First(x => x.Kind == fault.Kind).Word;
        var place = fault.Address is { } address
            ? string.Create(CultureInfo.InvariantCulture, $"0x{address:X8}.{fault.Bit}")
            : string.Create(CultureInfo.InvariantCulture, $"{Steps.First(x => x.Step == fault.Step).Word}:{fault.At}");
        var times = fault.Times == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"x{fault.Times}");
        var value = fault.SerialNumber is { } serial ? "=" + serial
            : fault.Duration is { } duration ? string.Create(CultureInfo.InvariantCulture, $"={duration.TotalMilliseconds:0.###}ms")
            : "";
        return $"{kind}@{place}{times}{value}";
    }

    private static Fault WithValue(Fault fault, string value, string item)
    {
        switch (fault.Kind)
        {
            case FaultKind.OtherSerial when value.Length <= 126:
                return fault with { SerialNumber = value };
            case FaultKind.Late or FaultKind.Timeout or FaultKind.Busy:
                var match = Time().Match(value);
                var unit = match.Groups["unit"].Value switch { "ms" => 1, "s" => 1_000, _ => 60_000 };
                return match.Success && double.TryParse(match.Groups["number"].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                    ? fault with { Duration = TimeSpan.FromMilliseconds(number * unit) }
                    : throw Bad(item, $"'{value}' is no time such as 350ms, 2s or 5min");
            default:
                throw Bad(item, "late, timeout and busy take a time behind the =, serial takes a serial number, and the others nothing");
        }
    }

    private static T Find<T>(ImmutableArray<(string Word, T Value)> known, Match match, string group, string item)
    {
        var word = match.Groups[group].Value;
        foreach (var (name, value) in known)
        {
            if (string.Equals(name, word, StringComparison.Ordinal))
            {
                return value;
            }
        }

        throw Bad(item, $"the {group} '{word}' is none of {string.Join(", ", known.Select(x => x.Word))}");
    }

    private static long Number(Group group, long fallback, long most, string item) =>
        !group.Success ? Math.Min(fallback, most)
        : long.TryParse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most ? number
        : throw Bad(item, $"{group.Value} is too large");

    private static SimulatedBoardException Bad(string item, string why) => new(
        $"'{item}' is no fault: {why}", "Write for example unplug@write:12345, stall@erase:2x3, bitrot@0x08001234.3 or late@status:4=2s.");

    [GeneratedRegex(
        "^(?<kind>[a-z]+)@(?:0x(?<address>[0-9A-Fa-f]{1,8})(?:\\.(?<bit>[0-7]))?|(?<step>[a-z]+?)(?::(?<at>[0-9]{1,19}))?)(?:x(?<times>[0-9]{1,10}))?(?:=(?<value>[^,]+))?$",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Form();

    [GeneratedRegex("^(?<number>[0-9]{1,6}(?:\\.[0-9]{1,3})?)(?<unit>ms|s|min)$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Time();
}
