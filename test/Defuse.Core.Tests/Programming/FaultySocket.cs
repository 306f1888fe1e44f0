using System.Buffers.Binary;
using Defuse.Transports;

namespace Defuse.Core.Tests.Programming;

/// <summary>Stands between a host and a board, and lets a test spoil or watch any control transfer.</summary>
internal sealed class FaultySocket(IUsbSocket board) : IUsbSocket
{
    public string Location => board.Location;

    public IUsbPeripheral? Peripheral => board.Peripheral is { } peripheral ? new Tap(this, peripheral) : null;

    /// <summary>Every class request that was sent, in order.</summary>
    public List<UsbSetupPacket> Requests { get; } = [];

    /// <summary>How much of the board's time passed between an answer and the next request: the host slept.</summary>
    public TimeSpan Slept { get; set; }

    /// <summary>Answers in the board's place, or returns null to let it through; sees the number of the class request.</summary>
    public Func<int, UsbSetupPacket, UsbControlResponse?>? Intercept { get; set; }

    /// <summary>The same for standard requests.</summary>
    public Func<UsbSetupPacket, UsbControlResponse?>? InterceptStandard { get; set; }

    /// <summary>Changes what goes to the board.</summary>
    public Func<UsbSetupPacket, UsbSetupPacket>? Rewrite { get; set; }

    /// <summary>Requests that the board gets, and whose answer does not arrive: the host sees a STALL.</summary>
    public Func<UsbSetupPacket, bool>? Lose { get; set; }

    /// <summary>Where the address pointer was set last.</summary>
    public uint? LastAddress { get; private set; }

    /// <summary>Whether a program has taken the device over: what was asked before, the operating system asked.</summary>
    public bool IsConfigured { get; private set; }

    /// <summary>Called after a request was answered.</summary>
    public Func<int, UsbSetupPacket, Task>? Answered { get; set; }

    public async ValueTask<IUsbPeripheral> AttachAsync(CancellationToken cancellationToken) =>
        new Tap(this, await board.AttachAsync(cancellationToken));

    private sealed class Tap(FaultySocket socket, IUsbPeripheral peripheral) : IUsbPeripheral
    {
        private long? _answered;

        public UsbSpeed Speed => peripheral.Speed;

        public bool IsConnected => peripheral.IsConnected;

        public TimeProvider Time => peripheral.Time;

        public async ValueTask<UsbControlResponse> ControlAsync(
            UsbSetupPacket setup, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
        {
            socket.Slept += _answered is { } answered ? peripheral.Time.GetElapsedTime(answered) : TimeSpan.Zero;
            try
            {
                return await AnswerAsync(setup, data, cancellationToken);
            }
            finally
            {
                _answered = peripheral.Time.GetTimestamp();
            }
        }

        private async ValueTask<UsbControlResponse> AnswerAsync(
            UsbSetupPacket setup, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
        {
            if (setup.Kind != UsbRequestKind.Class)
            {
                socket.IsConfigured |= setup.Request == UsbStandardRequest.SetConfiguration;
                return socket.InterceptStandard?.Invoke(setup) ?? await peripheral.ControlAsync(setup, data, cancellationToken);
            }

            var number = socket.Requests.Count;
            socket.Requests.Add(setup);
            socket.LastAddress = setup is { Request: 1, Value: 0, Length: 5 } && data.Span[0] == 0x21
                ? BinaryPrimitives.ReadUInt32LittleEndian(data.Span[1..])
                : socket.LastAddress;
            if (socket.Intercept?.Invoke(number, setup) is { } response)
            {
                return response;
            }

            var answer = await peripheral.ControlAsync(socket.Rewrite?.Invoke(setup) ?? setup, data, cancellationToken);
            if (socket.Answered is { } answered)
            {
                await answered(number, setup);
            }

            return socket.Lose?.Invoke(setup) == true ? UsbControlResponse.Stall : answer;
        }
    }
}
