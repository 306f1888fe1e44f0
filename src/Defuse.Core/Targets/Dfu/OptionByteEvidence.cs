using System.Buffers.Binary;
using Defuse.Devices;
using Defuse.Images;

namespace Defuse.Targets.Dfu;

/// <summary>What the option bytes of a device add to its description: how its flash is organised, and what is protected.</summary>
internal static class OptionByteEvidence
{
    /// <summary>Reads the option bytes. Whatever fails leaves what they would tell unknown, and the device usable.</summary>
    /// <returns>The description with what they tell.</returns>
    /// <exception cref="TransportException">The device can no longer be reached.</exception>
    public static async ValueTask<TargetDescription> AddAsync(DfuTarget target, CancellationToken cancellationToken)
    {
        var description = target.Description;
        FirmwareImage raw;
        try
        {
            raw = await target.ReadOptionAreaAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DefuseException e) when (e is not TransportException { Failure: TransportFailure.Disconnected })
        {
            await target.SettleAsync(cancellationToken).ConfigureAwait(false);
            return WithoutThem(description, e);
        }

        var settled = WithBankMode(description, raw);
        return settled with
        {
            Protection = OptionDecoder.Decode(raw, settled, OptionTables.Shipped).Protection,
            IsBankModeSettled = settled.Memory.Flash is { } flash && settled.Candidates.All(x => HasSectorsOf(x.Chip, flash, raw)),
        };
    }

    // errVENDOR is what ROMs answer at level 1 to whatever is read (AN3156); a mere STALL may come from a bad cable or port.
    private static TargetDescription WithoutThem(TargetDescription description, DefuseException e)
    {
        var isClosed = e is DeviceRefusedException { IndicatesReadOutProtection: true } && !description.Candidates.IsEmpty;
        var protection = new MemoryProtection
        {
            ReadOut = isClosed ? ReadOutProtection.Level1 : ReadOutProtection.Unknown,
            Evidence = isClosed ? "it does not let its option bytes be read, as chips at level 1 do" : $"its option bytes could not be read: {e.Message}",
            WriteProtectionUnknown = [.. AddressRange.Join(description.Memory.Flash?.Runs.Select(x => x.Range) ?? [])],
        };
        description = description with { Protection = protection };
        return BankBit(description) is { } bit
            ? description with { Remarks = description.Remarks.Add($"{bit.Name} could not be read ({e.Message}): the sectors are those that the device announces") }
            : description;
    }

    // Only where all candidates agree on the bit, and the device shows it.
    private static BankModeBit? BankBit(TargetDescription description) =>
        description.Candidates.Select(x => x.Chip.BankMode).Distinct().ToList() is [{ Address: { } address } bit]
        && description.Memory.Flash is not null
        && description.Memory.FindSector(address) is not null
            ? bit
            : null;

    // Returns a corrected description where the option bytes contradict the sectors that the ROM announced: an F76x in
    // dual bank is known to be erased in the wrong places by tools that trust the announcement. Only where all candidates
    // agree on what the bit means; else the device's own map stands.
    private static TargetDescription WithBankMode(TargetDescription description, FirmwareImage raw)
    {
        if (BankBit(description) is not { } bit)
        {
            return description;
        }

        if (Value(bit, raw) is not { } value)
        {
            return description with { Remarks = description.Remarks.Add($"{bit.Name} could not be read: the sectors are those that the device announces") };
        }

        var flash = description.Memory.Flash!;
        var dualBank = value == 0 == bit.SingleBankWhenSet;
        var layouts = description.Candidates
            .Select(x => x.Chip.Layouts.FirstOrDefault(y => y.DualBank == dualBank && y.ByteCount == flash.ByteCount))
            .Distinct()
            .ToList();
        if (layouts is not [{ } layout])
        {
            return description;
        }

        var evidence = $"{bit.Name} is {value}: {layout.Name}";
        var announced = layout.HasSectorsOf(flash.Runs);
        var map = description.Memory.Regions.Select(x => ReferenceEquals(x, flash) && !announced ? new MemoryRegion(x.Name, x.AlternateSetting, layout.Runs) : x);
        return description with
        {
            Candidates = [.. description.Candidates.Select(x => x with { Evidence = x.Evidence.Add(evidence) })],
            Memory = new MemoryMap(map),
            Remarks = announced
                ? description.Remarks
                : description.Remarks.Add($"the device announces other sectors than {bit.Name} in its option bytes means; {layout.Name} is used"),
        };
    }

    // A bit counts only as it was read. One that could not be read leaves every layout of that size possible.
    private static bool HasSectorsOf(ChipProfile chip, MemoryRegion flash, FirmwareImage raw)
    {
        if (chip.BankMode is not { } bit)
        {
            return true;
        }

        var dualBank = Value(bit, raw) is { } value ? value == 0 == bit.SingleBankWhenSet : (bool?)null;
        var possible = chip.Layouts.Where(x => x.ByteCount == flash.ByteCount && (dualBank ?? x.DualBank) == x.DualBank).ToList();
        return possible.Count > 0 && possible.TrueForAll(x => x.HasSectorsOf(flash.Runs));
    }

    private static uint? Value(BankModeBit bit, FirmwareImage raw) =>
        bit.Address is { } address && raw.Slice(new AddressRange(address, 4)).Segments is [{ Range.Length: 4 } word]
            ? (BinaryPrimitives.ReadUInt32LittleEndian(word.Data.Span) >> bit.Bit) & 1
            : null;
}
