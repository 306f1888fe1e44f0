using System.Collections.Immutable;

namespace Defuse.Simulator.Chips;

/// <summary>The array of flash cells: what erasing and programming do to it.</summary>
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

    public static int VirginSize(ChipModel model) => model.HasErrorCorrection ? model.FlashSize / model.ProgramUnit / 8 : 0;

    public int EraseCount(uint sectorAddress) => _erases.GetValueOrDefault(sectorAddress);

    public void Erase(SimulatedSector sector)
    {
        EraseCells(Offset(sector.Address), sector.Size);
        _erases[sector.Address] = EraseCount(sector.Address) + 1;
    }

    public void EraseAll(ImmutableArray<SimulatedSector> sectors)
    {
        EraseCells(0, _model.FlashSize);
        foreach (var sector in sectors)
        {
            _erases[sector.Address] = EraseCount(sector.Address) + 1;
        }

        MassErases++;
    }

    /// <summary>Programs bytes of one sector.</summary>
    /// <returns>False if a unit could not be programmed; those before it were.</returns>
    public bool Program(uint address, ReadOnlySpan<byte> data) =>
        _model.HasErrorCorrection ? ProgramUnits(Offset(address), data) : ProgramBits(Offset(address), data);

    /// <summary>Puts bytes there without any of the physics.</summary>
    public void Replace(uint address, ReadOnlySpan<byte> data)
    {
        var offset = Offset(address);
        _cells.Write(offset, data);
        if (!_model.HasErrorCorrection || data.IsEmpty)
        {
            return;
        }

        var last = (offset + data.Length - 1) / _model.ProgramUnit;
        for (var unit = offset / _model.ProgramUnit; unit <= last; unit++)
        {
            SetVirgin(unit, !_cells.Bytes.Slice(unit * _model.ProgramUnit, _model.ProgramUnit).ContainsAnyExcept((byte)0xFF));
        }
    }

    private int Offset(uint address) => checked((int)(address - _model.FlashAddress));

    private void EraseCells(int offset, int count)
    {
        _cells.Fill(offset, count, 0xFF);
        if (_model.HasErrorCorrection)
        {
            // Sectors are whole bytes of this map.
            _virgin.Fill(offset / _model.ProgramUnit / 8, count / _model.ProgramUnit / 8, 0xFF);
        }
    }

    /// <summary>Programming pulls bits to 0; none goes back to 1, and nobody is told (RM0090, "Standard programming").</summary>
    private bool ProgramBits(int offset, ReadOnlySpan<byte> data)
    {
        var cells = new byte[data.Length];
        for (var i = 0; i < data.Length; i++)
        {
            cells[i] = (byte)(_cells.Bytes[offset + i] & data[i]);
        }

        _cells.Write(offset, cells);
        ProgrammedBytes += data.Length;
        return true;
    }

    /// <summary>
    /// A flash word and its code are programmed together, once: afterwards only all zeros can be put over it. What is
    /// missing of a word is filled with 0xFF, and counts as programmed.
    /// </summary>
    private bool ProgramUnits(int offset, ReadOnlySpan<byte> data)
    {
        var size = _model.ProgramUnit;
        Span<byte> word = stackalloc byte[size];
        while (!data.IsEmpty)
        {
            var unit = offset / size;
            var start = offset - (unit * size);
            var count = Math.Min(data.Length, size - start);
            word.Fill(0xFF);
            data[..count].CopyTo(word[start..]);
            if (!IsVirgin(unit) && word.ContainsAnyExcept((byte)0))
            {
                return false;
            }

            SetVirgin(unit, false);
            _cells.Write(unit * size, word);
            ProgrammedBytes += count;
            offset += count;
            data = data[count..];
        }

        return true;
    }

    private bool IsVirgin(int unit) => (_virgin.Bytes[unit / 8] & (1 << (unit % 8))) != 0;

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
