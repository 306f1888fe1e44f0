using Defuse.Transports;
using Microsoft.Extensions.Logging;

namespace Defuse.Platform.LibUsb;

/// <summary>A device that libusb has open.</summary>
/// <remarks>A transfer that times out or is given up is cancelled, and its memory is libusb's until libusb says that it is over.</remarks>
internal sealed class LibUsbDevice(
    ILibUsb native, LibUsbDeviceHandle handle, UsbDeviceInfo info, TimeProvider time, ILogger logger, Func<ValueTask> closed) : IUsbDevice
{
    private const ushort UsEnglish = 0x0409;
    private const int LongestString = 255;
    private const int DeviceDescriptorLength = 18;
    private const int ProductOffset = 15;
    private const int SerialNumberOffset = 16;

    private static readonly TimeSpan StringTimeout = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly SortedSet<byte> _claimed = [];
    private readonly SortedSet<byte> _detached = [];
    private LibUsbTransfer? _inFlight;
    private int _disposed;

    public UsbDeviceInfo Info { get; private set; } = info;

    public TimeProvider Time => time;

    /// <summary>Reads the strings that nobody has told.</summary>
    public async ValueTask ReadStringsAsync(CancellationToken cancellationToken)
    {
        try
        {
            var device = new byte[DeviceDescriptorLength];
            if (await DescriptorAsync(UsbStandardRequest.DeviceDescriptor, 0, 0, device, cancellationToken).ConfigureAwait(false) == device.Length)
            {
                Info = Info with
                {
                    Product = Info.Product ?? await StringAsync(device[ProductOffset], cancellationToken).ConfigureAwait(false),
                    SerialNumber = Info.SerialNumber ?? await StringAsync(device[SerialNumberOffset], cancellationToken).ConfigureAwait(false),
                };
            }
        }
        catch (TransportException e) when (e.Failure != TransportFailure.Disconnected)
        {
            Log.StringsUnreadable(logger, Info.Location, e.Message);
        }
    }

    public async ValueTask<int> ControlInAsync(UsbSetupPacket setup, Memory<byte> buffer, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!setup.IsIn || setup.Length != buffer.Length)
        {
            throw new ArgumentException("The setup packet does not fit the buffer.", nameof(setup));
        }

        return await TransferAsync(setup, default, buffer, timeout, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask ControlOutAsync(UsbSetupPacket setup, ReadOnlyMemory<byte> data, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (setup.IsIn || setup.Length != data.Length)
        {
            throw new ArgumentException("The setup packet does not fit the data.", nameof(setup));
        }

        var sent = await TransferAsync(setup, data, default, timeout, cancellationToken).ConfigureAwait(false);
        if (sent != data.Length)
        {
            throw new TransportException(TransportFailure.Fault, $"only {sent} of {data.Length} bytes were sent");
        }
    }

    public ValueTask ClaimInterfaceAsync(byte interfaceNumber, CancellationToken cancellationToken) =>
        InTurnAsync(() => Claim(interfaceNumber), cancellationToken);

    public ValueTask SelectAlternateSettingAsync(byte interfaceNumber, byte alternateSetting, CancellationToken cancellationToken) =>
        InTurnAsync(
            () =>
            {
                if (native.SetInterfaceAlternateSetting(handle, interfaceNumber, alternateSetting) is var error and not LibUsbError.Success)
                {
                    throw LibUsbErrors.Doing(error, $"alternate setting {alternateSetting} of interface {interfaceNumber} cannot be selected");
                }
            },
            cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        lock (_gate)
        {
            _inFlight?.Cancel();
        }

        await _turn.WaitAsync().ConfigureAwait(false);
        await Task.Run(Close).ConfigureAwait(false);
        _turn.Release();
        await closed().ConfigureAwait(false);
    }

    private async ValueTask<int> TransferAsync(
        UsbSetupPacket setup, ReadOnlyMemory<byte> data, Memory<byte> buffer, TimeSpan timeout, CancellationToken cancellationToken)
    {
        await TakeTurnAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            using var transfer = new LibUsbTransfer(native, handle, setup, data.Span, timeout);
            if (transfer.Submit() is var error and not LibUsbError.Success)
            {
                throw LibUsbErrors.Doing(error, "the request cannot be sent");
            }

            Announce(transfer);
            LibUsbTransferStatus status;
            try
            {
                await using var giveUp = cancellationToken.UnsafeRegister(x => ((LibUsbTransfer)x!).Cancel(), transfer).ConfigureAwait(false);
                status = await transfer.Done.ConfigureAwait(false);
            }
            finally
            {
                Announce(null);
            }

            Check(status, timeout, cancellationToken);
            if (transfer.ActualLength > setup.Length || transfer.ActualLength < 0)
            {
                throw new TransportException(TransportFailure.Protocol, $"the device sent {transfer.ActualLength} bytes where {setup.Length} were asked for");
            }

            transfer.CopyTo(buffer.Span);
            return transfer.ActualLength;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Makes known what <see cref="DisposeAsync"/> has to cancel.</summary>
    private void Announce(LibUsbTransfer? transfer)
    {
        lock (_gate)
        {
            _inFlight = transfer;
            if (Volatile.Read(ref _disposed) != 0)
            {
                transfer?.Cancel();
            }
        }
    }

    private void Check(LibUsbTransferStatus status, TimeSpan timeout, CancellationToken cancellationToken)
    {
        switch (status)
        {
            case LibUsbTransferStatus.Completed:
                return;
            case LibUsbTransferStatus.TimedOut:
                throw new TransportException(TransportFailure.Timeout, $"the device did not answer within {timeout.TotalSeconds:0.###} s");
            case LibUsbTransferStatus.Stall:
                throw new TransportException(TransportFailure.Stall, "the device refused the request (STALL)");
            case LibUsbTransferStatus.Cancelled:
                cancellationToken.ThrowIfCancellationRequested();
                ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);

                // Nobody here took it back: systems do so with what is in flight when a device leaves.
                throw new TransportException(TransportFailure.Disconnected, "the device left the bus");
            case LibUsbTransferStatus.NoDevice:
                throw new TransportException(TransportFailure.Disconnected, "the device left the bus");
            case LibUsbTransferStatus.Overflow:
                throw new TransportException(TransportFailure.Protocol, "the device sent more than was asked for");
            default:
                throw new TransportException(TransportFailure.Fault, "the transfer failed on the bus");
        }
    }

    private async ValueTask InTurnAsync(Action action, CancellationToken cancellationToken)
    {
        await TakeTurnAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // These calls of libusb have no asynchronous twin and may wait for the device.
            await Task.Run(action, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async ValueTask TakeTurnAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (Volatile.Read(ref _disposed) != 0 || cancellationToken.IsCancellationRequested)
        {
            _turn.Release();
            cancellationToken.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(true, this);
        }
    }

    private void Claim(byte interfaceNumber)
    {
        if (_claimed.Contains(interfaceNumber))
        {
            return;
        }

        var error = native.ClaimInterface(handle, interfaceNumber);
        if (error == LibUsbError.Busy && native.KernelDriverActive(handle, interfaceNumber) == 1
            && native.DetachKernelDriver(handle, interfaceNumber) == LibUsbError.Success)
        {
            _detached.Add(interfaceNumber);
            error = native.ClaimInterface(handle, interfaceNumber);
        }

        if (error != LibUsbError.Success)
        {
            throw LibUsbErrors.Doing(error, $"interface {interfaceNumber} cannot be claimed");
        }

        _claimed.Add(interfaceNumber);
    }

    private void Close()
    {
        foreach (var number in _claimed)
        {
            _ = native.ReleaseInterface(handle, number);
        }

        foreach (var number in _detached)
        {
            if (native.AttachKernelDriver(handle, number) is var error and not (LibUsbError.Success or LibUsbError.NoDevice))
            {
                Log.DriverNotAttached(logger, Info.Location, number, LibUsbErrors.Name(error));
            }
        }

        handle.Dispose();
    }

    private async ValueTask<string?> StringAsync(byte index, CancellationToken cancellationToken)
    {
        if (index == 0)
        {
            return null;
        }

        var descriptor = new byte[LongestString];
        var length = await DescriptorAsync(UsbStandardRequest.StringDescriptor, index, UsEnglish, descriptor, cancellationToken).ConfigureAwait(false);
        return UsbString.Decode(descriptor.AsSpan(0, length)) is { Length: > 0 } text ? text : null;
    }

    private ValueTask<int> DescriptorAsync(byte type, byte index, ushort language, byte[] buffer, CancellationToken cancellationToken) =>
        ControlInAsync(
            new UsbSetupPacket(0x80, UsbStandardRequest.GetDescriptor, (ushort)((type << 8) | index), language, (ushort)buffer.Length),
            buffer,
            StringTimeout,
            cancellationToken);
}
