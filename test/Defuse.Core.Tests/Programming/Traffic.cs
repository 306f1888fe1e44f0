using Defuse.Transports;

namespace Defuse.Core.Tests.Programming;

/// <summary>Counts what goes over a bench's wire, and how long the host slept in between, on the board's clock.</summary>
internal sealed class Traffic
{
    private const byte Dnload = 1;
    private const byte Upload = 2;
    private const byte GetStatus = 3;

    private readonly Bench _bench;
    private readonly TimeSpan _started;

    public Traffic(Bench bench)
    {
        _bench = bench;
        _started = bench.Board.Clock.Elapsed;
        bench.Wire.Requests.Clear();
        bench.Wire.Slept = TimeSpan.Zero;
    }

    public TimeSpan Elapsed => _bench.Board.Clock.Elapsed - _started;

    public TimeSpan Slept => _bench.Wire.Slept;

    public int Transfers => _bench.Wire.Requests.Count;

    public int Blocks => Count(x => x is { Request: Dnload, Value: >= 2 });

    public int Commands => Count(x => x is { Request: Dnload, Value: 0, Length: > 0 });

    public int Uploads => Count(x => x.Request == Upload);

    /// <summary>GETSTATUS beyond the one that starts a piece of work.</summary>
    public int Polls => Count(x => x.Request == GetStatus) - Blocks - Commands;

    private int Count(Func<UsbSetupPacket, bool> which) => _bench.Wire.Requests.Count(which);
}
