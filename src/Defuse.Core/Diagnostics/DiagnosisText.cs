using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Diagnostics.Rules;

namespace Defuse.Diagnostics;

/// <summary>A diagnosis as text for people: a short story a board, with one thing to do next.</summary>
public static class DiagnosisText
{
    private const int NarrowestWidth = 40;
    private const string Indent = "  ";

    /// <summary>Renders a diagnosis; the same one always gives the same text.</summary>
    /// <param name="diagnosis">What was found.</param>
    /// <param name="width">How many columns there are; 40 at least. Commands are not broken.</param>
    public static string Render(Diagnosis diagnosis, int width = 80) => string.Concat(Lines(diagnosis, width).Select(x => x.Text + "\n"));

    /// <summary>The lines of <see cref="Render"/>, each with what it is.</summary>
    /// <param name="diagnosis">What was found.</param>
    /// <param name="width">How many columns there are; 40 at least. Commands are not broken.</param>
    public static ImmutableArray<DiagnosisLine> Lines(Diagnosis diagnosis, int width = 80)
    {
        ArgumentNullException.ThrowIfNull(diagnosis);
        var page = new DiagnosisPage(Math.Max(width, NarrowestWidth));
        foreach (var board in diagnosis.Boards)
        {
            Board(page, board);
        }

        var candidates = false;
        foreach (var finding in diagnosis.General)
        {
            Candidates(page, finding, ref candidates);
            General(page, finding, diagnosis.Next);
        }

        if (diagnosis.Next is { } next && diagnosis.Boards.Length > 1)
        {
            page.Blank();
            var of = diagnosis.Boards.FirstOrDefault(x => x.Findings.Any(y => y.Remedies.Any(z => ReferenceEquals(z, next))))?.Board;
            page.Add(DiagnosisLineKind.Heading, "", $"What to do first of all{(of is null ? "" : $": {of.Name}{At(of)}")}");
            Remedy(page, DiagnosisLineKind.Next, next, Indent, Indent, withSteps: false);
        }

        return page.Lines;
    }

    private static void Board(DiagnosisPage page, BoardDiagnosis diagnosis)
    {
        page.Blank();
        var title = diagnosis.Findings.FirstOrDefault(x => x.Title is not null)?.Title;
        page.Add(DiagnosisLineKind.Heading, "", title is null ? Title(diagnosis.Board) : $"{Title(diagnosis.Board)}: {title}");
        Seen(page, diagnosis.Board);
        var candidates = false;
        foreach (var finding in diagnosis.Findings)
        {
            Candidates(page, finding, ref candidates);
            page.Blank();
            page.Add(DiagnosisLineKind.Text, Indent, finding.Text);
            var rest = finding.Remedies;
            if (rest is [var first, ..] && ReferenceEquals(first, diagnosis.Next))
            {
                page.Blank();
                page.Add(DiagnosisLineKind.Next, Indent, "Do this next:");
                Remedy(page, DiagnosisLineKind.Next, first, Indent + Indent, Indent + Indent, withSteps: true);
                rest = rest[1..];
                if (!rest.IsEmpty)
                {
                    page.Blank();
                    page.Add(DiagnosisLineKind.Other, Indent, "Other ways:");
                }
            }

            foreach (var remedy in rest)
            {
                Remedy(page, DiagnosisLineKind.Other, remedy, Indent + "- ", Indent + Indent, withSteps: true);
            }

            Drawing(page, finding.Drawing);
        }
    }

    private static void General(DiagnosisPage page, Finding finding, Remedy? next)
    {
        page.Blank();
        page.Add(finding.Level == FindingLevel.Blocker ? DiagnosisLineKind.Heading : DiagnosisLineKind.Text, "", finding.Text);
        foreach (var remedy in finding.Remedies)
        {
            if (ReferenceEquals(remedy, next))
            {
                page.Blank();
                page.Add(DiagnosisLineKind.Next, Indent, "Do this next:");
                Remedy(page, DiagnosisLineKind.Next, remedy, Indent + Indent, Indent + Indent, withSteps: true);
                if (finding.Remedies.Length > 1)
                {
                    page.Blank();
                }
            }
            else
            {
                Remedy(page, DiagnosisLineKind.Other, remedy, Indent + "- ", Indent + Indent, withSteps: true);
            }
        }
    }

    private static void Candidates(DiagnosisPage page, Finding finding, ref bool areTold)
    {
        if (finding.Level == FindingLevel.Candidate && !areTold)
        {
            areTold = true;
            page.Blank();
            page.Add(DiagnosisLineKind.Heading, "", "Likely causes, and how to tell them apart");
        }
    }

    // "a board that runs MicroPython" is no name, and begins a line here.
    private static string Title(SeenBoard board) => board.Name.StartsWith("a ", StringComparison.Ordinal) ? Advice.Capital(board.Name) : board.Name;

    private static string At(SeenBoard board) => board.UsbDevices is [var device, ..] ? $" at {(board.DfuDevice ?? device).Location}" : "";

    private static void Seen(DiagnosisPage page, SeenBoard board)
    {
        string[] seen =
        [
            .. board.UsbDevices.Select(x => Named(x, board)),
            .. board.SerialPorts.Select(x => $"serial port {x.Name}"),
            .. board.Dfu is { Chips: { IsEmpty: false } chips } ? new[] { $"chip {string.Join(" or ", chips)}" } : [],
            .. board.Volumes.Where(x => x.Path is not null).Select(x => $"drive {x.Path}"),
        ];
        page.Field("Seen:", string.Join(", ", seen));
        page.Field("Address:", board.Mode == BoardMode.Dfu ? board.Address ?? "" : "");
        page.Field("Known by:", string.Join("; ", board.Evidence));
    }

    private static string Named(SeenUsbDevice device, SeenBoard board) =>
        device == board.Probe && UsbIdDatabase.Default.Find(device.VendorId, device.ProductId, device.Manufacturer, device.Product) is { } known
            ? (device with { Product = known.Name }).Describe()
            : device.Describe();

    private static void Remedy(DiagnosisPage page, DiagnosisLineKind kind, Remedy remedy, string first, string indent, bool withSteps)
    {
        var steps = withSteps ? remedy.Steps : [];
        page.Add(kind, first, remedy.Text + (withSteps || remedy.Steps.IsEmpty ? "" : ", by the steps above") + End(remedy.Text, !steps.IsEmpty || remedy.Command is not null), indent);
        for (var i = 0; i < steps.Length; i++)
        {
            page.Add(kind, $"{indent}{i + 1}. ", steps[i] + (steps[i].EndsWith('.') ? "" : "."), indent + "   ");
        }

        if (remedy.Command is { } command)
        {
            page.Command($"{indent}{(steps.IsEmpty ? Indent : Indent + "    ")}{command}");
        }
    }

    // A colon leads over to steps or a command, unless the text has one already or is more than a sentence.
    private static string End(string text, bool goesOn) =>
        text.EndsWith('.') ? "" : goesOn && !text.Contains(": ", StringComparison.Ordinal) && !text.Contains(". ", StringComparison.Ordinal) ? ":" : ".";

    private static void Drawing(DiagnosisPage page, ImmutableArray<string> drawing)
    {
        if (!drawing.IsEmpty)
        {
            page.Blank();
            page.Add(DiagnosisLineKind.Text, Indent, "The board, for starting its bootloader:");
            page.Blank();
            page.Drawing(drawing.Select(x => x.Length == 0 ? x : $"{Indent}{Indent}{x}"));
        }
    }
}
