using System.Globalization;
using Defuse.Devices;

namespace Defuse.Cli.Output;

/// <summary>Option bytes, for people.</summary>
internal static class OptionBytesText
{
    private const int BytesInLine = 16;

    public static IEnumerable<string> Of(TargetDescription target, OptionBytes bytes)
    {
        yield return $"{target.Address}: {target.ChipName}";
        foreach (var register in bytes.Values.GroupBy(x => (x.Address, x.Register)))
        {
            yield return $"  {register.Key.Register} at {Texts.Address(register.Key.Address)}";
            foreach (var line in Texts.Align([.. register.Select(x => new[] { x.Name, x.Text, x.Meaning ?? "" })], "    "))
            {
                yield return line;
            }
        }

        foreach (var line in bytes.Values.IsEmpty ? Raw(bytes) : [])
        {
            yield return line;
        }

        if (!bytes.Raw.IsEmpty)
        {
            foreach (var line in ProtectionText.Of(bytes.Protection, target.Memory))
            {
                yield return $"  {line}";
            }
        }

        foreach (var remark in bytes.Remarks)
        {
            yield return $"  note: {remark}";
        }
    }

    /// <summary>The bytes themselves, the device's way round.</summary>
    public static IEnumerable<string> Raw(OptionBytes bytes)
    {
        foreach (var segment in bytes.Raw.Segments)
        {
            for (var at = 0; at < segment.Data.Length; at += BytesInLine)
            {
                var part = segment.Data.Span.Slice(at, Math.Min(BytesInLine, segment.Data.Length - at)).ToArray();
                yield return $"  {Texts.Address(segment.Range.Start + (uint)at)}  {string.Join(' ', part.Select(x => x.ToString("X2", CultureInfo.InvariantCulture)))}";
            }
        }
    }
}
