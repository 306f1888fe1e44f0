using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Defuse.Inspection;

/// <summary>How one firmware is known: by a text of a form, found at a marker.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Kind">What sort of thing it is.</param>
/// <param name="Marker">Bytes that the text contains.</param>
/// <param name="Form">What the text around the marker has to match; its groups name, version, date, board and mcu are taken.</param>
internal sealed record IdentityRule(string Name, FirmwareKind Kind, string Marker, Regex Form)
{
    private const int LongestEvidence = 100;

    /// <summary>Strings that the image has to hold besides, each on its own.</summary>
    public ImmutableArray<string> Besides { get; init; } = [];

    /// <summary>Where else the image may say more.</summary>
    public ImmutableArray<(string Marker, Regex Form)> Details { get; init; } = [];

    /// <summary>What is to be done to what was found; null if the rule does not hold after all.</summary>
    public Func<FirmwareIdentity, ImageText, FirmwareIdentity?> Refine { get; init; } = static (identity, _) => identity;

    public IEnumerable<string> Markers => [Marker, .. Besides, .. Details.Select(x => x.Marker)];

    public FirmwareIdentity? Find(ImageText text)
    {
        if (Besides.Any(x => text.Whole(x) is null) || Match(text, Marker, Form, out var address) is not { } match)
        {
            return null;
        }

        var evidence = match.Value.Trim();
        var identity = Read(
            new FirmwareIdentity(Name, Kind, evidence.Length > LongestEvidence ? evidence[..LongestEvidence] : evidence, address), match);
        foreach (var (marker, form) in Details)
        {
            if (Match(text, marker, form, out _) is { } detail)
            {
                identity = Read(identity, detail);
            }
        }

        return Refine(identity, text);
    }

    private static Match? Match(ImageText text, string marker, Regex form, out uint address)
    {
        foreach (var place in text.Places(marker))
        {
            var around = text.Around(place, out var start);
            var at = place.Offset - start.Offset;
            foreach (var skip in text.CodeBefore(start).TakeWhile(x => x <= at))
            {
                if (form.Match(around[skip..]) is { Success: true } match)
                {
                    address = text.AddressOf(start with { Offset = start.Offset + skip + match.Index });
                    return match;
                }
            }
        }

        address = 0;
        return null;
    }

    private static FirmwareIdentity Read(FirmwareIdentity identity, Match match)
    {
        string? Group(string name) => match.Groups[name] is { Success: true, Value.Length: > 0 } group ? group.Value : null;
        return identity with
        {
            Name = Group("name") ?? identity.Name,
            Version = identity.Version ?? Group("version"),
            Board = identity.Board ?? Group("board"),
            Mcu = identity.Mcu ?? Group("mcu"),
            Date = identity.Date ?? (Group("date") is { } date ? ParseDate(date) : null),
        };
    }

    // As people write it, and as a C compiler's __DATE__ does.
    internal static DateOnly? ParseDate(string text) =>
        DateOnly.TryParseExact(text, ["yyyy-MM-dd", "MMM d yyyy", "MMM  d yyyy"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? date
            : null;
}
