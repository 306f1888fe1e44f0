namespace Defuse.Targets.Dfu;

/// <summary>The answer to DFU_GETSTATUS (USB DFU 1.1, section 6.1.2).</summary>
/// <param name="Code">bStatus.</param>
/// <param name="PollTimeout">bwPollTimeout: how long the device wants to be left alone, 0 to 16,777,215 ms.</param>
/// <param name="State">bState: where the device is after this request.</param>
internal readonly record struct DfuStatus(DfuStatusCode Code, TimeSpan PollTimeout, DfuState State)
{
    public const int Size = 6;

    public static DfuStatus Read(ReadOnlySpan<byte> bytes) => new(
        (DfuStatusCode)bytes[0],
        TimeSpan.FromMilliseconds(bytes[1] | (bytes[2] << 8) | (bytes[3] << 16)),
        (DfuState)bytes[4]);

    public override string ToString() => $"{DfuNames.Of(Code)}, {DfuNames.Of(State)}";
}
