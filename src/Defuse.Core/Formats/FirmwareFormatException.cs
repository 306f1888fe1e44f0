namespace Defuse.Formats;

/// <summary>A file is not what its format asks for, or not firmware at all.</summary>
public sealed class FirmwareFormatException : DefuseException
{
    /// <param name="kind">Which option, if any, would let it pass.</param>
    /// <param name="reason">What is wrong, as one plain sentence, the place included, without a full stop at its end.</param>
    /// <param name="remedy">What a person can do about it.</param>
    /// <param name="expected">What the format wants at that place, if that can be said.</param>
    /// <param name="offset">The byte in the file, from 0.</param>
    /// <param name="line">The line of a text file, from 1.</param>
    /// <param name="address">The memory address concerned, if there is one.</param>
    public FirmwareFormatException(
        FirmwareFormatErrorKind kind,
        string reason,
        string? remedy = null,
        string? expected = null,
        long? offset = null,
        int? line = null,
        uint? address = null)
        : base(reason, address, remedy)
    {
        Kind = kind;
        Expected = expected;
        Offset = offset;
        Line = line;
    }

    /// <summary>Which option, if any, would let it pass.</summary>
    public FirmwareFormatErrorKind Kind { get; }

    /// <summary>What the format wants at that place, in plain words; null if that cannot be said.</summary>
    public string? Expected { get; }

    /// <summary>The byte in the file, from 0, where the trouble is; null if it has no one place.</summary>
    public long? Offset { get; }

    /// <summary>The line of a text file, from 1, where the trouble is.</summary>
    public int? Line { get; }
}
