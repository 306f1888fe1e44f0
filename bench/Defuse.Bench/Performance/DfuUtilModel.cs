using System.Buffers.Binary;
using Defuse.Simulator;
using Defuse.Transports;

namespace Defuse.Bench.Performance;

/// <summary>
/// The DFU requests of dfu-util 0.11, in order, with its sleeps: what it is seen to send, on which the virtual machine's part of
/// the benchmark compares it with the real one, request by request.
/// </summary>
/// <remarks>
/// It erases every sector of the range, then sends the address before every block, sleeps the whole bwPollTimeout after every
/// GETSTATUS, and asks once more. A STALL of a GETSTATUS behind a command it takes for "wait as long again", three times.
/// </remarks>
internal sealed class DfuUtilModel(IUsbDevice device)
{
    private const byte Dnload = 1;
    private const byte Upload = 2;
    private const byte GetStatus = 3;
    private const byte Abort = 6;
    private const byte Busy = 4;
    private const byte Idle = 2;
    private const byte DownloadIdle = 5;
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(60);

    public async Task WriteAsync(SimulatedChip chip, ReadOnlyMemory<byte> image, int blockSize, bool eraseChip)
    {
        var address = chip.FlashAddress;
        await BeginAsync().ConfigureAwait(false);
        if (eraseChip)
        {
            await CommandAsync([0x41]).ConfigureAwait(false);
        }
        else
        {
            foreach (var sector in chip.Sectors.Where(x => x.Address < address + image.Length))
            {
                await CommandAsync(Command(0x41, sector.Address)).ConfigureAwait(false);
            }
        }

        for (var at = 0; at < image.Length; at += blockSize)
        {
            await CommandAsync(Command(0x21, address + (uint)at)).ConfigureAwait(false);
            await OutAsync(Dnload, 2, image.Slice(at, Math.Min(blockSize, image.Length - at))).ConfigureAwait(false);
            while (await StatusAsync().ConfigureAwait(false) is not DownloadIdle)
            {
            }
        }

        await AbortAsync().ConfigureAwait(false);
    }

    public async Task ReadAsync(uint address, int length, int blockSize)
    {
        await BeginAsync().ConfigureAwait(false);
        await CommandAsync(Command(0x21, address)).ConfigureAwait(false);
        await AbortAsync().ConfigureAwait(false);
        ushort number = 2;
        for (var at = 0; at < length; at += blockSize)
        {
            await InAsync(Upload, number++, new byte[Math.Min(blockSize, length - at)]).ConfigureAwait(false);
        }

        await AbortAsync().ConfigureAwait(false);
    }

    private static byte[] Command(byte command, uint address)
    {
        var bytes = new byte[5];
        bytes[0] = command;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(1), address);
        return bytes;
    }

    private async Task BeginAsync()
    {
        while (await StatusAsync().ConfigureAwait(false) != Idle)
        {
            await OutAsync(Abort, 0, default).ConfigureAwait(false);
        }
    }

    private async Task AbortAsync()
    {
        await OutAsync(Abort, 0, default).ConfigureAwait(false);
        await StatusAsync().ConfigureAwait(false);
    }

    private async Task CommandAsync(byte[] command)
    {
        await OutAsync(Dnload, 0, command).ConfigureAwait(false);
        var stalls = 0;
        var sleep = TimeSpan.Zero;
        for (byte state = Busy; state == Busy;)
        {
            var status = new byte[6];
            try
            {
                await InAsync(GetStatus, 0, status).ConfigureAwait(false);
                state = status[4];
                sleep = PollTimeout(status);
            }
            catch (TransportException e) when (e.Failure == TransportFailure.Stall && stalls++ < 3 && sleep > TimeSpan.Zero)
            {
            }

            await SleepAsync(sleep).ConfigureAwait(false);
        }
    }

    private async Task<byte> StatusAsync()
    {
        var status = new byte[6];
        await InAsync(GetStatus, 0, status).ConfigureAwait(false);
        await SleepAsync(PollTimeout(status)).ConfigureAwait(false);
        return status[4];
    }

    private static TimeSpan PollTimeout(byte[] status) => TimeSpan.FromMilliseconds(status[1] | (status[2] << 8) | (status[3] << 16));

    private Task SleepAsync(TimeSpan time) => time > TimeSpan.Zero ? Task.Delay(time, device.Time) : Task.CompletedTask;

    private async Task InAsync(byte request, ushort value, byte[] buffer) =>
        await device.ControlInAsync(new UsbSetupPacket(0xA1, request, value, 0, (ushort)buffer.Length), buffer, RequestTimeout, CancellationToken.None).ConfigureAwait(false);

    private async Task OutAsync(byte request, ushort value, ReadOnlyMemory<byte> data) =>
        await device.ControlOutAsync(new UsbSetupPacket(0x21, request, value, 0, (ushort)data.Length), data, RequestTimeout, CancellationToken.None).ConfigureAwait(false);
}
