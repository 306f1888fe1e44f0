using Defuse.Cli.Output;
using Defuse.Images;

namespace Defuse.Cli.Json;

/// <summary>A range of memory, and what is known of it where that is the point: its state, or how two files differ in it.</summary>
internal sealed record JsonRange(string Start, long Length, string? State = null, string? Kind = null, long? Bytes = null)
{
    public static JsonRange Of(AddressRange range, string? state = null) => new(Texts.Address(range.Start), range.Length, state);

    public static JsonRange Of(ImageDifference difference) => new(
        Texts.Address(difference.Range.Start), difference.Range.Length, Kind: Texts.Word(difference.Kind), Bytes: difference.ByteCount);

    public static JsonRange[] Of(IEnumerable<AddressRange> ranges) => [.. ranges.Select(x => Of(x))];
}
