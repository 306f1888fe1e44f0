using Defuse.Cli.Output;
using Defuse.Programming;

namespace Defuse.Cli.Json;

/// <summary>How many boards ended how.</summary>
internal sealed record JsonBoardCounts(
    int Total, int Verified, int WrittenUnverified, int Refused, int Failed, int Incomplete, int Differs, int Cancelled)
{
    /// <param name="words">How many, by the word for it.</param>
    public static JsonBoardCounts Of(IReadOnlyDictionary<string, int> words)
    {
        int Count(FlashOutcome outcome) => words.GetValueOrDefault(Texts.Word(outcome));
        return new(
            words.Values.Sum(),
            Count(FlashOutcome.Verified),
            Count(FlashOutcome.WrittenUnverified),
            Count(FlashOutcome.Refused),
            Count(FlashOutcome.Failed),
            Count(FlashOutcome.Incomplete),
            Count(FlashOutcome.Differs),
            Count(FlashOutcome.Cancelled));
    }
}
