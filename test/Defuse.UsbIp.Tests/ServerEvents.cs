using System.Collections.Concurrent;

namespace Defuse.UsbIp.Tests;

internal sealed class ServerEvents : IProgress<UsbIpServerEvent>
{
    private readonly ConcurrentQueue<UsbIpServerEvent> _events = [];

    public IEnumerable<UsbIpServerEventKind> Kinds => _events.Select(x => x.Kind);

    public void Report(UsbIpServerEvent value) => _events.Enqueue(value);

    public async Task<UsbIpServerEvent> WaitForAsync(UsbIpServerEventKind kind, int count = 1)
    {
        for (var i = 0; i < 1000; i++)
        {
            if (_events.Where(x => x.Kind == kind).ElementAtOrDefault(count - 1) is { } found)
            {
                return found;
            }

            await Task.Delay(10);
        }

        Assert.Fail($"No {kind} came, only {string.Join(", ", Kinds)}.");
        return null!;
    }
}
