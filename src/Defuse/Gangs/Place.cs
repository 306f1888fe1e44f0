using Defuse.Connections;

namespace Defuse.Gangs;

/// <summary>Where boards are plugged in: what is there now, and what was done there last.</summary>
internal sealed class Place
{
    /// <summary>How often in a row a board may come back at once after its work failed, and is worked on again.</summary>
    private const int MostQuickReturns = 2;

    private long? _emptySince;
    private int _quickReturns;
    private int _arrivals;
    private BoardRecord? _last;
    private long _lastEnded;

    /// <summary>What is there; null while nothing is.</summary>
    public Presence? Present { get; private set; }

    /// <summary>Whether a board is worked on that is there, or was when it began.</summary>
    public bool IsAtWork { get; private set; }

    public void Arrive(BoardInfo board, long at)
    {
        Present = new Presence(board, at, _emptySince);
        _arrivals++;
    }

    public void Change(BoardInfo board)
    {
        if (Present is not { } present)
        {
            return;
        }

        // Somebody found it a driver, or the permission.
        present.IsSeenTo &= IsAtWork || present.Board.Problem is null || board.Problem is not null;
        present.Board = board;
    }

    public void Leave(long at)
    {
        Present?.End();
        Present = null;
        _emptySince = at;
    }

    public void Begin()
    {
        IsAtWork = true;
        _arrivals = 0;
    }

    public void End(BoardRecord? record, long at)
    {
        IsAtWork = false;
        if (Present is { Board.Problem: null } present && record is { Target: null, Board.Problem: not null })
        {
            // Whatever kept it from being opened was mended while that failed.
            present.IsSeenTo = false;
        }

        (_last, _lastEnded) = (record ?? _last, at);
    }

    /// <summary>Whether what is there is the board that was worked on last, which came back by itself.</summary>
    /// <param name="away">How long a place is empty when a hand changes boards.</param>
    /// <param name="time">The clock.</param>
    /// <param name="absence">How long it was away.</param>
    public bool HasComeBack(TimeSpan away, TimeProvider time, out TimeSpan absence)
    {
        absence = Absence(time);
        if (_last is null || Present is null || absence >= away || IsAnother(_last, Present.Board))
        {
            _quickReturns = 0;
            return false;
        }

        return _last.IsSuccess || ++_quickReturns > MostQuickReturns;
    }

    // A server that shares a board with one client at a time hides it while it is worked on.
    private TimeSpan Absence(TimeProvider time)
    {
        if (Present?.EmptySince is not { } left)
        {
            return TimeSpan.MaxValue;
        }

        var since = _last is { IsSuccess: true } ? Math.Max(left, _lastEnded) : left;
        return since < Present.Arrived ? time.GetElapsedTime(since, Present.Arrived) : TimeSpan.Zero;
    }

    // What shows up when a program was just started is that program, or the board's next bootloader, whatever it calls itself.
    private bool IsAnother(BoardRecord last, BoardInfo board) =>
        last.Board.SerialNumber is { } one
        && board.SerialNumber is { } other
        && !string.Equals(one, other, StringComparison.Ordinal)
        && !(last.Report?.Started is not null && _arrivals <= 1);
}
