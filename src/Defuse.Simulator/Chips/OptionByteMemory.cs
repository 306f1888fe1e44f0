namespace Defuse.Simulator.Chips;

/// <summary>A chip's option bytes.</summary>
internal sealed class OptionByteMemory(OptionByteModel model, NonVolatileMemory cells)
{
    public ReadOnlySpan<byte> Bytes => cells.Bytes;

    public int ReadProtectionLevel
    {
        get => model.ReadProtection is { } rdp ? rdp.LevelOf(Bytes[rdp.Offset]) : 0;
        set
        {
            var protection = model.ReadProtection ?? throw new InvalidOperationException("This chip has no read-out protection.");
            var code = protection.ValueOf(value);
            Change(bytes => bytes[protection.Offset] = code);
        }
    }

    public bool IsDualBank
    {
        get => model.SingleBank is { } bit && !OptionBits.Get(Bytes, bit);
        set
        {
            if (model.SingleBank is { } bit)
            {
                Change(bytes => OptionBits.Set(bytes, bit, !value));
            }
            else if (value)
            {
                throw new InvalidOperationException("This chip has no nDBANK.");
            }
        }
    }

    public void Reset() => cells.Write(0, model.Factory.AsSpan());

    public bool IsWriteProtected(int sector, int sectorCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sector);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(sector, sectorCount);
        return model.WriteProtection?.IsProtected(Bytes, sector, sectorCount) ?? false;
    }

    /// <exception cref="ArgumentException">There is no such sector, or the option bytes cannot say this.</exception>
    /// <exception cref="InvalidOperationException">This chip has no write protection.</exception>
    public void SetWriteProtection(IEnumerable<int> sectors, int sectorCount)
    {
        var protection = model.WriteProtection ?? throw new InvalidOperationException("This chip has no write protection.");
        var set = sectors.ToHashSet();
        foreach (var sector in set)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(sector, nameof(sectors));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(sector, sectorCount, nameof(sectors));
        }

        Change(bytes => protection.Protect(bytes, set, sectorCount));
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

        Store(bytes);
    }

    private void Change(Action<byte[]> change)
    {
        var bytes = Bytes.ToArray();
        change(bytes);
        foreach (var register in model.Registers)
        {
            bytes.AsSpan(register.Current, 4).CopyTo(bytes.AsSpan(register.Program));
        }

        Store(bytes);
    }

    private void Store(byte[] bytes)
    {
        foreach (var (value, complement, size) in model.Complements)
        {
            for (var i = 0; i < size; i++)
            {
                bytes[complement + i] = (byte)(bytes[value + i] ^ 0xFF);
            }
        }

        cells.Write(0, bytes);
    }
}
