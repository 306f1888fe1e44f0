namespace Defuse.UsbIp;

/// <summary>How a transfer ended on the wire.</summary>
/// <param name="Kind">Whether there is an answer at all.</param>
/// <param name="Status">RET_SUBMIT's status.</param>
/// <param name="ActualLength">RET_SUBMIT's actual_length.</param>
/// <param name="Data">What an IN transfer returned.</param>
internal readonly record struct UrbOutcome(UrbOutcomeKind Kind, int Status = 0, int ActualLength = 0, ReadOnlyMemory<byte> Data = default);
