using Defuse.Images;

namespace Defuse.Formats;

/// <summary>Finds the two records that disagree about an address, when a file is read again for it.</summary>
internal sealed class ConflictSearch(uint address)
{
    private (AddressRange Range, byte Value, string Origin)? _first;

    /// <summary>What was found, with the lines.</summary>
    public ImageConflictException? Found { get; private set; }

    public void Look(uint start, ReadOnlySpan<byte> data, int line)
    {
        if (Found is not null || address < start || address - start >= data.Length)
        {
            return;
        }

        var (range, value, origin) = (new AddressRange(start, data.Length), data[(int)(address - start)], $"line {line}");
        if (_first is { } first && first.Value != value)
        {
            Found = new ImageConflictException(first.Range, range, address, first.Value, value, first.Origin, origin);
        }

        _first ??= (range, value, origin);
    }
}
