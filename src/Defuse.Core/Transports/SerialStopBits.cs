namespace Defuse.Transports;

/// <summary>How long a serial frame stays idle at its end.</summary>
public enum SerialStopBits
{
    /// <summary>One bit.</summary>
    One,

    /// <summary>Two bits.</summary>
    Two,
}
