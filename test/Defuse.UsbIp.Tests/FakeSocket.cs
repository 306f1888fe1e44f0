using Defuse.Transports;

namespace Defuse.UsbIp.Tests;

/// <summary>A socket with one peripheral in it; plugging in anew makes another.</summary>
internal sealed class FakeSocket(string location, Func<FakePeripheral> create) : IUsbSocket
{
    public string Location => location;

    public IUsbPeripheral? Peripheral => Current is { IsConnected: true } ? Current : null;

    public FakePeripheral? Current { get; private set; }

    public int Attached { get; private set; }

    public TransportException? CannotAttach { get; set; }

    public ValueTask<IUsbPeripheral> AttachAsync(CancellationToken cancellationToken)
    {
        if (CannotAttach is not null)
        {
            throw CannotAttach;
        }

        if (Current is not { IsConnected: true })
        {
            Current = create();
            Attached++;
        }

        return new(Current);
    }
}
