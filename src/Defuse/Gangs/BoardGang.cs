using System.Collections.Immutable;
using Defuse.Connections;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;

namespace Defuse.Gangs;

/// <summary>Works on many boards side by side; none waits for another one, and none fails for another one.</summary>
/// <remarks>
/// A report keeps every record until it is given, with the plan and its image: a watch that is to run for days takes them from
/// <see cref="GangEvent.Ended"/> and ends now and then. Who takes the events may throw: the boards that are at work are finished, and it is
/// in <see cref="GangReport.Error"/>.
/// </remarks>
/// <example>
/// <code>
/// var gang = new BoardGang(DefuseBoards.CreateCatalog(), BoardGang.Flashing(file.Image, FlashOptions.Default), TimeProvider.System);
/// var report = await gang.RunAllAsync(null, progress, cancellationToken);
/// foreach (var record in report.Records)
/// {
///     Console.WriteLine($"{record.Board.Address} {record.Report?.Outcome}");
/// }
/// </code>
/// </example>
public sealed class BoardGang
{
    private readonly BoardCatalog _catalog;
    private readonly BoardWork _work;
    private readonly TimeProvider _time;

    /// <param name="catalog">Finds and opens the boards.</param>
    /// <param name="work">What is done to each of them; called for several at the same time.</param>
    /// <param name="time">The wall's clock.</param>
    public BoardGang(BoardCatalog catalog, BoardWork work, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(work);
        ArgumentNullException.ThrowIfNull(time);
        _catalog = catalog;
        _work = work;
        _time = time;
    }

    /// <summary>The work that puts an image onto a board.</summary>
    /// <param name="image">What its memory is to hold.</param>
    /// <param name="options">How.</param>
    public static BoardWork Flashing(FirmwareImage image, FlashOptions options)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(options);
        return (_, target, progress, cancellationToken) => new Programmer(target).FlashAsync(image, options, progress, cancellationToken);
    }

    /// <summary>Works on every board that is there; not on simulated ones, nor on those that run a program.</summary>
    /// <param name="scope">Where to look; null for wherever can be looked without being told.</param>
    /// <param name="progress">Takes the events, of several boards at the same time: see <see cref="GangEvent"/>.</param>
    /// <param name="cancellationToken">Stops each board after the block or the sector in flight.</param>
    /// <returns>The report, whatever happened to the boards.</returns>
    /// <exception cref="ConnectionException">There is no board.</exception>
    /// <exception cref="DefuseException">It cannot be looked there.</exception>
    public async Task<GangReport> RunAllAsync(ConnectionAddress? scope, IProgress<GangEvent>? progress, CancellationToken cancellationToken)
    {
        var boards = (await _catalog.ListAsync(scope, cancellationToken).ConfigureAwait(false)).Where(IsMeant).ToList();
        return boards.Count > 0 ? await RunAsync(boards, progress, cancellationToken).ConfigureAwait(false) : throw new ConnectionException(
            ConnectionFailure.NoDevice,
            scope is null ? "no board in DFU mode was found" : $"no board in DFU mode was found at {scope}",
            "connect boards with BOOT0 high; defuse list shows what is there");
    }

    /// <summary>Works on boards that are named.</summary>
    /// <param name="boards">Which; no two with the same address.</param>
    /// <param name="progress">Takes the events, of several boards at the same time: see <see cref="GangEvent"/>.</param>
    /// <param name="cancellationToken">Stops each board after the block or the sector in flight.</param>
    /// <returns>The report, whatever happened to the boards.</returns>
    public async Task<GangReport> RunAsync(IReadOnlyCollection<BoardInfo> boards, IProgress<GangEvent>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(boards);
        if (boards.DistinctBy(x => x.Address).Count() != boards.Count)
        {
            throw new ArgumentException("A board is named twice.", nameof(boards));
        }

        var started = _time.GetTimestamp();
        var records = ImmutableList<BoardRecord>.Empty;
        var listener = new Listener(progress);
        await Task.WhenAll(boards.Select(board => Task.Run(
            async () =>
            {
                listener.Report(new GangEvent.Began(board));
                var record = await WorkAsync(board, _time.GetUtcNow(), listener, cancellationToken).ConfigureAwait(false);
                ImmutableInterlocked.Update(ref records, x => x.Add(record));
                listener.Report(new GangEvent.Ended(board, record));
            },
            CancellationToken.None))).ConfigureAwait(false);
        return new GangReport
        {
            Records = [.. records],
            Elapsed = _time.GetElapsedTime(started),
            Error = listener.Failure,
            IsCutShort = cancellationToken.IsCancellationRequested && records.Any(x => x.Error is OperationCanceledException),
        };
    }

    /// <summary>Works on each board as it is plugged in, those that are there already included.</summary>
    /// <remarks>
    /// Worked on are boards in DFU mode, each once for every time that it is plugged in. What shows up where a board was worked on
    /// is that board again if the place was empty for less than <see cref="GangOptions.Away"/>, unless its serial number is
    /// another one; after Defuse has started its program, whatever its serial number is. It is left alone then, unless the work
    /// on it failed: in that case it is worked on again, three times in a row at most. A board that leaves before it could be
    /// opened has no record.
    /// </remarks>
    /// <param name="scope">Where to look; null for wherever can be looked without being told.</param>
    /// <param name="options">When a board counts as plugged in, and when to end.</param>
    /// <param name="progress">Takes the events, of several boards at the same time: see <see cref="GangEvent"/>.</param>
    /// <param name="cancellationToken">Ends it; boards at work stop after the block or the sector in flight.</param>
    /// <returns>The report, whatever happened to the boards.</returns>
    public Task<GangReport> WatchAsync(
        ConnectionAddress? scope, GangOptions options, IProgress<GangEvent>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new GangWatch(_catalog, this, options, _time, new Listener(progress)).RunAsync(scope, cancellationToken);
    }

    /// <summary>Whether it is a board that is worked on without being named.</summary>
    internal static bool IsMeant(BoardInfo board) => board is { IsSimulated: false, RunsProgram: false };

    /// <summary>Opens a board and works on it.</summary>
    internal async Task<BoardRecord> WorkAsync(BoardInfo board, DateTimeOffset began, Listener progress, CancellationToken cancellationToken)
    {
        var record = new BoardRecord { Board = board, Began = began };
        var started = _time.GetTimestamp();
        try
        {
            if (board.Problem is { } problem)
            {
                throw new ConnectionException(ConnectionFailure.CannotOpen, $"{board.Address} cannot be opened: {problem}", board.Remedy);
            }

            var target = await _catalog.OpenAsync(board.Address, cancellationToken).ConfigureAwait(false);
            await using var closing = target.ConfigureAwait(false);
            record = record with { Target = target.Description };
            progress.Report(new GangEvent.Opened(board, target.Description));
            var report = await _work(board, target, new Progress(board, progress), cancellationToken).ConfigureAwait(false);
            record = record with
            {
                Report = report,
                Error = report.Outcome == FlashOutcome.Cancelled ? new OperationCanceledException(cancellationToken) : report.IsSuccess ? null : report.Error,
            };
        }
#pragma warning disable CA1031 // What goes wrong with one board must not end the work on the others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            // A board that is gone cannot be closed either; the report of what was done to it stands.
            record = record.Report is null ? record with { Error = e } : record;
        }

        return record with { Elapsed = _time.GetElapsedTime(started) };
    }

    private sealed class Progress(BoardInfo board, Listener progress) : IProgress<ProgrammingEvent>
    {
        public void Report(ProgrammingEvent value) => progress.Report(new GangEvent.Progressed(board, value));
    }
}
