namespace Defuse.Transports;

/// <summary>The parity bit of a serial frame.</summary>
public enum SerialParity
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>The ones are an odd number.</summary>
    Odd,

    /// <summary>The ones are an even number.</summary>
    Even,
}
