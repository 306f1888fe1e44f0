using System.Collections.Immutable;
using Defuse.Programming;

namespace Defuse.Cli;

/// <summary>What the process ends with; documented, so never renumbered.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int NoDevice = 3;
    public const int CannotOpen = 4;
    public const int Refused = 5;
    public const int Differs = 6;
    public const int Incomplete = 7;
    public const int Unverified = 8;
    public const int Cancelled = 130;

    private static readonly ImmutableArray<int> WorstFirst =
        [Cancelled, Incomplete, Differs, Failed, Usage, CannotOpen, NoDevice, Refused, Unverified, Done];

    /// <summary>The one that stands for several: what needs a person most comes first.</summary>
    public static int Worst(IEnumerable<int> codes) => codes.Append(Done).MinBy(x => WorstFirst.IndexOf(x));

    public static int Of(FlashOutcome outcome) => outcome switch
    {
        FlashOutcome.Verified => Done,
        FlashOutcome.WrittenUnverified => Unverified,
        FlashOutcome.Refused => Refused,
        FlashOutcome.Failed => Failed,
        FlashOutcome.Incomplete => Incomplete,
        FlashOutcome.Differs => Differs,
        FlashOutcome.Cancelled => Cancelled,
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "There is no such outcome."),
    };
}
