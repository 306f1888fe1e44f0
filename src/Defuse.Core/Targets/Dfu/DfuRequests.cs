using Defuse.Transports;

namespace Defuse.Targets.Dfu;

/// <summary>The class requests of USB DFU 1.1 (section 3), one method each.</summary>
/// <remarks>
/// No method takes a token: a request that was begun is seen through, so that the device's state stays known. Each has
/// a time-out that lets a ROM block endpoint 0 while it erases (F4 and F7 do, for seconds).
/// </remarks>
internal sealed class DfuRequests(IUsbDevice device, byte interfaceNumber)
{
    private const byte Detach = 0;
    private const byte Dnload = 1;
    private const byte Upload = 2;
    private const byte GetStatus = 3;
    private const byte ClrStatus = 4;
    private const byte GetState = 5;
    private const byte Abort = 6;

    private const byte ToInterface = 0x21;
    private const byte FromInterface = 0xA1;

    /// <summary>For a request that only moves data; what pydfu and fwupd give theirs is 4 to 5 s.</summary>
    public static readonly TimeSpan DataTimeout = TimeSpan.FromSeconds(5);

    /// <summary>For a GETSTATUS behind which a sector is erased or a block is written inside the ROM.</summary>
    public static readonly TimeSpan WorkTimeout = TimeSpan.FromSeconds(35);

    private readonly byte[] _status = new byte[DfuStatus.Size];
    private readonly byte[] _state = new byte[1];

    public TimeProvider Time => device.Time;

    /// <summary>How long to wait before each request; nothing but for devices that fail when requests come quickly.</summary>
    public TimeSpan Pace { get; set; }

    public ValueTask DnloadAsync(ushort block, ReadOnlyMemory<byte> data) =>
        OutAsync(Dnload, block, data, DataTimeout);

    public ValueTask<int> UploadAsync(ushort block, Memory<byte> buffer) => InAsync(Upload, block, buffer, DataTimeout);

    public async ValueTask<DfuStatus> GetStatusAsync(TimeSpan timeout)
    {
        var count = await InAsync(GetStatus, 0, _status, timeout).ConfigureAwait(false);
        return count == DfuStatus.Size
            ? DfuStatus.Read(_status)
            : throw new TransportException(TransportFailure.Protocol, $"the device answered DFU_GETSTATUS with {count} bytes instead of {DfuStatus.Size}");
    }

    public async ValueTask<DfuState> GetStateAsync()
    {
        var count = await InAsync(GetState, 0, _state, DataTimeout).ConfigureAwait(false);
        return count == 1
            ? (DfuState)_state[0]
            : throw new TransportException(TransportFailure.Protocol, $"the device answered DFU_GETSTATE with {count} bytes instead of 1");
    }

    /// <param name="timeout">For how long the device is to wait for a bus reset, in ms.</param>
    public ValueTask DetachAsync(ushort timeout) => OutAsync(Detach, timeout, default, DataTimeout);

    public ValueTask ClrStatusAsync() => OutAsync(ClrStatus, 0, default, DataTimeout);

    public ValueTask AbortAsync() => OutAsync(Abort, 0, default, DataTimeout);

    private async ValueTask<int> InAsync(byte request, ushort value, Memory<byte> buffer, TimeSpan timeout)
    {
        await WaitAsync().ConfigureAwait(false);
        return await device.ControlInAsync(Setup(FromInterface, request, value, buffer.Length), buffer, timeout, CancellationToken.None).ConfigureAwait(false);
    }

    private async ValueTask OutAsync(byte request, ushort value, ReadOnlyMemory<byte> data, TimeSpan timeout)
    {
        await WaitAsync().ConfigureAwait(false);
        await device.ControlOutAsync(Setup(ToInterface, request, value, data.Length), data, timeout, CancellationToken.None).ConfigureAwait(false);
    }

    private ValueTask WaitAsync() =>
        Pace > TimeSpan.Zero ? new ValueTask(Task.Delay(Pace, Time, CancellationToken.None)) : ValueTask.CompletedTask;

    private UsbSetupPacket Setup(byte requestType, byte request, ushort value, int length) =>
        new(requestType, request, value, interfaceNumber, (ushort)length);
}
