using System.Globalization;
using System.Text;

namespace Defuse.DataCompiler;

/// <summary>Writes docs/quirks.md.</summary>
internal static class QuirkDocument
{
    private const string Head =
        """
        # Quirks

        How DFU bootloaders differ from what their documents say, and what Defuse does about each. Made of
        [data/quirks.txt](../data/quirks.txt) by `dotnet run --project eng/Defuse.DataCompiler`; don't edit it here.

        Each is known from the source named, done by the simulated board named, and shown by the test named. None was
        verified on hardware by this project: what a simulated board does is what the source tells of the real one.
        A device has a quirk if it meets every line of "known by", by any item of the line.


        """;

    public static string Of(IReadOnlyCollection<QuirkDraft> drafts)
    {
        var text = new StringBuilder(Head.ReplaceLineEndings("\n"));
        foreach (var draft in drafts)
        {
            var quirk = draft.Quirk;
            text.Append(CultureInfo.InvariantCulture, $"## {quirk.Name}\n\n");
            text.Append(CultureInfo.InvariantCulture, $"{Sentence(draft.What)} (Source: {draft.Source}.)\n\n");
            text.Append(CultureInfo.InvariantCulture, $"Defuse: {Sentence(draft.Host)}\n\n");
            Known(text, "USB id", quirk.UsbIds.Select(x => $"{x >> 16:X4}:{x & 0xFFFF:X4}"));
            Known(text, "bcdDevice", quirk.Releases.Select(x => x.ToString("X4", CultureInfo.InvariantCulture)));
            Known(text, "product", quirk.Products.Select(x => $"{x}"));
            Known(text, "serial number", quirk.Serials.Select(x => $"{x}"));
            Known(text, "layout string", quirk.Layouts.Select(x => $"{x}"));
            Known(text, "chip", quirk.Chips.Select(x => $"0x{x:X3}"));
            text.Append(CultureInfo.InvariantCulture, $"- effect: `{string.Join(' ', quirk.Figures.Prepend(QuirkRecords.Word(quirk.Effect)))}`\n");
            text.Append(CultureInfo.InvariantCulture, $"- simulated by: {Code(draft.Sims.Select(x => $"sim:{x}"))}\n");
            text.Append(CultureInfo.InvariantCulture, $"- shown by: {Code(draft.Tests)}\n\n");
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static void Known(StringBuilder text, string key, IEnumerable<string> items)
    {
        if (Code(items) is { Length: > 0 } code)
        {
            text.Append(CultureInfo.InvariantCulture, $"- known by {key}: {code}\n");
        }
    }

    private static string Code(IEnumerable<string> items) => string.Join(", ", items.Select(x => $"`{x}`"));

    private static string Sentence(string text) => $"{char.ToUpperInvariant(text[0])}{text[1..]}.";
}
