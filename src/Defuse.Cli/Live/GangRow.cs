using Defuse.Gangs;
using Defuse.Programming;

namespace Defuse.Cli.Live;

/// <summary>A port as the live display of several boards has it.</summary>
internal sealed class GangRow(string place)
{
    public string Place => place;

    public string? Chip { get; set; }

    public string? SerialNumber { get; set; }

    /// <summary>What is done there; null while the board is opened.</summary>
    public PhaseRow? Phase { get; set; }

    /// <summary>How it ended; null while it is at work.</summary>
    public BoardRecord? Record { get; set; }

    /// <summary>Why nothing is done there.</summary>
    public string? Note { get; set; }

    public bool IsAtWork => Record is null && Note is null;

    public void Take(ProgrammingEvent value)
    {
        switch (value)
        {
            case ProgrammingEvent.PhaseStarted started:
                Phase = new PhaseRow(started.Phase) { IsBegun = true, TotalBytes = started.TotalBytes };
                break;
            case ProgrammingEvent.Progressed progressed when Phase is { } phase:
                phase.Bytes = progressed.Bytes;
                phase.BytesPerSecond = progressed.BytesPerSecond;
                phase.TimeLeft = progressed.TimeLeft;
                break;
            case ProgrammingEvent.PhaseFinished when Phase is { } phase:
                phase.IsFinished = true;
                break;
        }
    }
}
