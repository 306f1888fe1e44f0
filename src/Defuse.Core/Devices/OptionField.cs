namespace Defuse.Devices;

/// <summary>Where a field of the option bytes is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bit">Its lowest bit.</param>
/// <param name="Width">How many bits it has.</param>
internal readonly record struct OptionField(string Name, int Bit, int Width);
