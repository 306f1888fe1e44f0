namespace Defuse.UsbIp;

/// <summary>A transfer that the server has not answered yet. The first outcome counts; later ones are ignored.</summary>
internal sealed class PendingUrb(uint seqNum, bool isIn, int length)
{
    // Continuations must not run on the reader loop: a caller that submits again would wait for itself.
    private readonly TaskCompletionSource<UrbOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public uint SeqNum => seqNum;

    public bool IsIn => isIn;

    /// <summary>transfer_buffer_length.</summary>
    public int Length => length;

    public Task<UrbOutcome> Outcome => _outcome.Task;

    public void End(UrbOutcome outcome) => _outcome.TrySetResult(outcome);
}
