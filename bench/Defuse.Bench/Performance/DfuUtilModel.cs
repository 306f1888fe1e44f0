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
/// Where a mass erase is announced to take exactly 100 ms, it sleeps 35 s. Its requests have 5 s.
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
    private const byte Error = 10;
    private const int MostAborts = 10;
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DoubtedMassErase = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MassErase = TimeSpan.FromSeconds(35);

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
            for (byte state = Busy; state != DownloadIdle;)
            {
                state = await StatusAsync().ConfigureAwait(false);
                ThrowIfFailed(state);
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
        for (var aborts = 0; await StatusAsync().ConfigureAwait(false) is var state && state != Idle; aborts++)
        {
            ThrowIfFailed(aborts < MostAborts ? state : Error);
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
                ThrowIfFailed(state);
                sleep = PollTimeout(status);
                sleep = command.Length == 1 && sleep == DoubtedMassErase ? MassErase : sleep;
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

    // It gives up, and so does the model.
    private static void ThrowIfFailed(byte state)
    {
        if (state == Error)
        {
            throw new DeviceRefusedException("The bootloader is in dfuERROR.");
        }
    }

    private static TimeSpan PollTimeout(byte[] status) => TimeSpan.FromMilliseconds(status[1] | (status[2] << 8) | (status[3] << 16));

    private Task SleepAsync(TimeSpan time) => time > TimeSpan.Zero ? Task.Delay(time, device.Time) : Task.CompletedTask;

    private async Task InAsync(byte request, ushort value, byte[] buffer) =>
        await device.ControlInAsync(new UsbSetupPacket(0xA1, request, value, 0, (ushort)buffer.Length), buffer, RequestTimeout, CancellationToken.None).ConfigureAwait(false);

    private async Task OutAsync(byte request, ushort value, ReadOnlyMemory<byte> data) =>
        await device.ControlOutAsync(new UsbSetupPacket(0x21, request, value, 0, (ushort)data.Length), data, RequestTimeout, CancellationToken.None).ConfigureAwait(false);
}
