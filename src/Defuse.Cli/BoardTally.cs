using Defuse.Cli.Json;
using Defuse.Cli.Output;
using Defuse.Gangs;
using Defuse.Programming;

namespace Defuse.Cli;

/// <summary>What became of several boards, as sums: a watch may go on for days.</summary>
internal sealed class BoardTally
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _outcomes = new(StringComparer.Ordinal);
    private readonly Dictionary<int, (string Outcome, Failure? Failure)> _firsts = [];
    private long _bytesWritten;
    private long _bytesVerified;
    private int _sectorsErased;

    /// <summary>How many boards ended.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _outcomes.Values.Sum();
            }
        }
    }

    /// <summary>The exit codes that boards ended with, each once.</summary>
    public int[] ExitCodes
    {
        get
        {
            lock (_lock)
            {
                return [.. _firsts.Keys];
            }
        }
    }

    /// <summary>Whether a board was not verified.</summary>
    public bool HasOthers => ExitCodes.Any(x => x != ExitCode.Done);

    /// <summary>How many boards ended how, in words.</summary>
    public string Words
    {
        get
        {
            lock (_lock)
            {
                var verified = Texts.Word(FlashOutcome.Verified);
                return string.Join(", ", _outcomes.OrderBy(x => string.Equals(x.Key, verified, StringComparison.Ordinal) ? 0 : 1).ThenBy(x => x.Key, StringComparer.Ordinal).Select(x => $"{x.Value} {x.Key}"));
            }
        }
    }

    /// <summary>The first board that ended with an exit code.</summary>
    public (string Outcome, Failure? Failure)? FirstWith(int exitCode)
    {
        lock (_lock)
        {
            return _firsts.TryGetValue(exitCode, out var first) ? first : null;
        }
    }

    /// <param name="board">The board, as the user calls it.</param>
    /// <param name="record">What became of it.</param>
    public void Add(string board, BoardRecord record)
    {
        var outcome = BoardOutcome.Of(record);
        Add(
            outcome.Outcome,
            outcome.ExitCode,
            outcome.Failure is { } failure ? failure with { Reason = $"{board}: {failure.Reason}" } : null,
            record.Report?.BytesWritten ?? 0,
            record.Report?.BytesVerified ?? 0,
            record.Report?.SectorsErased ?? 0);
    }

    /// <summary>Adds a board whose work is not waited for.</summary>
    public void Add(RecordLine line) => Add(line.Outcome, line.ExitCode, null, line.BytesWritten, line.BytesVerified, line.SectorsErased);

    /// <summary>The line with the sums filled in.</summary>
    public ResultLine Fill(ResultLine line)
    {
        lock (_lock)
        {
            return line with
            {
                Boards = JsonBoardCounts.Of(_outcomes),
                BytesWritten = _bytesWritten,
                BytesVerified = _bytesVerified,
                SectorsErased = _sectorsErased,
            };
        }
    }

    private void Add(string outcome, int exitCode, Failure? failure, long bytesWritten, long bytesVerified, int sectorsErased)
    {
        lock (_lock)
        {
            _outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + 1;
            _firsts.TryAdd(exitCode, (outcome, failure));
            _bytesWritten += bytesWritten;
            _bytesVerified += bytesVerified;
            _sectorsErased += sectorsErased;
        }
    }
}
