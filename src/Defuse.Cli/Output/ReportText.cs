using Defuse.Programming;

namespace Defuse.Cli.Output;

/// <summary>How it ended, for people.</summary>
internal static class ReportText
{
    private const string Again = "run the same command again: it finishes the job";

    public static void PrintFlash(Printer printer, FlashReport report)
    {
        if (!report.IsSuccess)
        {
            PrintFailure(printer, report);
            return;
        }

        var plan = report.Plan!;
        var changed = report.SectorsErased > 0 || report.BytesWritten > 0;
        var work = changed
            ? $"{Texts.Count(report.SectorsErased, "sector")} erased, {Texts.Bytes(report.BytesWritten)} written"
            : "it held them already, and nothing was written";
        var proof = report.Outcome == FlashOutcome.Verified ? "" : ", not read back";
        var start = report.Started is not null ? "; the program runs."
            : plan.Start is not null ? "; the program was not started."
            : "; the board stays in its bootloader.";
        printer.Success(
            report.Outcome == FlashOutcome.Verified ? "Verified" : "Wrote",
            $" {Texts.Bytes(plan.Image.ByteCount)} on {Texts.Device(plan.Target)} in {Texts.Time(report.Elapsed)}: {work}{proof}{start}");
    }

    public static void PrintVerification(Printer printer, FlashReport report)
    {
        if (!report.IsSuccess)
        {
            PrintFailure(printer, report);
            return;
        }

        printer.Success("Verified", $" {Texts.Bytes(report.BytesVerified)} on {Texts.Device(report.Plan!.Target)} in {Texts.Time(report.Elapsed)}; none differs.");
    }

    public static void PrintErase(Printer printer, FlashReport report)
    {
        if (!report.IsSuccess)
        {
            PrintFailure(printer, report);
            return;
        }

        var plan = report.Plan!;
        var proof = report.Outcome == FlashOutcome.Verified ? "they read back as blank" : "they were not read back";
        printer.Success(
            "Erased",
            $" {Texts.Count(report.SectorsErased, "sector")} ({Texts.Size(plan.Sectors.Sum(x => x.Sector.Range.Length))}) of {Texts.Device(plan.Target)} in {Texts.Time(report.Elapsed)}; {proof}.");
    }

    private static void PrintFailure(Printer printer, FlashReport report)
    {
        if (report.Outcome == FlashOutcome.Cancelled)
        {
            PrintCancelled(printer, report);
            return;
        }

        var failure = Failure.Of(report.Error ?? throw new ArgumentException("A failure has an error.", nameof(report)));
        printer.Error(Changed(report) ? failure with { Remedy = null } : failure, Changed(report) ? Ranges(report) : Unchanged(report));
        if (Changed(report))
        {
            var remedy = failure.Remedy is { } own ? $"{own}; then " : "";
            printer.Help(report.Outcome == FlashOutcome.Incomplete ? remedy + Again : failure.Remedy ?? Again);
        }
    }

    private static void PrintCancelled(Printer printer, FlashReport report)
    {
        if (!Changed(report))
        {
            printer.Talk($"Cancelled after {Texts.Time(report.Elapsed)}; nothing was changed.");
            return;
        }

        printer.Talk($"Cancelled after {Texts.Time(report.Elapsed)}, with the chip half done:");
        foreach (var line in Ranges(report))
        {
            printer.Talk("  " + line);
        }

        printer.Talk($"  help: {Again}");
    }

    private static bool Changed(FlashReport report) =>
        report.SectorsErased > 0 || report.BytesWritten > 0 || report.Ranges.Any(x => x.State == RangeState.Indeterminate);

    // Of a mere comparison nobody expects a change.
    private static IEnumerable<string> Unchanged(FlashReport report) =>
        report.Outcome == FlashOutcome.Differs ? [] : ["nothing was changed"];

    private static IEnumerable<string> Ranges(FlashReport report) =>
        Texts.Align([.. report.Ranges.Select(x => new[] { x.Range.ToString(), Texts.Bytes(x.Range.Length), Texts.Meaning(x.State) })]);
}
