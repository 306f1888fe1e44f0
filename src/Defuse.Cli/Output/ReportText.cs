using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Planning;
using Defuse.Programming;

namespace Defuse.Cli.Output;

/// <summary>How it ended, for people.</summary>
internal static class ReportText
{
    private const int MostRanges = 12;
    private const string Again = "run the same command again: it finishes the job";

    public static void PrintFlash(Printer printer, FlashReport report, string? wayBack = null)
    {
        if (!report.IsSuccess)
        {
            PrintFailure(printer, report, wayBack);
            return;
        }

        var plan = report.Plan!;
        if (plan.Slot is not null)
        {
            PrintSent(printer, report, plan);
            return;
        }

        var changed = report.SectorsErased > 0 || report.BytesWritten > 0;
        var work = changed
            ? $"{Texts.Count(report.SectorsErased, "sector")} erased, {Texts.Bytes(report.BytesWritten)} written"
            : "it held them already, and nothing was written";
        var kept = plan.Keeps.IsEmpty ? "" : $", {Texts.Bytes(plan.Keeps.Sum(x => x.Length))} of it kept";
        var forGood = plan.Writes.Where(x => plan.Target.Memory.KindAt(x.Range.Start) == MemoryKind.Otp).Sum(x => x.Range.Length);
        var otp = forGood == 0 ? "" : $", {Texts.Bytes(forGood)} of it one-time programmable memory, for good";
        var proof = report.Outcome == FlashOutcome.Verified ? "" : ", not read back";
        var start = report.Started is not null ? "; the program was started"
            : plan.Start is not null ? "; the program was not started"
            : "; the board stays in its bootloader";
        printer.Success(
            report.Outcome == FlashOutcome.Verified ? "Verified" : "Wrote",
            $" {Texts.Bytes(plan.Image.ByteCount)} on {Texts.Device(plan.Target)} in {Texts.Elapsed(report.Elapsed, plan.Target)}: {work}{kept}{otp}{proof}{start}{Warned(report)}.");
    }

    private static void PrintSent(Printer printer, FlashReport report, FlashPlan plan) => printer.Success(
        "Wrote",
        $" {Texts.Bytes(report.BytesWritten)} on {Texts.Device(plan.Target)} in {Texts.Elapsed(report.Elapsed, plan.Target)}: the device took the image, which cannot be read back; "
        + (report.Started is null ? "reset it, or plug it in again, to run the program" : "it left DFU mode") + $"{Warned(report)}.");

    public static void PrintVerification(Printer printer, FlashReport report)
    {
        if (!report.IsSuccess)
        {
            PrintFailure(printer, report);
            return;
        }

        printer.Success("Verified", $" {Texts.Bytes(report.BytesVerified)} on {Texts.Device(report.Plan!.Target)} in {Texts.Elapsed(report.Elapsed, report.Plan.Target)}; none differs.");
    }

    public static void PrintErase(Printer printer, FlashReport report, string? wayBack = null)
    {
        if (!report.IsSuccess)
        {
            PrintFailure(printer, report, wayBack);
            return;
        }

        var plan = report.Plan!;
        var proof = report.Outcome == FlashOutcome.Verified ? "they read back as blank" : "they were not read back";
        printer.Success(
            "Erased",
            $" {Texts.Count(report.SectorsErased, "sector")} ({Texts.Size(plan.Sectors.Sum(x => x.Sector.Range.Length))}) of {Texts.Device(plan.Target)} in {Texts.Elapsed(report.Elapsed, plan.Target)}; {proof}.");
    }

    public static void PrintUnprotection(Printer printer, FlashReport report, TargetDescription target)
    {
        if (!report.IsSuccess)
        {
            PrintFailure(printer, report);
            return;
        }

        var open = target.Protection.ReadOut == ReadOutProtection.Unknown ? "it lets its flash be read" : target.Protection.Evidence;
        printer.Success(
            "Unprotected",
            $" {Texts.Device(target)} in {Texts.Elapsed(report.Elapsed, target)}: {open}, and the {Texts.Bytes(report.BytesVerified)} of flash that it shows read back as blank.");
    }

    private static string Warned(FlashReport report) => report.Warnings.IsEmpty ? "" : $", with {Texts.Count(report.Warnings.Length, "warning")}";

    private static void PrintFailure(Printer printer, FlashReport report, string? wayBack = null)
    {
        if (report.Outcome == FlashOutcome.Cancelled)
        {
            PrintCancelled(printer, report, wayBack);
            return;
        }

        var failure = Failure.Of(report.Error ?? throw new ArgumentException("A failure has an error.", nameof(report))).With(wayBack);
        printer.Error(Changed(report) ? failure with { Remedy = null } : failure, Changed(report) ? Ranges(report) : Unchanged(report));
        if (Changed(report))
        {
            printer.Help(report.Outcome == FlashOutcome.Incomplete && wayBack is null ? Repeated(failure.Remedy) : failure.Remedy ?? Again);
        }
    }

    private static void PrintCancelled(Printer printer, FlashReport report, string? wayBack)
    {
        if (!Changed(report))
        {
            printer.Talk($"Cancelled after {Texts.Elapsed(report.Elapsed, report.Plan?.Target)}; nothing was changed.");
            return;
        }

        var how = !IsComplete(report) ? ", with the chip half done:"
            : report.Plan is { VerifyBlank: true } ? "; all was erased, but not all of it read back:"
            : "; all was written, but not all of it read back and started:";
        printer.Talk($"Cancelled after {Texts.Elapsed(report.Elapsed, report.Plan?.Target)}{how}");
        foreach (var line in Ranges(report))
        {
            printer.Talk("  " + line);
        }

        printer.Talk($"  help: {wayBack ?? Again}");
    }

    // Some remedies say it by themselves.
    private static string Repeated(string? remedy) =>
        remedy is null ? Again
        : remedy.Contains("finishes the job", StringComparison.Ordinal) ? remedy
        : remedy.Contains("run the same command again", StringComparison.Ordinal) ? remedy
        : $"{remedy}; then {Again}";

    private static bool IsComplete(FlashReport report) =>
        report.Plan is { } plan
        && report.BytesWritten >= plan.BytesToWrite
        && report.SectorsErased >= plan.Erases.Length + (plan.EraseChip ? 1 : 0)
        && report.Ranges.All(x => x.State != RangeState.Indeterminate);

    private static bool Changed(FlashReport report) =>
        report.Outcome == FlashOutcome.Incomplete || report.SectorsErased > 0 || report.BytesWritten > 0 || report.Ranges.Any(x => x.State == RangeState.Indeterminate);

    // Of a mere comparison nobody expects a change.
    private static IEnumerable<string> Unchanged(FlashReport report) =>
        report.Outcome == FlashOutcome.Differs ? [] : ["nothing was changed"];

    private static IEnumerable<string> Ranges(FlashReport report) => Ranges(report.Ranges);

    /// <summary>Ranges and what is known of them, a line each.</summary>
    public static IEnumerable<string> Ranges(ImmutableArray<ReportedRange> ranges)
    {
        // One line too many is not worth a line that says so.
        var shown = ranges.Length <= MostRanges + 1 ? ranges.Length : MostRanges;
        var lines = Texts.Align([.. ranges.Take(shown).Select(x => new[] { x.Range.ToString(), Texts.Bytes(x.Range.Length), Texts.Meaning(x.State) })]);
        return shown == ranges.Length ? lines : lines.Append($"and {Texts.Count(ranges.Length - shown, "more range")}; --json lists them all");
    }
}
