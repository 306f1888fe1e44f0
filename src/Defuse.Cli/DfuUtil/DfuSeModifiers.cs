namespace Defuse.Cli.DfuUtil;

/// <summary>What -s says: "[ADDRESS][:LENGTH][:MODIFIERS]".</summary>
internal sealed record DfuSeModifiers
{
    /// <summary>Where raw bytes go or come from; null if it is left to the file, or to the device.</summary>
    public uint? Address { get; init; }

    /// <summary>How many bytes to read; null if it says nothing.</summary>
    public long? Length { get; init; }

    /// <summary>Leave DFU mode afterwards.</summary>
    public bool Leave { get; init; }

    /// <summary>Do what is refused otherwise.</summary>
    public bool Force { get; init; }

    /// <summary>Erase all of the flash first.</summary>
    public bool MassErase { get; init; }

    /// <summary>Remove read-out protection, which erases all of the flash.</summary>
    public bool Unprotect { get; init; }

    /// <exception cref="DfuUtilException">It is not of that form.</exception>
    public static DfuSeModifiers Parse(string text)
    {
        var parts = text.Split(':');
        var result = new DfuSeModifiers { Address = ReadAddress(parts[0]) };
        foreach (var part in parts.Skip(1))
        {
            result = part switch
            {
                "" => result,
                "force" => result with { Force = true },
                "leave" => result with { Leave = true },
                "unprotect" => result with { Unprotect = true },
                "mass-erase" => result with { MassErase = true },

                // A device that leaves when it should not is found out; one that may leave needs no word here.
                "will-reset" => result,
                _ => result with { Length = ReadLength(part) },
            };
        }

        return result;
    }

    private static uint? ReadAddress(string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        var number = CNumber.Read(text, 0, out var read);
        return read == text.Length && number is >= 0 and <= uint.MaxValue ? (uint)number : throw new DfuUtilException(SysExit.Usage, $"Invalid dfuse address: {text}");
    }

    private static long ReadLength(string text)
    {
        var number = CNumber.Read(text, 0, out var read);
        return read == text.Length && number > 0 ? number : throw new DfuUtilException(SysExit.Usage, $"Invalid dfuse modifier: {text}");
    }
}
