namespace Defuse.Transports;

/// <summary>Finds a board again that left the bus to come back on the same port as something else.</summary>
internal static class UsbReenumeration
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Opens what comes back. Close the device that left only afterwards: a simulated board goes with its last device.</summary>
    /// <param name="host">The host that the board is plugged into.</param>
    /// <param name="left">The device that left, or is about to.</param>
    /// <param name="isBack">Whether a device at that place is what is waited for.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="TransportException">It did not come back in that time (<see cref="TransportFailure.Disconnected"/>), or cannot be opened.</exception>
    public static async ValueTask<IUsbDevice> ReopenAsync(
        IUsbHost host, IUsbDevice left, Func<UsbDeviceInfo, bool> isBack, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var time = left.Time;
        var started = time.GetTimestamp();
        while (true)
        {
            await Task.Delay(Interval, time, cancellationToken).ConfigureAwait(false);
            var isLast = time.GetElapsedTime(started) >= timeout;
            try
            {
                var device = await host.OpenAsync(left.Info.Location, cancellationToken).ConfigureAwait(false);
                if (isBack(device.Info))
                {
                    return device;
                }

                await device.DisposeAsync().ConfigureAwait(false);
            }
            catch (TransportException e) when (!isLast && e.Failure != TransportFailure.Protocol)
            {
                // Not there yet, or there and not yet open to anybody: udev and Windows take a moment.
            }

            if (isLast)
            {
                throw new TransportException(
                    TransportFailure.Disconnected,
                    $"the board left the bus and did not come back within {timeout.TotalSeconds:0} s",
                    "plug it in again and run the same command again");
            }
        }
    }
}
