using System.Collections.Concurrent;
using Defuse.Cli.Output;
using Defuse.Connections;
using Defuse.Gangs;

namespace Defuse.Cli.Live;

/// <summary>Tells of several boards at work, in the way that the streams allow.</summary>
internal sealed class GangProgress(CommandContext context, GangDisplay? display) : IProgress<GangEvent>
{
    private readonly ConcurrentDictionary<ConnectionAddress, BoardSession> _sessions = new();
    private readonly ConcurrentQueue<string> _untold = new();

    /// <summary>What is told of a board that is at work.</summary>
    public BoardSession SessionOf(BoardInfo board) => _sessions[board.Address];

    public void Report(GangEvent value)
    {
        display?.Report(value);
        switch (value)
        {
            case GangEvent.Began began:
                var session = new BoardSession(context, began.Board);
                _sessions[began.Board.Address] = session;
                context.AtWork[session.Name] = session.Context;
                break;
            case GangEvent.Opened opened:
                Open(SessionOf(opened.Board).Context, opened);
                break;
            case GangEvent.Progressed progressed:
                SessionOf(progressed.Board).Report(progressed.Event);
                break;
            case GangEvent.Ended ended:
                End(SessionOf(ended.Board), ended.Record);
                break;
            case GangEvent.LeftAgain left:
                context.AtWork.TryRemove(context.NameOf(left.Board.Address), out _);
                _sessions.TryRemove(left.Board.Address, out _);
                Talk($"{left.Board.Address}: {GangDisplay.Meaning(left)}");
                break;
            case GangEvent.CameBack back:
                Talk($"{back.Board.Address}: {GangDisplay.Meaning(back)}");
                break;
        }
    }

    /// <summary>The next thing that a live display has no room for, in whole lines; null if there is none.</summary>
    public string? NextUntold() => _untold.TryDequeue(out var lines) ? lines : null;

    private static void Open(CommandContext work, GangEvent.Opened opened)
    {
        work.Device = opened.Target;
        foreach (var line in DeviceText.Of(opened.Target))
        {
            work.Printer.Detail(line);
        }
    }

    private void End(BoardSession session, BoardRecord record)
    {
        lock (context.Telling)
        {
            if (!context.AtWork.TryRemove(session.Name, out _))
            {
                // Whoever quit at once was told of it.
                return;
            }

            session.PrintRecord(record);
            context.Boards?.Add(session.Name, record);
        }

        _sessions.TryRemove(record.Board.Address, out _);
        if (display is null)
        {
            session.PrintEnd(record, session.Context.Printer);
            return;
        }

        using var lines = new StringWriter { NewLine = "\n" };
        var printer = context.Printer.Of(session.Name, isSilent: false, lines);
        foreach (var warning in session.Context.Printer.Warnings)
        {
            printer.Warning(warning);
        }

        if (!record.IsSuccess)
        {
            session.PrintEnd(record, printer);
        }

        if (lines.ToString() is { Length: > 0 } text)
        {
            _untold.Enqueue(text);
        }
    }

    private void Talk(string line)
    {
        if (display is null)
        {
            context.Printer.Talk(line);
        }
    }
}
