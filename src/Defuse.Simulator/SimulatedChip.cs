using System.Collections.Immutable;
using Defuse.Simulator.Chips;
using Defuse.Simulator.Storage;

namespace Defuse.Simulator;

/// <summary>A simulated board's chip: what is really in it, whatever its bootloader says.</summary>
/// <remarks>Safe to use from several threads.</remarks>
public sealed class SimulatedChip
{
    private readonly Lock _gate = new();
    private readonly ChipModel _model;
    private readonly FlashMemory _flash;
    private readonly OptionByteMemory _optionBytes;
    private readonly NonVolatileMemory _otp;
    private readonly byte[] _uniqueId;

    internal SimulatedChip(ChipModel model, byte[] uniqueId, BoardFile? file)
    {
        _model = model;
        _uniqueId = uniqueId;
        var sizes = MemorySizes(model);
        NonVolatileMemory Memory(int index) => new(sizes[index], file, file is null ? 0 : BoardFile.Position(sizes, index));
        _flash = new(model, Memory(0), Memory(1));
        _optionBytes = new(model.OptionBytes, Memory(2));
        _otp = Memory(3);
        if (file is null or { IsNew: true })
        {
            _optionBytes.Reset();
            file?.Complete();
        }
    }

    /// <summary>The part number.</summary>
    public string Name => _model.Name;

    /// <summary>The 96-bit unique device identifier, in the order of its addresses.</summary>
    public ReadOnlyMemory<byte> UniqueId => _uniqueId;

    /// <summary>Where the flash memory begins.</summary>
    public uint FlashAddress => _model.FlashAddress;

    /// <summary>How many bytes of flash memory there are.</summary>
    public int FlashSize => _model.FlashSize;

    /// <summary>The flash memory's sectors, as the option bytes divide it now.</summary>
    public ImmutableArray<SimulatedSector> Sectors
    {
        get
        {
            lock (_gate)
            {
                return CurrentSectors();
            }
        }
    }

    /// <summary>The level of read-out protection: 0, 1 or 2.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to anything else.</exception>
    public int ReadProtectionLevel
    {
        get
        {
            lock (_gate)
            {
                return _optionBytes.ReadProtectionLevel;
            }
        }

        set
        {
            lock (_gate)
            {
                _optionBytes.ReadProtectionLevel = value;
            }
        }
    }

    /// <summary>Bytes that the bootloader programmed into flash memory since the board was made, rewritten ones too.</summary>
    public long ProgrammedBytes
    {
        get
        {
            lock (_gate)
            {
                return _flash.ProgrammedBytes;
            }
        }
    }

    /// <summary>How often the whole flash memory was erased in one go since the board was made.</summary>
    public int MassErases
    {
        get
        {
            lock (_gate)
            {
                return _flash.MassErases;
            }
        }
    }

    internal ChipModel Model => _model;

    internal bool IsDualBank
    {
        get
        {
            lock (_gate)
            {
                return _optionBytes.IsDualBank;
            }
        }

        set
        {
            lock (_gate)
            {
                _optionBytes.IsDualBank = value;
            }
        }
    }

    /// <summary>Copies flash memory as it is, whatever protects it.</summary>
    /// <param name="address">Where to begin.</param>
    /// <param name="destination">Takes the bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">That is not all flash memory.</exception>
    public void ReadFlash(uint address, Span<byte> destination)
    {
        var offset = FlashOffset(address, destination.Length);
        lock (_gate)
        {
            _flash.Bytes.Slice(offset, destination.Length).CopyTo(destination);
        }
    }

    /// <summary>Sets flash memory to bytes, with no erase, whatever protects it, in no time.</summary>
    /// <param name="address">Where to begin.</param>
    /// <param name="bytes">What it shall hold.</param>
    /// <exception cref="ArgumentOutOfRangeException">That is not all flash memory.</exception>
    public void WriteFlash(uint address, ReadOnlySpan<byte> bytes)
    {
        FlashOffset(address, bytes.Length);
        lock (_gate)
        {
            _flash.Replace(address, bytes);
        }
    }

    /// <summary>The option bytes, from the first address that the bootloader gives them.</summary>
    public byte[] ReadOptionBytes()
    {
        lock (_gate)
        {
            return _optionBytes.Bytes.ToArray();
        }
    }

    /// <summary>The one-time-programmable memory with its lock bytes; empty where the bootloader shows none.</summary>
    public byte[] ReadOtp()
    {
        lock (_gate)
        {
            return _otp.Bytes.ToArray();
        }
    }

    /// <summary>Whether a sector is write-protected.</summary>
    /// <param name="sector">Its number.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sector.</exception>
    public bool IsWriteProtected(int sector)
    {
        lock (_gate)
        {
            return _optionBytes.IsWriteProtected(sector, CurrentSectors().Length);
        }
    }

    /// <summary>Write-protects these sectors and no others, and those that share a bit with them.</summary>
    /// <param name="sectors">Their numbers.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sector.</exception>
    public void SetWriteProtection(IEnumerable<int> sectors)
    {
        lock (_gate)
        {
            _optionBytes.SetWriteProtection(sectors, CurrentSectors().Length);
        }
    }

    /// <summary>How often the sector that begins at an address was erased since the board was made.</summary>
    /// <param name="sectorAddress">Where it begins.</param>
    public int EraseCount(uint sectorAddress)
    {
        lock (_gate)
        {
            return _flash.EraseCount(sectorAddress);
        }
    }

    internal TimeSpan ProgramTimeOf(int length) => (length + _model.ProgramUnit - 1) / _model.ProgramUnit * _model.ProgramTime;

    internal static int[] MemorySizes(ChipModel model) =>
        [model.FlashSize, FlashMemory.VirginSize(model), model.OptionBytes.Factory.Length, model.Otp?.Size ?? 0];

    /// <summary>The memory that holds a whole range, if there is one.</summary>
    internal ChipMemory? MemoryOf(ulong address, int length)
    {
        bool Holds(uint start, int size) => address >= start && address + (uint)length <= (ulong)start + (uint)size;
        if (Holds(_model.FlashAddress, _model.FlashSize))
        {
            return ChipMemory.Flash;
        }

        if (Holds(_model.OptionBytes.Address, _model.OptionBytes.ReachableSize))
        {
            return ChipMemory.OptionBytes;
        }

        if (_model.Otp is { } otp && Holds(otp.Address, otp.Size))
        {
            return ChipMemory.Otp;
        }

        return _model.DeviceFeature is { } feature && Holds(feature, 4) ? ChipMemory.DeviceFeature : null;
    }

    /// <summary>Reads what lies from an address on, up to the end of its memory.</summary>
    /// <returns>The bytes; null if nothing is there.</returns>
    internal byte[]? Read(ulong address, int count)
    {
        lock (_gate)
        {
            var bytes = Window(MemoryOf(address, 1), out var start);
            if (bytes.IsEmpty)
            {
                return null;
            }

            bytes = bytes[(int)(address - start)..];
            return bytes[..Math.Min(count, bytes.Length)].ToArray();
        }
    }

    /// <summary>Programs flash memory; write-protected sectors stay as they are, silently.</summary>
    /// <returns>False if the memory reported a failure.</returns>
    internal bool Program(uint address, ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            var sectors = CurrentSectors();
            while (!data.IsEmpty)
            {
                var sector = SectorAt(sectors, address);
                var count = (int)Math.Min((uint)data.Length, sector.Address + (uint)sector.Size - address);
                if (!_optionBytes.IsWriteProtected(sector.Index, sectors.Length) && !_flash.Program(address, data[..count]))
                {
                    return false;
                }

                address += (uint)count;
                data = data[count..];
            }

            return true;
        }
    }

    /// <summary>Erases the sector that holds an address, unless it is write-protected.</summary>
    /// <returns>How long that takes.</returns>
    internal TimeSpan Erase(uint address)
    {
        lock (_gate)
        {
            var sectors = CurrentSectors();
            var sector = SectorAt(sectors, address);
            if (_optionBytes.IsWriteProtected(sector.Index, sectors.Length))
            {
                return TimeSpan.Zero;
            }

            _flash.Erase(sector);
            return CurrentGroups().First(x => x.Size == sector.Size).EraseTime;
        }
    }

    /// <summary>Erases all flash memory; nothing if any sector of it is write-protected.</summary>
    /// <returns>How long that takes.</returns>
    internal TimeSpan MassErase()
    {
        lock (_gate)
        {
            var sectors = CurrentSectors();
            if (sectors.Any(x => _optionBytes.IsWriteProtected(x.Index, sectors.Length)))
            {
                return TimeSpan.Zero;
            }

            _flash.EraseAll(sectors);
            return _model.MassEraseTime;
        }
    }

    /// <summary>Lowers the read-out protection to level 0, which erases all flash memory, protected or not.</summary>
    /// <returns>How long that takes.</returns>
    internal TimeSpan Unprotect()
    {
        lock (_gate)
        {
            _flash.EraseAll(CurrentSectors());
            _optionBytes.ReadProtectionLevel = 0;
            return _model.MassEraseTime + _model.OptionBytes.ProgramTime;
        }
    }

    internal TimeSpan WriteOptionBytes(uint address, ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            _optionBytes.Write((int)(address - _model.OptionBytes.Address), data);
            return _model.OptionBytes.ProgramTime;
        }
    }

    /// <summary>Programs one-time-programmable memory for good; blocks that are locked stay as they are.</summary>
    internal void ProgramOtp(uint address, ReadOnlySpan<byte> data)
    {
        var otp = _model.Otp!;
        lock (_gate)
        {
            for (var i = 0; i < data.Length; i++)
            {
                var offset = (int)(address - otp.Address) + i;
                var block = offset < otp.DataSize ? offset / otp.BlockSize : offset - otp.DataSize;
                if (_otp.Bytes[otp.DataSize + block] != 0)
                {
                    _otp.Write(offset, [(byte)(_otp.Bytes[offset] & data[i])]);
                }
            }
        }
    }

    private ReadOnlySpan<byte> Window(ChipMemory? memory, out uint start)
    {
        switch (memory)
        {
            case ChipMemory.Flash:
                start = _model.FlashAddress;
                return _flash.Bytes;
            case ChipMemory.OptionBytes:
                start = _model.OptionBytes.Address;
                return _optionBytes.Bytes[.._model.OptionBytes.ReachableSize];
            case ChipMemory.Otp:
                start = _model.Otp!.Address;
                return _otp.Bytes;
            case ChipMemory.DeviceFeature:
                // Nobody has published what these bytes are; zeros are as good as any.
                start = _model.DeviceFeature!.Value;
                return new byte[4];
            default:
                start = 0;
                return default;
        }
    }

    private static SimulatedSector SectorAt(ImmutableArray<SimulatedSector> sectors, uint address) =>
        sectors.Last(x => x.Address <= address);

    private int FlashOffset(uint address, int length)
    {
        if (address < FlashAddress || address - FlashAddress + (long)length > FlashSize)
        {
            throw new ArgumentOutOfRangeException(nameof(address), $"0x{address:X8} and the {length} bytes from there are not all flash memory.");
        }

        return (int)(address - FlashAddress);
    }

    private ImmutableArray<SectorGroup> CurrentGroups() => _optionBytes.IsDualBank ? _model.DualBank : _model.SingleBank;

    private ImmutableArray<SimulatedSector> CurrentSectors()
    {
        var sectors = ImmutableArray.CreateBuilder<SimulatedSector>();
        var address = _model.FlashAddress;
        foreach (var group in CurrentGroups())
        {
            for (var i = 0; i < group.Count; i++)
            {
                sectors.Add(new(sectors.Count, address, group.Size));
                address += (uint)group.Size;
            }
        }

        return sectors.ToImmutable();
    }
}
