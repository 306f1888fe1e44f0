using Defuse.Transports;

namespace Defuse.Simulator.Programs;

/// <summary>A bulk or interrupt IN endpoint: what the program has sent and the host has not fetched, and the hosts' transfers that wait for it.</summary>
/// <remarks>Its peripheral guards it.</remarks>
internal sealed class InEndpoint
{
    private readonly Queue<byte> _bytes = [];
    private readonly LinkedList<(int Length, TaskCompletionSource<UsbControlResponse> Done)> _waiting = [];

    public int Count => _bytes.Count;

    public void Send(ReadOnlySpan<byte> data)
    {
        foreach (var value in data)
        {
            _bytes.Enqueue(value);
        }
    }

    /// <summary>Forgets the oldest bytes beyond so many.</summary>
    public void Trim(int count)
    {
        while (_bytes.Count > count)
        {
            _bytes.Dequeue();
        }
    }

    /// <summary>Gives transfers that wait what there is; they have it from then on, whatever their hosts do.</summary>
    public void Serve()
    {
        while (_bytes.Count > 0 && _waiting.First is { } first)
        {
            _waiting.RemoveFirst();
            first.Value.Done.TrySetResult(Take(first.Value.Length));
        }
    }

    public UsbControlResponse Take(int length)
    {
        var data = new byte[Math.Min(length, _bytes.Count)];
        for (var i = 0; i < data.Length; i++)
        {
            data[i] = _bytes.Dequeue();
        }

        return new(UsbControlStatus.Ack, data);
    }

    public LinkedListNode<(int Length, TaskCompletionSource<UsbControlResponse> Done)> Wait(int length) =>
        _waiting.AddLast((length, new TaskCompletionSource<UsbControlResponse>(TaskCreationOptions.RunContinuationsAsynchronously)));

    /// <summary>A host gives a transfer up, if it still waits.</summary>
    public void GiveUp(LinkedListNode<(int Length, TaskCompletionSource<UsbControlResponse> Done)> transfer, CancellationToken cancellationToken)
    {
        if (transfer.List is not null)
        {
            _waiting.Remove(transfer);
        }

        transfer.Value.Done.TrySetCanceled(cancellationToken);
    }

    public void End(UsbControlResponse response)
    {
        while (_waiting.First is { } first)
        {
            _waiting.RemoveFirst();
            first.Value.Done.TrySetResult(response);
        }
    }
}
