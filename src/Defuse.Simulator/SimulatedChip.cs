using System.Buffers.Binary;
using System.Collections.Immutable;
using Defuse.Simulator.Chips;
using Defuse.Simulator.Storage;

namespace Defuse.Simulator;

/// <summary>A simulated board's chip: what is really in it, whatever its bootloader says.</summary>
/// <remarks>
/// An erase or a write is there when its time has passed on the board's clock; until then memory is as it was before. Safe
/// to use from several threads.
/// </remarks>
public sealed partial class SimulatedChip
{
    private readonly Lock _gate = new();
    private readonly ChipModel _model;
    private readonly FlashMemory _flash;
    private readonly OptionByteMemory _optionBytes;
    private readonly NonVolatileMemory _otp;
    private readonly NonVolatileMemory _eeprom;
    private readonly ImmutableArray<ChipWindow> _windows;
    private readonly ChipWorkQueue _work;
    private readonly byte[] _uniqueId;

    internal SimulatedChip(ChipModel model, byte[] uniqueId, BoardFile? file, VirtualClock clock)
    {
        _model = model;
        _uniqueId = uniqueId;
        _windows = [.. model.Windows()];
        _work = new(clock);
        var sizes = MemorySizes(model);
        NonVolatileMemory Memory(int index, byte erasedByte = 0xFF) =>
            new(sizes[index], erasedByte, file, file is null ? 0 : BoardFile.Position(sizes, index));
        _flash = new(model, Memory(0, model.ErasedByte), Memory(1));
        _optionBytes = new(model.OptionBytes, Memory(2));
        _otp = Memory(3);
        _eeprom = Memory(4, 0);
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

    /// <summary>What erased flash memory reads: 0x00 on L0 and L1, else 0xFF.</summary>
    public byte ErasedByte => _model.ErasedByte;

    /// <summary>The flash memory's sectors, as the option bytes divide it now.</summary>
    public ImmutableArray<SimulatedSector> Sectors
    {
        get
        {
            using (Settled())
            {
                return CurrentSectors();
            }
        }
    }

    /// <summary>The level of read-out protection: 0, 1 or 2.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to anything else, or to a level that the chip does not have.</exception>
    /// <exception cref="InvalidOperationException">Set, and the chip has no read-out protection.</exception>
    public int ReadProtectionLevel
    {
        get
        {
            using (Settled())
            {
                return _optionBytes.ReadProtectionLevel;
            }
        }

        set
        {
            using (Settled())
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
            using (Settled())
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
            using (Settled())
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
            using (Settled())
            {
                return _optionBytes.IsDualBank;
            }
        }

        set
        {
            using (Settled())
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
        using (Settled())
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
        using (Settled())
        {
            _flash.Replace(address, bytes);
        }
    }

    /// <summary>The option bytes, from the first address that the bootloader gives them.</summary>
    public byte[] ReadOptionBytes()
    {
        using (Settled())
        {
            return _optionBytes.Bytes.ToArray();
        }
    }

    /// <summary>The one-time-programmable memory with its lock bytes; empty where the bootloader shows none.</summary>
    public byte[] ReadOtp()
    {
        using (Settled())
        {
            return _otp.Bytes.ToArray();
        }
    }

    /// <summary>The data EEPROM; empty where the chip has none.</summary>
    public byte[] ReadDataEeprom()
    {
        using (Settled())
        {
            return _eeprom.Bytes.ToArray();
        }
    }

    /// <summary>Whether a sector is write-protected.</summary>
    /// <param name="sector">Its number.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sector.</exception>
    public bool IsWriteProtected(int sector)
    {
        using (Settled())
        {
            return _optionBytes.IsWriteProtected(sector, CurrentSectors().Length);
        }
    }

    /// <summary>Write-protects these sectors and no others, and those that share a bit with them.</summary>
    /// <param name="sectors">Their numbers.</param>
    /// <exception cref="ArgumentException">There is no such sector, or the option bytes have no way to say this.</exception>
    /// <exception cref="InvalidOperationException">The chip has no write protection.</exception>
    public void SetWriteProtection(IEnumerable<int> sectors)
    {
        using (Settled())
        {
            _optionBytes.SetWriteProtection(sectors, CurrentSectors().Length);
        }
    }

    /// <summary>How often the sector that begins at an address was erased since the board was made.</summary>
    /// <param name="sectorAddress">Where it begins.</param>
    public int EraseCount(uint sectorAddress)
    {
        using (Settled())
        {
            return _flash.EraseCount(sectorAddress);
        }
    }

    /// <summary>Whether a chip could start from the vectors at an address: a stack in RAM, and a reset vector to Thumb code in flash memory.</summary>
    internal bool HasVectors(uint address)
    {
        if (address < FlashAddress || address - FlashAddress > FlashSize - 8)
        {
            return false;
        }

        Span<byte> vectors = stackalloc byte[8];
        ReadFlash(address, vectors);
        var stack = BinaryPrimitives.ReadUInt32LittleEndian(vectors);
        var reset = BinaryPrimitives.ReadUInt32LittleEndian(vectors[4..]);

        // The RAMs of all families, core-coupled ones and H7's domains included.
        return stack % 4 == 0
            && stack is (>= 0x1000_0000 and <= 0x1001_0000) or (>= 0x2000_0000 and <= 0x2020_0000) or (>= 0x2400_0000 and <= 0x2410_0000)
            && reset % 2 == 1 && reset >= FlashAddress && reset - FlashAddress < FlashSize;
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
