using System.Collections.Concurrent;
using Defuse.Cli.Output;
using Defuse.Connections;
using Defuse.Gangs;

namespace Defuse.Cli.Live;

/// <summary>Tells of several boards at work, in the way that the streams allow.</summary>
internal sealed class GangProgress(CommandContext context, GangDisplay? display) : IProgress<GangEvent>
{
    private readonly ConcurrentDictionary<ConnectionAddress, BoardSession> _sessions = new();
    private readonly ConcurrentQueue<(BoardSession Session, BoardRecord Record)> _untold = new();

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
                context.AtWork[began.Board.Address.ToString()] = session.Context;
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
                context.AtWork.TryRemove(left.Board.Address.ToString(), out _);
                Talk($"{left.Board.Address}: {GangDisplay.Meaning(left)}");
                break;
            case GangEvent.CameBack back:
                Talk($"{back.Board.Address}: {GangDisplay.Meaning(back)}");
                break;
        }
    }

    /// <summary>What a live display had no room for.</summary>
    public void PrintRest()
    {
        while (_untold.TryDequeue(out var untold))
        {
            var printer = context.Printer.Of(untold.Record.Board.Address.ToString(), isSilent: false);
            foreach (var warning in untold.Session.Context.Printer.Warnings)
            {
                printer.Warning(warning);
            }

            if (!untold.Record.IsSuccess)
            {
                untold.Session.PrintEnd(untold.Record, printer);
            }
        }
    }

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
        session.PrintRecord(record);
        context.AtWork.TryRemove(record.Board.Address.ToString(), out _);
        if (display is null)
        {
            session.PrintEnd(record, session.Context.Printer);
        }
        else
        {
            _untold.Enqueue((session, record));
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
