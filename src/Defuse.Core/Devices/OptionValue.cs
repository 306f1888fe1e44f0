using System.Globalization;

namespace Defuse.Devices;

/// <summary>A field of the option bytes, and what it holds.</summary>
/// <param name="Register">The register or option byte that it is in, as ST's documents name it ("OPTR").</param>
/// <param name="Address">Where the ROM shows the word that it is in.</param>
/// <param name="Name">Its name ("nRST_STOP").</param>
/// <param name="Bit">Its lowest bit in the word, read little-endian.</param>
/// <param name="Width">How many bits it has, 1 to 32.</param>
/// <param name="Value">What it holds.</param>
/// <param name="Meaning">What that means, in plain words; null where it is not known.</param>
/// <param name="Source">Where its place is from.</param>
public sealed record OptionValue(string Register, uint Address, string Name, int Bit, int Width, uint Value, string? Meaning, string Source)
{
    /// <summary>The value, for people: a bit as 0 or 1, more in hexadecimal.</summary>
    public string Text => Width == 1
        ? Value.ToString(CultureInfo.InvariantCulture)
        : "0x" + Value.ToString("X" + ((Width + 3) / 4).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
