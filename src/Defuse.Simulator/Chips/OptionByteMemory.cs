namespace Defuse.Simulator.Chips;

/// <summary>A chip's option bytes.</summary>
internal sealed class OptionByteMemory(OptionByteModel model, NonVolatileMemory cells)
{
    public OptionByteModel Model => model;

    public ReadOnlySpan<byte> Bytes => cells.Bytes;

    public int ReadProtectionLevel
    {
        get => Bytes[model.ReadProtection] switch
        {
            0xAA => 0,
            0xCC => 2,
            _ => 1,
        };
        set => Change(bytes => bytes[model.ReadProtection] = value switch
        {
            0 => 0xAA,
            1 => 0xBB,
            2 => 0xCC,
            _ => throw new ArgumentOutOfRangeException(nameof(value), value, "Read-out protection levels are 0, 1 and 2."),
        });
    }

    public bool IsDualBank
    {
        get => model.SingleBank is { } bit && !Bit(Bytes, bit);
        set
        {
            if (model.SingleBank is { } bit)
            {
                Change(bytes => SetBit(bytes, bit, !value));
            }
            else if (value)
            {
                throw new InvalidOperationException("This chip has no nDBANK.");
            }
        }
    }

    public void Reset() => cells.Write(0, model.Factory.AsSpan());

    public bool IsWriteProtected(int sector, int sectorCount) => !Bit(Bytes, model.WriteProtection[Group(sector, sectorCount)]);

    public void SetWriteProtection(IEnumerable<int> sectors, int sectorCount)
    {
        var groups = sectors.Select(x => Group(x, sectorCount)).ToHashSet();
        Change(bytes =>
        {
            for (var i = 0; i < model.WriteProtection.Length; i++)
            {
                SetBit(bytes, model.WriteProtection[i], !groups.Contains(i));
            }
        });
    }

    /// <summary>What a host writes to the area.</summary>
    public void Write(int offset, ReadOnlySpan<byte> data)
    {
        var bytes = Bytes.ToArray();
        data.CopyTo(bytes.AsSpan(offset));
        if (!model.Registers.IsEmpty)
        {
            var written = bytes;
            bytes = Bytes.ToArray();
            foreach (var register in model.Registers)
            {
                written.AsSpan(register.Program, 4).CopyTo(bytes.AsSpan(register.Program));
                written.AsSpan(register.Program, 4).CopyTo(bytes.AsSpan(register.Current));
            }
        }

        cells.Write(0, bytes);
    }

    // Fewer nWRP bits than sectors: one protects as many neighbours as it takes (RM0410, nWRP when nDBANK = 0).
    private int Group(int sector, int sectorCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sector);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(sector, sectorCount);
        return sector / (sectorCount / model.WriteProtection.Length);
    }

    private void Change(Action<byte[]> change)
    {
        var bytes = Bytes.ToArray();
        change(bytes);
        foreach (var register in model.Registers)
        {
            bytes.AsSpan(register.Current, 4).CopyTo(bytes.AsSpan(register.Program));
        }

        cells.Write(0, bytes);
    }

    private static bool Bit(ReadOnlySpan<byte> bytes, int bit) => (bytes[bit / 8] & (1 << (bit % 8))) != 0;

    private static void SetBit(byte[] bytes, int bit, bool value)
    {
        var mask = 1 << (bit % 8);
        bytes[bit / 8] = (byte)(value ? bytes[bit / 8] | mask : bytes[bit / 8] & ~mask);
    }
}
