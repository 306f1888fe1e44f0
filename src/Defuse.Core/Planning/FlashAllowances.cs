namespace Defuse.Planning;

/// <summary>Refusals that a person overrides by name.</summary>
[Flags]
public enum FlashAllowances
{
    /// <summary>None: what is known not to fit is refused.</summary>
    None = 0,

    /// <summary>The file may have been made for another chip.</summary>
    Chip = 1,

    /// <summary>Bytes outside the device's flash are left out.</summary>
    Outside = 2,

    /// <summary>Protected sectors, and a chip that seems read-out protected, are tried all the same.</summary>
    Protected = 4,

    /// <summary>Bytes in one-time programmable memory are written; nothing ever undoes that.</summary>
    OtpForGood = 8,
}
