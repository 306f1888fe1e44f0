namespace Defuse.Diagnostics.Rules;

/// <summary>No board shows.</summary>
internal sealed class NothingConnectedRule : IHostRule
{
    public string Name => "nothing-connected";

    public Finding? Examine(DiagnosisContext context)
    {
        var (system, boards) = (context.Inventory.System, context.Boards);
        return system.IsWsl || system.Container is not null || !context.ShowsNoBoard()
            ? null
            : new Finding
            {
                Rule = Name,
                Level = FindingLevel.Blocker,
                Text = boards.IsEmpty
                    ? "No board shows on USB: no bootloader, no debug probe, no board that runs a program."
                    : boards.Any(x => x.Mode == BoardMode.Program)
                    ? "Nothing on USB is known to be an STM32 board: no bootloader, no debug probe, no program that is known."
                    : "No STM32 board shows on USB: no bootloader, no debug probe, no board that runs a program.",
                Evidence = [$"USB devices that were looked at: {context.Inventory.UsbDevices.Length}"],
                Remedies =
                [
                    new Remedy { Text = "Plug the board in and look again. If it was plugged in, one of the causes below is likely", Command = "defuse doctor" },
                    new Remedy { Text = "A board whose program does not use USB shows nothing until its bootloader is started; this says how for yours", Command = "defuse boards NAME" },
                ],
            };
    }
}
