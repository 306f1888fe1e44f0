namespace Defuse.Transports;

/// <summary>A place where a peripheral is plugged in, comes and goes: a board's USB connector.</summary>
public interface IUsbSocket
{
    /// <summary>What the place is called, as <see cref="UsbDeviceInfo.Location"/> has it.</summary>
    string Location { get; }

    /// <summary>
    /// What is on the bus there now; null while nothing is (a board whose program has no USB). Asking again may find
    /// another peripheral.
    /// </summary>
    IUsbPeripheral? Peripheral { get; }

    /// <summary>Plugs the board in anew if nothing is on the bus, as a person would who wants to use it.</summary>
    /// <returns>What is on the bus then.</returns>
    /// <exception cref="TransportException">The board cannot be had: another process is using it.</exception>
    ValueTask<IUsbPeripheral> AttachAsync(CancellationToken cancellationToken);
}
