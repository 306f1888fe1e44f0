using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Diagnostics.Rules;

namespace Defuse.Diagnostics;

/// <summary>From what was seen to what is wrong and what to do. Pure.</summary>
public static class Doctor
{
    /// <summary>Joins what was seen into boards, and lets every rule look at them.</summary>
    /// <param name="inventory">What was seen.</param>
    /// <param name="boards">The boards that are known.</param>
    /// <param name="chips">The chips that are known.</param>
    /// <param name="targets">The ways by which this version flashes boards, as schemes of addresses ("dfu").</param>
    /// <param name="elsewhere">The address of the only board there is, where that is simulated or plugged in elsewhere; null where a computer was looked at.</param>
    public static Diagnosis Diagnose(HostInventory inventory, BoardDatabase boards, ChipDatabase chips, ImmutableArray<string> targets, string? elsewhere = null)
    {
        ArgumentNullException.ThrowIfNull(inventory);
        ArgumentNullException.ThrowIfNull(boards);
        ArgumentNullException.ThrowIfNull(chips);
        return Diagnose(new DiagnosisContext(inventory, BoardJoin.Join(inventory, boards), chips, targets) { Elsewhere = elsewhere });
    }

    /// <summary>Lets every rule look at boards that are joined already.</summary>
    internal static Diagnosis Diagnose(DiagnosisContext context)
    {
        ImmutableArray<BoardDiagnosis> boards = [.. context.Boards.Select(x => Examine(x, context)).OrderBy(x => Rank(x, context))];
        ImmutableArray<Finding> general = [.. RuleBook.Host.Where(x => context.Elsewhere is null || x is UnseenRule).Select(x => x.Examine(context)).OfType<Finding>().OrderByDescending(x => x.Level)];
        var next = boards.Select(x => x.Next).FirstOrDefault(x => x is not null);
        return new Diagnosis
        {
            Boards = boards,
            General = general,
            Next = next is null || context.ShowsNoBoard() ? FirstRemedy(general) ?? next : next,
        };
    }

    private static BoardDiagnosis Examine(SeenBoard board, DiagnosisContext context)
    {
        ImmutableArray<Finding> findings = [.. RuleBook.Boards.Select(x => x.Examine(board, context)).OfType<Finding>().OrderByDescending(x => x.Level)];
        return new BoardDiagnosis { Board = board, Findings = findings, Next = Next(findings) };
    }

    // A blocker comes before everything; what can be flashed is flashed, whatever else there is to know of it.
    private static Remedy? Next(ImmutableArray<Finding> findings) =>
        findings is [{ Level: FindingLevel.Blocker }, ..]
            ? FirstRemedy([.. findings.Where(x => x.Level == FindingLevel.Blocker)])
            : FirstRemedy([.. findings.Where(x => x.IsWayForward)]) ?? FirstRemedy([.. findings.Where(x => x.Level > FindingLevel.Note)]);

    private static Remedy? FirstRemedy(ImmutableArray<Finding> findings) => findings.SelectMany(x => x.Remedies).FirstOrDefault();

    private static int Rank(BoardDiagnosis diagnosis, DiagnosisContext context) => diagnosis.Board switch
    {
        var board when board.IsHandedOver() || board.IsUnsure(context) => 4,
        { Mode: BoardMode.Stranger } => 6,
        { Mode: BoardMode.SerialAdapter } => 5,
        var board when board.IsReady() => 0,
        { Mode: BoardMode.Program } when diagnosis.Findings.All(x => x.Level != FindingLevel.Blocker) => 1,
        { Mode: BoardMode.Dfu } => 2,
        { Mode: BoardMode.ProbeOnly or BoardMode.Program or BoardMode.Drive } => 3,
        _ => 4,
    };
}
