using Defuse.Devices;
using Defuse.Images;
using Defuse.Inspection;

namespace Defuse.Planning;

/// <summary>Where a file goes that carries no addresses.</summary>
public static class BinaryPlacement
{
    /// <summary>The start of flash, if the file begins with a vector table that fits there.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="flashStart">The start of flash.</param>
    /// <param name="ram">RAM, for the stack pointer; empty if the chip is not known.</param>
    /// <exception cref="AddressNeededException">It does not, so a person must say where it goes.</exception>
    public static uint FindAddress(ReadOnlySpan<byte> bytes, uint flashStart, IReadOnlyList<AddressRange> ram)
    {
        if (bytes.Length > AddressRange.AddressSpaceEnd - flashStart)
        {
            throw new AddressNeededException($"it has {bytes.Length} bytes, more than fit behind 0x{flashStart:X8}");
        }

        var image = FirmwareImage.FromBytes(flashStart, bytes);
        if (VectorTable.TryRead(image, flashStart) is not { } table)
        {
            throw new AddressNeededException("it is too short to begin with a vector table");
        }

        if (BaseAddressSearch.Decide(BaseAddressSearch.Find(bytes)) is { } linked && linked != flashStart)
        {
            throw new AddressNeededException($"its code was linked for 0x{linked:X8}, not for the start of flash: something else belongs below it", linked);
        }

        var findings = table.Check(image, ram);
        return findings.IsEmpty
            ? flashStart
            : throw new AddressNeededException($"it does not begin with a vector table for 0x{flashStart:X8}: {findings[0]}");
    }

    /// <summary>The start of a device's flash, if the file begins with a vector table that fits there.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="target">The device.</param>
    /// <exception cref="AddressNeededException">It does not, so a person must say where it goes.</exception>
    public static uint FindAddress(ReadOnlySpan<byte> bytes, TargetDescription target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return target.Memory.Flash is { } flash
            ? FindAddress(bytes, flash.Start, [.. target.Candidates.SelectMany(x => x.Ram)])
            : throw new AddressNeededException("the device names no flash");
    }
}
