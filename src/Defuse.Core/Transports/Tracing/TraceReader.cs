using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Defuse.Transports.Tracing;

/// <summary>Reads the lines of a trace, whoever wrote it: what a replay could stumble over is refused with its line.</summary>
internal static class TraceReader
{
    /// <summary>How many characters a line may have: a transfer of 64 KB has an eighth of it.</summary>
    public const int LongestLine = 1 << 20;

    /// <summary>How many characters a trace may have: one of 64 MB of flash memory has half of it.</summary>
    public const long LongestTrace = 1 << 30;

    private const double LongestTransfer = 24 * 60 * 60 * 1_000;

    public static TransportException Bad(int number, string why, Exception? innerException = null) => new(
        TransportFailure.Protocol, $"that is no trace that can be replayed: line {number}: {why}", "record one with --trace FILE", innerException: innerException);

    /// <summary>The lines, with their numbers; a last one that was cut off is left out.</summary>
    /// <exception cref="TransportException"><see cref="TransportFailure.Protocol"/> if that is no trace.</exception>
    public static async IAsyncEnumerable<(int Number, TraceLine Line)> ReadAsync(
        Stream trace, long longest, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var number = 0;
        string? last = null;
        await foreach (var text in LinesAsync(trace, longest, cancellationToken).ConfigureAwait(false))
        {
            if (last is not null)
            {
                yield return (++number, Read(last, number, isLast: false)!);
            }

            last = text;
        }

        if (last is not null && Read(last, ++number, isLast: true) is { } line)
        {
            yield return (number, line);
        }
    }

    /// <summary>A byte or a word of hexadecimal digits, as the members of a line have them.</summary>
    public static ushort Hex(string? text) => TryHex(text, ushort.MaxValue, out var value) ? value : (ushort)0;

    /// <summary>Class, subclass and protocol.</summary>
    public static UsbInterfaceInfo? Interface(string? text) =>
        text?.Split('/') is [var first, var second, var third]
        && TryHex(first, byte.MaxValue, out var kind) && TryHex(second, byte.MaxValue, out var subKind) && TryHex(third, byte.MaxValue, out var protocol)
            ? new((byte)kind, (byte)subKind, (byte)protocol)
            : null;

    private static async IAsyncEnumerable<string> LinesAsync(Stream trace, long longest, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(trace, leaveOpen: true);
        var buffer = new char[16_384];
        var line = new StringBuilder();
        var number = 1;
        var total = 0L;
        for (var count = await ReadAsync().ConfigureAwait(false); count > 0; count = await ReadAsync().ConfigureAwait(false))
        {
            total += count;
            var start = 0;
            for (var end = Array.IndexOf(buffer, '\n', 0, count); end >= 0; end = Array.IndexOf(buffer, '\n', start, count - start))
            {
                Append(start, end);
                yield return line.ToString();
                line.Clear();
                number++;
                start = end + 1;
            }

            Append(start, count);
            if (total > longest)
            {
                throw Bad(number, string.Create(CultureInfo.InvariantCulture, $"more than {longest} characters come before its end"));
            }
        }

        if (line.Length > 0)
        {
            yield return line.ToString();
        }

        ValueTask<int> ReadAsync() => reader.ReadAsync(buffer.AsMemory(), cancellationToken);

        void Append(int start, int end)
        {
            line.Append(buffer, start, end - start);
            if (line.Length > LongestLine)
            {
                throw Bad(number, string.Create(CultureInfo.InvariantCulture, $"it has more than {LongestLine} characters"));
            }
        }
    }

    private static TraceLine? Read(string text, int number, bool isLast)
    {
        try
        {
            var line = JsonSerializer.Deserialize(text, TraceJsonContext.Lines.TraceLine);
            return WhyBad(line) is { } why ? throw Bad(number, why) : line;
        }
        catch (JsonException) when (isLast && number > 1)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw Bad(number, e.Message.TrimEnd('.'), e);
        }
    }

    private static string? WhyBad(TraceLine? line) => line switch
    {
        null or { Type: null } => "it has no type",
        _ when !AreBytes(line.In) || !AreBytes(line.Out) || !AreBytes(line.Setup) => "its bytes are no hexadecimal digits",
        { Type: TraceLine.Control, Setup: not { Length: 2 * UsbSetupPacket.Size } } => $"a setup packet has {UsbSetupPacket.Size} bytes",
        { Took: not (null or >= 0 and <= LongestTransfer) } => "no transfer takes less than nothing, or more than a day",
        { At: not (null or >= 0 and <= double.MaxValue) } => "it has no time",
        _ when !IsWord(line.VendorId) || !IsWord(line.ProductId) || !IsWord(line.DeviceRelease) => "its ids are no four hexadecimal digits",
        { Interfaces: { } interfaces } when interfaces.Any(x => Interface(x) is null) => "its interfaces are not written as fe/01/02",
        _ => null,
    };

    private static bool AreBytes(string? text) => text is null || (text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit));

    private static bool IsWord(string? text) => text is null || TryHex(text, ushort.MaxValue, out _);

    private static bool TryHex(string? text, ushort most, out ushort value) =>
        ushort.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) && value <= most;
}
