using System.Collections.Immutable;

namespace Defuse.Devices;

/// <summary>The boards that Defuse knows.</summary>
/// <remarks>Immutable. What comes with Defuse is loaded when the first board is asked for, once in a process.</remarks>
public sealed class BoardDatabase
{
    private readonly Lazy<ImmutableArray<BoardProfile>> _boards;

    /// <param name="boards">The boards; no two with the same name.</param>
    public BoardDatabase(IEnumerable<BoardProfile> boards)
    {
        ArgumentNullException.ThrowIfNull(boards);
        ImmutableArray<BoardProfile> sorted = [.. boards.OrderBy(x => x.Name, StringComparer.OrdinalIgnoreCase)];
        _boards = new Lazy<ImmutableArray<BoardProfile>>(sorted);
    }

    private BoardDatabase(Func<ImmutableArray<BoardProfile>> load) => _boards = new Lazy<ImmutableArray<BoardProfile>>(load);

    /// <summary>The boards that come with Defuse.</summary>
    public static BoardDatabase Default { get; } = new(() => DeviceTables.Shipped.Boards);

    /// <summary>The boards, by name.</summary>
    public ImmutableArray<BoardProfile> Boards => _boards.Value;

    /// <summary>The board of a name or another name of it, in any case and whatever stands between its letters and digits; or null.</summary>
    /// <param name="name">"nucleo-f767zi", "NUCLEO_F767ZI".</param>
    public BoardProfile? FindName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var letters = Letters(name);
        return Boards.FirstOrDefault(x => string.Equals(Letters(x.Name), letters, StringComparison.Ordinal))
            ?? Boards.FirstOrDefault(x => x.Aliases.Any(y => string.Equals(Letters(y), letters, StringComparison.Ordinal)));
    }

    /// <summary>The board whose ST-LINK reports an mbed identifier, or null.</summary>
    /// <param name="mbedId">The identifier, or its first four digits.</param>
    public BoardProfile? FindMbedId(string mbedId)
    {
        ArgumentNullException.ThrowIfNull(mbedId);
        return Boards.FirstOrDefault(x => x.MbedId is { } id && mbedId.StartsWith(id, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The boards with a chip, by name.</summary>
    /// <param name="id"><see cref="ChipProfile.Id"/>.</param>
    public ImmutableArray<BoardProfile> WithChip(ushort id) => [.. Boards.Where(x => x.ChipId == id)];

    /// <summary>
    /// The boards that a text fits: the one of that name or mbed number, or else all that have every word in a name, their
    /// maker or their part. All boards if it is blank.
    /// </summary>
    /// <param name="text">What somebody typed.</param>
    public ImmutableArray<BoardProfile> Find(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Letters(text).Length == 0)
        {
            return Boards;
        }

        if (FindName(text) is { } board)
        {
            return [board];
        }

        var words = text.Split([' ', ',', '/'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return [.. Boards.Where(x => string.Equals(x.MbedId, text.Trim(), StringComparison.Ordinal) || words.All(y => Says(x, y)))];
    }

    private static bool Says(BoardProfile board, string word)
    {
        var letters = Letters(word);
        return Letters(board.Name).Contains(letters, StringComparison.Ordinal)
            || board.Aliases.Any(x => Letters(x).Contains(letters, StringComparison.Ordinal))
            || Letters(board.Vendor).Contains(letters, StringComparison.Ordinal)
            || board.Part.Contains(letters, StringComparison.OrdinalIgnoreCase);
    }

    private static string Letters(string text) => string.Concat(text.Where(char.IsAsciiLetterOrDigit).Select(char.ToUpperInvariant));
}
