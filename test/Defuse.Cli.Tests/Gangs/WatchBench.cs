using System.Threading.Channels;
using Defuse.Connections;
using Defuse.Gangs;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;

namespace Defuse.Cli.Tests.Gangs;

/// <summary>A gang that watches a bus, and a clock that moves only when told.</summary>
internal sealed class WatchBench : TimeProvider, IProgress<GangEvent>, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Channel<GangEvent> _events = Channel.CreateUnbounded<GangEvent>();
    private readonly CancellationTokenSource _ending = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private Task<GangReport>? _running;
    private long _now;
    private int _probes;

    public FakeBus Bus { get; } = new();

    public FirmwareImage Image { get; } = FirmwareImage.FromBytes(FakeTarget.Start, [.. Enumerable.Range(0, 3000).Select(x => (byte)(x % 251))]);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _now);

    /// <summary>Called with every event, on the flow that it comes on.</summary>
    public Action<GangEvent> Listening { get; set; } = _ => { };

    public void Report(GangEvent value)
    {
        _events.Writer.TryWrite(value);
        Listening(value);
    }

    public WatchBench Start(int? count = null)
    {
        var catalog = new BoardCatalog([Bus], System);
        var options = FlashOptions.Default with { Allow = FlashAllowances.Chip };
        _running = new BoardGang(catalog, BoardGang.Flashing(Image, options), this)
            .WatchAsync(null, new GangOptions { Count = count }, this, _ending.Token);
        return this;
    }

    /// <summary>The next event that is no progress.</summary>
    public async Task<GangEvent> NextAsync()
    {
        while (true)
        {
            var next = await _events.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);
            if (next is not GangEvent.Progressed)
            {
                return next;
            }
        }
    }

    /// <summary>The next one of a port; those of others are lost.</summary>
    public async Task<GangEvent> NextAsync(string port)
    {
        while (true)
        {
            var next = await NextAsync();
            if (next.Board.Address.Path == $"usb-{port}")
            {
                return next;
            }
        }
    }

    /// <summary>Waits until a board was begun, opened, and has ended.</summary>
    public async Task<BoardRecord> FlashedAsync(string port)
    {
        Assert.IsType<GangEvent.Began>(await NextAsync(port));
        var next = await NextAsync(port);
        return Assert.IsType<GangEvent.Ended>(next is GangEvent.Opened ? await NextAsync(port) : next).Record;
    }

    /// <summary>Lets time pass, after all that happened on the bus until now was seen: what comes last is, on a port of its own.</summary>
    public async Task PassAsync(double seconds)
    {
        await SeenAsync();
        Pass(seconds);
    }

    /// <summary>Lets time pass, whatever was seen.</summary>
    public void Pass(double seconds) => Interlocked.Add(ref _now, TimeSpan.FromSeconds(seconds).Ticks);

    /// <summary>Waits until all that happened on the bus until now was seen and decided.</summary>
    public async Task SeenAsync()
    {
        var probe = $"9-{++_probes}";
        Bus.Plug(probe);
        await FlashedAsync(probe);
    }

    public Task<GangReport> EndedAsync() => (_running ?? Task.FromResult(new GangReport())).WaitAsync(Patience);

    public async Task<GangReport> CancelAsync()
    {
        await _ending.CancelAsync();
        return await EndedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await CancelAsync();
        _ending.Dispose();
    }
}
