using System.Collections.Immutable;
using System.Globalization;

namespace Defuse.Connections;

/// <summary>
/// How a board is named everywhere: <c>sim:nucleo-f767zi#1?bank=dual</c>, <c>usbip://host:3240/1-1</c>,
/// <c>dfu:usb-1-4.2</c>, <c>dfu:serial=205B33875532</c>.
/// </summary>
/// <remarks>Immutable; equal when all parts are.</remarks>
public sealed record ConnectionAddress
{
    private ConnectionAddress()
    {
    }

    /// <summary>What it is reached through, in lower case: "sim", "usbip", "dfu".</summary>
    public required string Scheme { get; init; }

    /// <summary>Which one: a board's name, HOST[:PORT]/BUSID, usb-PORTS, serial=SERIAL. May be empty for a whole host.</summary>
    public required string Path { get; init; }

    /// <summary>Which of several simulated boards of one name, from 0.</summary>
    public int Instance { get; init; }

    /// <summary>Options, by name.</summary>
    public ImmutableSortedDictionary<string, string> Options { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>An address of a scheme and a path, with nothing else.</summary>
    public static ConnectionAddress Of(string scheme, string path) => new() { Scheme = scheme, Path = path };

    /// <summary>Reads an address.</summary>
    /// <exception cref="ConnectionException">It is none (<see cref="ConnectionFailure.BadAddress"/>).</exception>
    public static ConnectionAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0)
        {
            throw Bad(text, "it has no scheme");
        }

        // A Studio, a shell and a person may all write "//"; it carries no meaning here.
        var rest = text[(colon + 1)..];
        rest = rest.StartsWith("//", StringComparison.Ordinal) ? rest[2..] : rest;
        var query = rest.IndexOf('?', StringComparison.Ordinal);
        var options = query < 0 ? ImmutableSortedDictionary<string, string>.Empty : ParseOptions(text, rest[(query + 1)..]);
        rest = query < 0 ? rest : rest[..query];
        var hash = rest.IndexOf('#', StringComparison.Ordinal);
        var instance = 0;
        if (hash >= 0 && !int.TryParse(rest[(hash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out instance))
        {
            throw Bad(text, $"'{rest[(hash + 1)..]}' behind the # is no number");
        }

        return new ConnectionAddress
        {
            Scheme = text[..colon].ToLowerInvariant(),
            Path = hash < 0 ? rest : rest[..hash],
            Instance = instance,
            Options = options,
        };
    }

    /// <inheritdoc/>
    public bool Equals(ConnectionAddress? other) => other is not null && string.Equals(ToString(), other.ToString(), StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>The address as it is written.</summary>
    public override string ToString()
    {
        var slashes = Scheme is "usbip" or "stlink-server" ? "//" : "";
        var instance = Instance == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"#{Instance}");
        var options = Options.IsEmpty ? "" : "?" + string.Join('&', Options.Select(x => $"{x.Key}={x.Value}"));
        return $"{Scheme}:{slashes}{Path}{instance}{options}";
    }

    private static ImmutableSortedDictionary<string, string> ParseOptions(string text, string query)
    {
        var options = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var part in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || !options.TryAdd(part[..equals], part[(equals + 1)..]))
            {
                throw Bad(text, $"'{part}' is not an option of the form name=value, given once");
            }
        }

        return options.ToImmutable();
    }

    private static ConnectionException Bad(string text, string why) => new(
        ConnectionFailure.BadAddress,
        $"'{text}' is no address of a board: {why}",
        "write sim:BOARD, usbip://HOST[:PORT]/BUSID, dfu:usb-PORTS or uart:PORT; defuse list shows what is there");
}
