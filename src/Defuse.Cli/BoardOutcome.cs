using Defuse.Cli.Output;
using Defuse.Gangs;

namespace Defuse.Cli;

/// <summary>How the work on one of several boards ended, as the command line tells of it.</summary>
/// <param name="Outcome">The word for it.</param>
/// <param name="ExitCode">What the process would end with, were it the only board.</param>
/// <param name="Failure">What went wrong; null if nothing did, or somebody cancelled it.</param>
internal sealed record BoardOutcome(string Outcome, int ExitCode, Failure? Failure)
{
    public static BoardOutcome Of(BoardRecord record)
    {
        if (record.Report is { } report)
        {
            return new(Texts.Word(report.Outcome), Cli.ExitCode.Of(report.Outcome), report.Error is { } error ? Cli.Failure.Of(error) : null);
        }

        var failure = Cli.Failure.Of(record.Error ?? throw new ArgumentException("A board without a report has an error.", nameof(record)));

        // Whoever reads it knows already which board it is about.
        var name = $"{record.Board.Address} ";
        failure = failure.Reason.StartsWith(name, StringComparison.Ordinal) ? failure with { Reason = failure.Reason[name.Length..] } : failure;
        return new(failure.Outcome, failure.ExitCode, failure.ExitCode == Cli.ExitCode.Cancelled ? null : failure);
    }
}
