using Defuse.Cli.Output;
using Defuse.Gangs;
using Defuse.Programming;

namespace Defuse.Cli.Json;

/// <summary>How many boards ended how.</summary>
internal sealed record JsonBoardCounts(
    int Total, int Verified, int WrittenUnverified, int Refused, int Failed, int Incomplete, int Differs, int Cancelled)
{
    public static JsonBoardCounts Of(IReadOnlyCollection<BoardRecord> records)
    {
        var words = records.Select(BoardOutcome.Of).CountBy(x => x.Outcome, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        int Count(FlashOutcome outcome) => words.GetValueOrDefault(Texts.Word(outcome));
        return new(
            records.Count,
            Count(FlashOutcome.Verified),
            Count(FlashOutcome.WrittenUnverified),
            Count(FlashOutcome.Refused),
            Count(FlashOutcome.Failed),
            Count(FlashOutcome.Incomplete),
            Count(FlashOutcome.Differs),
            Count(FlashOutcome.Cancelled));
    }
}
