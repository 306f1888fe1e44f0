using Defuse.Cli.Output;
using Defuse.Devices;

namespace Defuse.Cli.Json;

/// <summary>A device's option bytes.</summary>
internal sealed record OptionBytesLine(JsonDevice Device, JsonProtection Protection, JsonOptionField[] Fields, string[] Remarks, JsonBytes[] Raw) : JsonLine("option-bytes")
{
    public static OptionBytesLine Of(TargetDescription target, OptionBytes bytes) => new(
        JsonDevice.Of(target),
        JsonProtection.Of(bytes.Protection),
        [.. bytes.Values.Select(x => new JsonOptionField(x.Register, Texts.Address(x.Address), x.Name, x.Bit, x.Width, x.Value, x.Meaning))],
        [.. bytes.Remarks],
        [.. bytes.Raw.Segments.Select(x => new JsonBytes(Texts.Address(x.Range.Start), Convert.ToHexString(x.Data.Span)))]);
}
