using System.Globalization;
using System.Text;
using Defuse.Devices;

namespace Defuse.Planning;

/// <summary>A plan as text for people; the same plan always gives the same text.</summary>
public static class FlashPlanText
{
    /// <summary>Renders a plan, one line a step.</summary>
    public static string Render(FlashPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var text = new StringBuilder();
        Line(text, $"device   {plan.Target.Address}: {plan.Target.Name}, {plan.Target.ChipName}");
        Line(text, $"image    {plan.Image.ByteCount} bytes in {Count(plan.Image.Segments.Length, "segment")}");
        foreach (var segment in plan.Image.Segments)
        {
            Line(text, $"           {segment.Range} {segment.Range.Length,8}");
        }

        if (plan.Slot is { } slot)
        {
            Line(text, $"send     {plan.BytesToWrite} bytes as one image to alternate setting {slot.AlternateSetting}{(slot.Name.Length == 0 ? "" : $", {slot.Name}")}");
            Warnings(text, plan);
            return text.ToString();
        }

        Line(text, $"sectors  {Count(plan.Sectors.Length, "sector")} touched");
        foreach (var step in plan.Sectors)
        {
            Line(text, $"           {step.Sector.Number,3} {step.Sector.Range} {step.ImageBytes,8} of {step.Sector.Range.Length,8} bytes  {Decision(step.Decision)}");
        }

        var erases = plan.Unprotect ? "the whole chip, by removing its read-out protection" : plan.EraseChip ? "the whole chip" : $"{Count(plan.Erases.Length, "sector")}{InOrder(plan.Erases.Select(x => x.Number))}";
        Line(text, $"erase    {erases}");
        if (!plan.Backups.IsEmpty)
        {
            Line(text, $"backup   {plan.Backups.Sum(x => x.Length)} bytes, read and saved before the first erase");
        }

        if (!plan.Keeps.IsEmpty)
        {
            Line(text, $"keep     {plan.Keeps.Sum(x => x.Length)} bytes in {Count(plan.Keeps.Length, "range")}, read before the first erase and written back");
            foreach (var range in plan.Keeps)
            {
                Line(text, $"           {range} {range.Length,8}");
            }
        }

        InPlace(text, plan, MemoryKind.DataEeprom, "eeprom", "without an erase");
        InPlace(text, plan, MemoryKind.Otp, "otp", "for good: it is never to be changed again");
        Line(text, $"write    {plan.BytesToWrite} bytes in {Count(plan.Writes.Length, "run")}");
        foreach (var run in plan.Writes)
        {
            Line(text, $"           {run.Range} {run.Range.Length,8}");
        }

        Line(text, $"verify   {plan.VerifyReads.Sum(x => x.Length)} bytes in {Count(plan.VerifyReads.Length, "read")}");
        foreach (var read in plan.VerifyReads)
        {
            Line(text, $"           {read} {read.Length,8}");
        }

        Line(text, $"start    {(plan.Start is { } start ? $"0x{start:X8}" : "no")}");
        Warnings(text, plan);
        return text.ToString();
    }

    private static void Warnings(StringBuilder text, FlashPlan plan)
    {
        foreach (var warning in plan.Warnings)
        {
            Line(text, $"warning  {warning}");
        }
    }

    private static void Line(StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static void InPlace(StringBuilder text, FlashPlan plan, MemoryKind kind, string name, string how)
    {
        var bytes = plan.Sectors.Where(x => plan.Target.Memory.KindAt(x.Sector.Range.Start) == kind).Sum(x => x.ImageBytes);
        if (bytes > 0)
        {
            Line(text, $"{name,-8} {bytes} bytes, written {how}");
        }
    }

    private static string Count(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";

    private static string InOrder(IEnumerable<int> numbers) => numbers.Any() ? ", in order: " + string.Join(' ', numbers) : "";

    private static string Decision(SectorDecision decision) => decision switch
    {
        SectorDecision.Compare => "compare, rewrite if it differs",
        SectorDecision.Keep => "keep",
        _ => "rewrite",
    };
}
