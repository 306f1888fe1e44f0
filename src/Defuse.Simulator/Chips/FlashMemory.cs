using System.Collections.Immutable;

namespace Defuse.Simulator.Chips;

/// <summary>The array of flash cells: what erasing and programming do to it, and losing the power meanwhile.</summary>
internal sealed class FlashMemory
{
    private readonly ChipModel _model;
    private readonly NonVolatileMemory _cells;

    // One bit a program unit, 1 while it has not been programmed since it was erased. Empty without error correction.
    private readonly NonVolatileMemory _virgin;
    private readonly Dictionary<uint, int> _erases = [];

    public FlashMemory(ChipModel model, NonVolatileMemory cells, NonVolatileMemory virgin)
    {
        _model = model;
        _cells = cells;
        _virgin = virgin;
    }

    public ReadOnlySpan<byte> Bytes => _cells.Bytes;

    public long ProgrammedBytes { get; private set; }

    public int MassErases { get; private set; }

    private bool IsOnce => _model.Programming == FlashProgramming.UnitsOnce;

    public static int VirginSize(ChipModel model) =>
        model.Programming == FlashProgramming.UnitsOnce ? model.FlashSize / model.ProgramUnit / 8 : 0;

    public int EraseCount(uint sectorAddress) => _erases.GetValueOrDefault(sectorAddress);

    public void Erase(SimulatedSector sector)
    {
        EraseCells(Offset(sector.Address), sector.Size);
        _erases[sector.Address] = EraseCount(sector.Address) + 1;
    }

    public void EraseAll(ImmutableArray<SimulatedSector> sectors)
    {
        foreach (var sector in sectors)
        {
            Erase(sector);
        }

        MassErases++;
    }

    /// <summary>An erase that the power failed in: some cells are erased, some are not, and some are neither.</summary>
    /// <param name="sector">The sector.</param>
    /// <param name="fraction">How far it came, 0 to 1.</param>
    public void HalfErase(SimulatedSector sector, double fraction)
    {
        var offset = Offset(sector.Address);
        var noise = new Random(Seed(offset));
        var cells = _cells.Bytes.Slice(offset, sector.Size).ToArray();
        for (var i = 0; i < cells.Length; i++)
        {
            // A tenth of the cells is in between, whatever the moment.
            var chance = noise.NextDouble();
            if (chance < 0.1)
            {
                cells[i] = (byte)noise.Next(256);
            }
            else if (chance < 0.1 + (0.9 * fraction))
            {
                cells[i] = _model.ErasedByte;
            }
        }

        _cells.Write(offset, cells);
        MarkProgrammed(offset, cells.Length);
    }

    /// <summary>Programs bytes of one sector.</summary>
    /// <returns>False if a unit could not be programmed; those before it were.</returns>
    public bool Program(uint address, ReadOnlySpan<byte> data)
    {
        if (_model.Programming is FlashProgramming.ErasedUnits or FlashProgramming.UnitsOnce)
        {
            return ProgramUnits(Offset(address), data);
        }

        ProgramBits(Offset(address), data);
        return true;
    }

    /// <summary>Programs bytes of one sector until the power fails: the unit that was in hand is undefined.</summary>
    /// <param name="address">Where.</param>
    /// <param name="data">What was to be programmed.</param>
    /// <param name="count">How much of it had been when the power failed.</param>
    public void HalfProgram(uint address, ReadOnlySpan<byte> data, int count)
    {
        if (!Program(address, data[..count]) || count == data.Length)
        {
            return;
        }

        var offset = Offset(address) + count;
        var noise = new Random(Seed(offset));
        var length = Math.Min(data.Length - count, _model.ProgramUnit - (offset % _model.ProgramUnit));
        var cells = _cells.Bytes.Slice(offset, length).ToArray();
        for (var i = 0; i < length; i++)
        {
            var moved = (byte)noise.Next(256);
            cells[i] = (byte)((cells[i] & ~moved) | (data[count + i] & moved));
        }

        _cells.Write(offset, cells);
        MarkProgrammed(offset, length);
    }

    /// <summary>Puts bytes there without any of the physics.</summary>
    public void Replace(uint address, ReadOnlySpan<byte> data)
    {
        var offset = Offset(address);
        _cells.Write(offset, data);
        if (!IsOnce || data.IsEmpty)
        {
            return;
        }

        var last = (offset + data.Length - 1) / _model.ProgramUnit;
        for (var unit = offset / _model.ProgramUnit; unit <= last; unit++)
        {
            SetVirgin(unit, IsErased(_cells.Bytes.Slice(unit * _model.ProgramUnit, _model.ProgramUnit)));
        }
    }

    // The same power failure does the same on every run.
    private static int Seed(int offset) => unchecked((offset * 31) + 17);

    private int Offset(uint address) => checked((int)(address - _model.FlashAddress));

    private bool IsErased(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExcept(_model.ErasedByte);

    private void EraseCells(int offset, int count)
    {
        _cells.Erase(offset, count);
        if (IsOnce)
        {
            // Sectors are whole bytes of this map.
            _virgin.Erase(offset / _model.ProgramUnit / 8, count / _model.ProgramUnit / 8);
        }
    }

    private void ProgramBits(int offset, ReadOnlySpan<byte> data)
    {
        var cells = new byte[data.Length];
        for (var i = 0; i < data.Length; i++)
        {
            var cell = _cells.Bytes[offset + i];
            cells[i] = (byte)(_model.Programming == FlashProgramming.SetsBits ? cell | data[i] : cell & data[i]);
        }

        _cells.Write(offset, cells);
        ProgrammedBytes += data.Length;
    }

    // What is missing of a unit is filled with erased bytes, and counts as programmed.
    private bool ProgramUnits(int offset, ReadOnlySpan<byte> data)
    {
        var size = _model.ProgramUnit;
        Span<byte> word = stackalloc byte[size];
        while (!data.IsEmpty)
        {
            var unit = offset / size;
            var start = offset - (unit * size);
            var count = Math.Min(data.Length, size - start);
            word.Fill(_model.ErasedByte);
            data[..count].CopyTo(word[start..]);
            if (!IsFree(unit) && word.ContainsAnyExcept((byte)0))
            {
                return false;
            }

            MarkProgrammed(offset, count);
            _cells.Write(unit * size, word);
            ProgrammedBytes += count;
            offset += count;
            data = data[count..];
        }

        return true;
    }

    private bool IsFree(int unit) => IsOnce
        ? (_virgin.Bytes[unit / 8] & (1 << (unit % 8))) != 0
        : IsErased(_cells.Bytes.Slice(unit * _model.ProgramUnit, _model.ProgramUnit));

    private void MarkProgrammed(int offset, int count)
    {
        if (IsOnce && count > 0)
        {
            var last = (offset + count - 1) / _model.ProgramUnit;
            for (var unit = offset / _model.ProgramUnit; unit <= last; unit++)
            {
                SetVirgin(unit, false);
            }
        }
    }

    private void SetVirgin(int unit, bool value)
    {
        var bit = 1 << (unit % 8);
        var old = _virgin.Bytes[unit / 8];
        var bits = (byte)(value ? old | bit : old & ~bit);
        if (bits != old)
        {
            _virgin.Write(unit / 8, [bits]);
        }
    }
}
