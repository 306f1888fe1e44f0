using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Defuse.Connections;
using Defuse.Targets;

namespace Defuse.Cli.Tests;

/// <summary>Ports that boards are plugged into and pulled out of while somebody looks; who looks later sees what is there then.</summary>
internal sealed class FakeBus : IConnectionProvider
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, BoardInfo> _boards = new(StringComparer.Ordinal);
    private readonly List<Channel<IReadOnlyList<BoardInfo>>> _watchers = [];
    private byte _lastDeviceAddress;

    public string Scheme => "dfu";

    /// <summary>The boards behind the ports; one that was pulled out loses nothing.</summary>
    public ConcurrentDictionary<string, FakeTarget> Targets { get; } = new(StringComparer.Ordinal);

    /// <summary>Called with the port when a board is opened; what it throws, opening fails with.</summary>
    public Action<string> Opening { get; set; } = _ => { };

    /// <summary>What looking fails with; null if it does not.</summary>
    public DefuseException? Blindness { get; set; }

    /// <summary>Plugs a board in, in DFU mode.</summary>
    public BoardInfo Plug(string port, string? serial = null, string? problem = null, string? remedy = null, bool runsProgram = false)
    {
        var board = new BoardInfo
        {
            Address = ConnectionAddress.Parse($"dfu:usb-{port}"),
            Name = "STM32  BOOTLOADER",
            UsbId = "0483:df11",
            SerialNumber = serial,
            DeviceAddress = ++_lastDeviceAddress,
            Access = problem is null ? null : AccessFailure.PermissionDenied,
            Problem = problem,
            Remedy = remedy,
            RunsProgram = runsProgram,
        };
        Targets.TryAdd(port, new FakeTarget($"dfu:usb-{port}"));
        Change(port, _ => board);
        return board;
    }

    public void Unplug(string port) => Change(port, _ => null);

    /// <summary>Pulls a board out and plugs another one in, faster than anybody looks.</summary>
    public void Swap(string port, string? serial) => Change(port, x => x! with { SerialNumber = serial, DeviceAddress = ++_lastDeviceAddress });

    public void Change(string port, Func<BoardInfo?, BoardInfo?> change)
    {
        lock (_lock)
        {
            if (change(_boards.GetValueOrDefault(port)) is { } board)
            {
                _boards[port] = board;
            }
            else
            {
                _boards.Remove(port);
            }

            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryWrite([.. _boards.Values]);
            }
        }
    }

    /// <summary>Ends everybody's looking.</summary>
    public void GoBlind(Exception why)
    {
        lock (_lock)
        {
            _watchers.ForEach(x => x.Writer.TryComplete(why));
        }
    }

    public ValueTask<IReadOnlyList<BoardInfo>> ListAsync(ConnectionAddress? scope, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Blindness is null ? ValueTask.FromResult<IReadOnlyList<BoardInfo>>([.. _boards.Values]) : throw Blindness;
        }
    }

    public async IAsyncEnumerable<IReadOnlyList<BoardInfo>> WatchAsync(ConnectionAddress? scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var watcher = Channel.CreateUnbounded<IReadOnlyList<BoardInfo>>();
        lock (_lock)
        {
            watcher.Writer.TryWrite([.. _boards.Values]);
            _watchers.Add(watcher);
        }

        await foreach (var boards in watcher.Reader.ReadAllAsync(cancellationToken))
        {
            yield return Blindness is null ? boards : throw Blindness;
        }
    }

    public ValueTask<ITarget> OpenAsync(ConnectionAddress address, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var port = address.Path["usb-".Length..];
        Opening(port);
        lock (_lock)
        {
            return _boards.ContainsKey(port)
                ? ValueTask.FromResult<ITarget>(Targets[port])
                : throw new TransportException(TransportFailure.Disconnected, $"nothing is plugged in at {port}");
        }
    }
}
