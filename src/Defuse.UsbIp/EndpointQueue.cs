namespace Defuse.UsbIp;

/// <summary>The transfers of one endpoint and direction: those that wait, in the order in which they came, and the one that runs.</summary>
/// <remarks>The session guards it.</remarks>
internal sealed class EndpointQueue : IDisposable
{
    public List<ServedUrb> Waiting { get; } = [];

    public ServedUrb? Running { get; set; }

    /// <summary>Counts what was submitted; a transfer that was taken back meanwhile is still counted.</summary>
    public SemaphoreSlim Submitted { get; } = new(0);

    public void Dispose() => Submitted.Dispose();
}
