using System.Threading.Channels;
using Defuse.Connections;

namespace Defuse.Gangs;

/// <summary>One run of a gang that works on boards as they are plugged in.</summary>
/// <remarks>What is kept of places is touched by one flow alone, which takes what happened one after the other.</remarks>
internal sealed class GangWatch(BoardCatalog catalog, BoardGang gang, GangOptions options, TimeProvider time, Listener progress)
{
    private static readonly TimeSpan OpenInterval = TimeSpan.FromMilliseconds(250);

    private readonly Channel<Action> _happenings = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<ConnectionAddress, Place> _places = [];
    private readonly List<BoardRecord> _records = [];
    private int _atWork;
    private bool _isEnding;
    private Exception? _error;

    private bool IsFull => options.Count is { } count && _records.Count + _atWork >= count;

    public async Task<GangReport> RunAsync(ConnectionAddress? scope, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var cancelling = cancellationToken.Register(() => Post(() => _isEnding = true));
        using var closing = options.NoMore.Register(() => Post(() => _isEnding = true));
        var watching = WatchAsync(scope, cancellationToken, ending.Token);
        try
        {
            while (!_isEnding || _atWork > 0)
            {
                (await _happenings.Reader.ReadAsync(CancellationToken.None).ConfigureAwait(false))();
                _isEnding |= progress.Failure is not null;
            }
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(false);
        }

        return new GangReport
        {
            Records = [.. _records],
            Elapsed = time.GetElapsedTime(started),
            Error = _error ?? progress.Failure,
            IsCutShort = (cancellationToken.IsCancellationRequested || options.NoMore.IsCancellationRequested) && !IsAllDone(),
        };
    }

    private bool IsAllDone() =>
        _records.Count >= (options.Count ?? 1) && !_records.Any(x => x.Error is OperationCanceledException);

    private void Post(Action happening) => _happenings.Writer.TryWrite(happening);

    private async Task WatchAsync(ConnectionAddress? scope, CancellationToken workToken, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var change in catalog.WatchAsync(scope, cancellationToken).ConfigureAwait(false))
            {
                var at = time.GetTimestamp();
                Post(() => Take(change, at, workToken));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It has ended.
        }
#pragma warning disable CA1031 // It is in the report; boards that are at work are finished first.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Post(() => (_isEnding, _error) = (true, e));
        }
    }

    private void Take(BoardChange change, long at, CancellationToken cancellationToken)
    {
        if (!_places.TryGetValue(change.Board.Address, out var place))
        {
            _places[change.Board.Address] = place = new Place();
        }

        switch (change.Kind)
        {
            case BoardChangeKind.Arrived:
                place.Arrive(change.Board, at);
                break;
            case BoardChangeKind.Left:
                place.Leave(at);
                break;
            default:
                place.Change(change.Board);
                break;
        }

        Consider(place, cancellationToken);
    }

    private void Consider(Place place, CancellationToken cancellationToken)
    {
        if (_isEnding || progress.Failure is not null || place.IsAtWork || IsFull || place.Present is not { IsSeenTo: false } present || !BoardGang.IsMeant(present.Board))
        {
            return;
        }

        present.IsSeenTo = true;
        if (place.HasComeBack(options.Away, time, out var away))
        {
            progress.Report(new GangEvent.CameBack(present.Board, away));
            return;
        }

        place.Begin();
        _atWork++;
        _ = Task.Run(
            async () =>
            {
                var record = await AttendAsync(present, cancellationToken).ConfigureAwait(false);
                var at = time.GetTimestamp();
                progress.Report(record is null ? new GangEvent.LeftAgain(present.Board) : new GangEvent.Ended(present.Board, record));
                Post(() => End(place, record, at, cancellationToken));
            },
            CancellationToken.None);
    }

    private void End(Place place, BoardRecord? record, long at, CancellationToken cancellationToken)
    {
        place.End(record, at);
        _atWork--;
        if (record is not null)
        {
            _records.Add(record);
        }

        _isEnding |= _records.Count == options.Count;
        foreach (var waiting in _places.Values)
        {
            Consider(waiting, cancellationToken);
        }
    }

    // Null if it left before it could be opened.
    private async Task<BoardRecord?> AttendAsync(Presence present, CancellationToken cancellationToken)
    {
        var began = time.GetUtcNow();
        var started = time.GetTimestamp();
        progress.Report(new GangEvent.Began(present.Board));
        while (true)
        {
            var isLast = time.GetElapsedTime(started) >= options.Settle;
            var record = await gang.WorkAsync(present.Board, began, progress, cancellationToken).ConfigureAwait(false);
            if (record is not { Target: null, Error: ConnectionException { Failure: ConnectionFailure.CannotOpen or ConnectionFailure.NoDevice } })
            {
                return record;
            }

            if (present.HasEnded)
            {
                return null;
            }

            if (isLast)
            {
                return record;
            }

            await Task.Delay(OpenInterval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
            {
                return record with { Error = new OperationCanceledException(cancellationToken) };
            }
        }
    }
}
