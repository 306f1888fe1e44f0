using System.Runtime.CompilerServices;

namespace Defuse.Transports;

/// <summary>Sees changes by comparing lists.</summary>
public static class UsbListPolling
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>A host's devices, and again after every change.</summary>
    /// <param name="host">The host.</param>
    /// <param name="time">The clock that the interval goes by.</param>
    /// <param name="cancellationToken">Ends it, with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="TransportException">The host itself cannot be asked.</exception>
    public static async IAsyncEnumerable<IReadOnlyList<UsbDeviceInfo>> WatchAsync(
        IUsbHost host, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(time);
        IReadOnlyList<UsbDeviceInfo>? last = null;
        while (true)
        {
            var devices = await host.ListAsync(cancellationToken).ConfigureAwait(false);
            if (last is null || !AreSame(last, devices))
            {
                yield return devices;
                last = devices;
            }

            await Task.Delay(Interval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether two lists show the same devices in the same state.</summary>
    /// <param name="before">One list.</param>
    /// <param name="after">Another one.</param>
    public static bool AreSame(IReadOnlyList<UsbDeviceInfo> before, IReadOnlyList<UsbDeviceInfo> after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        return before.Count == after.Count && before.Zip(after).All(x => IsSame(x.First, x.Second));
    }

    // Interfaces are compared by content: arrays of equal content are not equal.
    private static bool IsSame(UsbDeviceInfo one, UsbDeviceInfo other) =>
        one.Interfaces.SequenceEqual(other.Interfaces) && one with { Interfaces = [] } == other with { Interfaces = [] };
}
