namespace Defuse.Diagnostics.Rules;

/// <summary>Two devices with one serial number.</summary>
internal sealed class SameSerialRule : IDiagnosticRule
{
    public string Name => "same-serial";

    public Finding? Examine(SeenBoard board, DiagnosisContext context)
    {
        if (board is not { Mode: BoardMode.Dfu, DfuDevice: { SerialNumber: { Length: > 0 } serial } device })
        {
            return null;
        }

        var others = context.Boards.Where(x => x.DfuDevice is { } y && y.Location != device.Location && y.SerialNumber == serial && y.VendorId == device.VendorId).Select(x => x.DfuDevice!.Location).ToList();
        return others.Count == 0
            ? null
            : new Finding
            {
                Rule = Name,
                Level = FindingLevel.Note,
                Text = $"The board at {Advice.Listed(others)} has the same serial number, which the bootloaders of some chips all share. Tell them apart by where they are plugged in.",
                Evidence = [$"serial number {serial}"],
                Remedies = [new Remedy { Text = "Name this one by its port", Command = $"defuse flash FILE --device dfu:usb-{device.Location}" }],
            };
    }
}
