using Defuse.Cli.Json;
using Defuse.Cli.Output;
using Defuse.Connections;
using Defuse.Gangs;
using Defuse.Programming;

namespace Defuse.Cli.Live;

/// <summary>One of several boards, from when its turn comes until its record is told.</summary>
internal sealed class BoardSession : IProgress<ProgrammingEvent>
{
    private readonly CommandContext _whole;
    private readonly PlainProgress? _plain;
    private readonly JsonProgress? _json;

    /// <param name="whole">The command.</param>
    /// <param name="board">The board.</param>
    public BoardSession(CommandContext whole, BoardInfo board)
    {
        var name = Name = whole.NameOf(board.Address);
        var printer = whole.Printer.Of(name, whole.Printer.IsLive);
        _whole = whole;
        Context = new CommandContext(whole.Command, whole.Environment, printer) { File = whole.File };
        _plain = whole.Printer.IsLive ? null : new PlainProgress(printer);
        _json = whole.Printer.IsJson ? new JsonProgress(whole.Printer, whole.Environment.Time, name) : null;
    }

    /// <summary>The board, as the user calls it.</summary>
    public string Name { get; }

    /// <summary>What this board's work is told to.</summary>
    public CommandContext Context { get; }

    /// <summary>How to have back what was overwritten; null where nothing is lost.</summary>
    public string? WayBack { get; set; }

    public void Report(ProgrammingEvent value)
    {
        Context.Known.Report(value);
        _plain?.Report(value);
        _json?.Report(value);
    }

    /// <summary>Its JSON line.</summary>
    public void PrintRecord(BoardRecord record)
    {
        foreach (var warning in record.Report?.Warnings ?? [])
        {
            Context.Printer.Warning(warning);
        }

        _whole.Printer.Json(RecordLine.Of(record, Context, WayBack, _whole), CliJsonContext.Lines.RecordLine);
    }

    /// <summary>How it ended, for people.</summary>
    /// <param name="record">Its record.</param>
    /// <param name="printer">Where it goes.</param>
    public void PrintEnd(BoardRecord record, Printer printer)
    {
        if (record.Report is { } report)
        {
            ReportText.PrintFlash(printer, report, WayBack);
        }
        else if (BoardOutcome.Of(record).Failure is { } failure)
        {
            var changed = Context.Known.Changed;
            printer.Error(failure.With(WayBack), !changed.IsEmpty ? ReportText.Ranges(changed) : record.Error is DefuseException ? ["nothing was changed"] : null);
        }
        else
        {
            var changed = Context.Known.Changed;
            printer.Talk(changed.IsEmpty ? "Cancelled; nothing was changed." : "Cancelled, with the chip half done:");
            foreach (var line in ReportText.Ranges(changed))
            {
                printer.Talk("  " + line);
            }
        }
    }
}
