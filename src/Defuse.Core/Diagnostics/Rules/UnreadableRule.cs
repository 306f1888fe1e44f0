namespace Defuse.Diagnostics.Rules;

/// <summary>The system could not read what is plugged in, or could not start it (Windows: codes 43 and 10).</summary>
internal sealed class UnreadableRule : IDiagnosticRule
{
    private const int FailedPostStart = 43;

    public string Name => "unreadable";

    public Finding? Examine(SeenBoard board, DiagnosisContext context)
    {
        if (!IsUnreadable(board))
        {
            return null;
        }

        var device = board.DfuDevice ?? board.UsbDevices.FirstOrDefault();
        var code = device is { ProblemCode: not 0 } ? $" (Device Manager: code {device.ProblemCode})" : "";
        return new Finding
        {
            Rule = Name,
            Level = FindingLevel.Blocker,
            Title = "the cable, the port, the supply or the clock",
            Text = $"Something is plugged in here, and the computer cannot make out what{code}: its answers do not get through. If it is your board, a driver will not help: the cause is the cable, the port, the supply or the board's clock.",
            Evidence = [.. device?.Problem is { } problem ? new[] { problem.Reason } : []],
            Remedies =
            [
                new Remedy { Text = "Plug it in again, with another cable that carries data and at another port of the computer. If that does not help, one of the causes below is likely" },
            ],
        };
    }

    /// <summary>Whether a board's USB does not get through.</summary>
    // Of a device that Windows has read, other codes say other things: that somebody switched it off, that Windows wants a restart.
    public static bool IsUnreadable(SeenBoard board) =>
        board.Mode == BoardMode.Unreadable || (board.Fails(AccessFailure.EnumerationFailed) && board.DfuDevice!.ProblemCode is 0 or FailedPostStart);
}
