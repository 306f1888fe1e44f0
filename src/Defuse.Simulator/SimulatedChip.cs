using System.Collections.Immutable;
using Defuse.Simulator.Chips;
using Defuse.Simulator.Storage;

namespace Defuse.Simulator;

/// <summary>A simulated board's chip: what is really in it, whatever its bootloader says.</summary>
/// <remarks>
/// An erase or a write is there when its time has passed on the board's clock; until then memory is as it was before. Safe
/// to use from several threads.
/// </remarks>
public sealed class SimulatedChip
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

    internal static int[] MemorySizes(ChipModel model) =>
    [
        model.FlashSize,
        FlashMemory.VirginSize(model),
        model.OptionBytes.Factory.Length,
        model.Otp?.Size ?? 0,
        model.DataEeprom?.Size ?? 0,
    ];

    /// <summary>The memory that holds a whole range, if there is one.</summary>
    internal ChipMemory? MemoryOf(ulong address, int length) => WindowOf(address, length)?.Memory;

    /// <summary>Reads what lies from an address on, up to the end of its memory.</summary>
    /// <returns>The bytes; null if nothing is there.</returns>
    internal byte[]? Read(ulong address, int count)
    {
        if (WindowOf(address, 1) is not { } window)
        {
            return null;
        }

        using (Settled())
        {
            var bytes = window.Memory switch
            {
                ChipMemory.Flash => _flash.Bytes,
                ChipMemory.OptionBytes => _optionBytes.Bytes,
                ChipMemory.Otp => _otp.Bytes,
                ChipMemory.DataEeprom => _eeprom.Bytes,

                // Nobody has published what these bytes are; zeros are as good as any.
                _ => new byte[4],
            };
            bytes = bytes[window.OffsetOf(address)..(window.Offset + window.Size)];
            return bytes[..Math.Min(count, bytes.Length)].ToArray();
        }
    }

    /// <summary>Programs flash memory; write-protected sectors stay as they are, silently.</summary>
    internal ChipWork Program(uint address, byte[] data)
    {
        using (Settled())
        {
            return _work.Begin(
                ProgramTimeOf(data.Length),
                () => ProgramSectors(address, data, data.Length),
                fraction => ProgramSectors(address, data, WholeUnits(data.Length, fraction)));
        }
    }

    /// <summary>Erases the sector that holds an address, unless it is write-protected.</summary>
    internal ChipWork Erase(uint address)
    {
        using (Settled())
        {
            var sectors = CurrentSectors();
            var sector = SectorAt(sectors, address);
            if (_optionBytes.IsWriteProtected(sector.Index, sectors.Length))
            {
                return Nothing(TimeSpan.Zero);
            }

            return _work.Begin(
                EraseTimeOf(sector),
                () =>
                {
                    _flash.Erase(sector);
                    return true;
                },
                fraction => _flash.HalfErase(sector, fraction));
        }
    }

    /// <summary>Erases all flash memory; nothing if any sector of it is write-protected.</summary>
    /// <param name="keep">Bytes at its beginning that stay; whole sectors.</param>
    internal ChipWork MassErase(int keep = 0)
    {
        using (Settled())
        {
            var sectors = CurrentSectors();
            return sectors.Any(x => _optionBytes.IsWriteProtected(x.Index, sectors.Length))
                ? Nothing(TimeSpan.Zero)
                : EraseAll([.. sectors.Where(x => x.Address - FlashAddress >= keep)], () => { }, TimeSpan.Zero);
        }
    }

    /// <summary>Lowers the read-out protection to level 0, which first erases all flash memory, protected or not.</summary>
    internal ChipWork Unprotect()
    {
        using (Settled())
        {
            return EraseAll(CurrentSectors(), () => _optionBytes.ReadProtectionLevel = 0, _model.OptionBytes.ProgramTime);
        }
    }

    /// <summary>Work that changes nothing.</summary>
    internal ChipWork Pretend(TimeSpan duration)
    {
        using (Settled())
        {
            return Nothing(duration);
        }
    }

    internal TimeSpan ProgramTimeOf(int length) => (length + _model.ProgramUnit - 1) / _model.ProgramUnit * _model.ProgramTime;

    internal TimeSpan EraseTimeAt(uint address)
    {
        using (Settled())
        {
            return EraseTimeOf(SectorAt(CurrentSectors(), address));
        }
    }

    /// <summary>Does what has been done by now.</summary>
    internal void Settle()
    {
        using (Settled())
        {
        }
    }

    /// <summary>Writes option bytes; when the power fails meanwhile, they stay as they were (inferred).</summary>
    internal ChipWork WriteOptionBytes(uint address, byte[] data)
    {
        using (Settled())
        {
            var offset = WindowOf(address, data.Length)!.Value.OffsetOf(address);
            return _work.Begin(
                _model.OptionBytes.ProgramTime,
                () =>
                {
                    _optionBytes.Write(offset, data);
                    return true;
                },
                _ => { });
        }
    }

    /// <summary>Programs one-time-programmable memory for good; blocks that are closed stay as they are.</summary>
    internal ChipWork ProgramOtp(uint address, byte[] data)
    {
        using (Settled())
        {
            var offset = WindowOf(address, data.Length)!.Value.OffsetOf(address);
            return _work.Begin(
                ProgramTimeOf(data.Length),
                () => WriteOtp(offset, data),
                fraction => WriteOtp(offset, data.AsSpan(0, WholeUnits(data.Length, fraction))));
        }
    }

    /// <summary>Writes data EEPROM, whatever was there.</summary>
    internal ChipWork ProgramEeprom(uint address, byte[] data)
    {
        var eeprom = _model.DataEeprom!;
        using (Settled())
        {
            var offset = (int)(address - eeprom.Address);
            return _work.Begin(
                eeprom.TimeOf(data.Length),
                () =>
                {
                    _eeprom.Write(offset, data);
                    return true;
                },
                fraction =>
                {
                    var count = (int)(data.Length * fraction) / DataEepromModel.WordSize * DataEepromModel.WordSize;
                    _eeprom.Write(offset, data.AsSpan(0, count));

                    // A word is erased before it is programmed.
                    _eeprom.Erase(offset + count, Math.Min(DataEepromModel.WordSize, data.Length - count));
                });
        }
    }

    /// <summary>The power fails: what is being erased or programmed stays half done.</summary>
    internal void LosePower()
    {
        lock (_gate)
        {
            _work.Interrupt();
        }
    }

    private ChipWork Nothing(TimeSpan duration) => _work.Begin(duration, () => true, _ => { });

    private ChipWork EraseAll(ImmutableArray<SimulatedSector> sectors, Action then, TimeSpan thenTime) => _work.Begin(
        _model.MassEraseTime + thenTime,
        () =>
        {
            _flash.EraseAll(sectors);
            then();
            return true;
        },
        fraction =>
        {
            foreach (var sector in sectors)
            {
                _flash.HalfErase(sector, fraction);
            }
        });

    private bool ProgramSectors(uint address, ReadOnlySpan<byte> data, int until)
    {
        var sectors = CurrentSectors();
        while (!data.IsEmpty)
        {
            var sector = SectorAt(sectors, address);
            var count = (int)Math.Min((uint)data.Length, sector.Address + (uint)sector.Size - address);
            if (!_optionBytes.IsWriteProtected(sector.Index, sectors.Length))
            {
                if (until < count)
                {
                    _flash.HalfProgram(address, data[..count], until);
                    return true;
                }

                if (!_flash.Program(address, data[..count]))
                {
                    return false;
                }
            }

            address += (uint)count;
            data = data[count..];
            until = Math.Max(0, until - count);
        }

        return true;
    }

    private bool WriteOtp(int offset, ReadOnlySpan<byte> data)
    {
        var otp = _model.Otp!;
        var before = _otp.Bytes.ToArray();
        for (var i = 0; i < data.Length; i++)
        {
            var at = offset + i;
            var isLock = at >= otp.DataSize;
            var block = isLock ? at - otp.DataSize : at / otp.BlockSize;
            var isClosed = otp.HasLockBytes
                ? before[otp.DataSize + block] == 0
                : before.AsSpan(block * otp.BlockSize, otp.BlockSize).ContainsAnyExcept((byte)0xFF);
            if (!isClosed)
            {
                _otp.Write(at, [(byte)(before[at] & data[i])]);
            }
        }

        return true;
    }

    private int WholeUnits(int length, double fraction) => (int)(length * fraction) / _model.ProgramUnit * _model.ProgramUnit;

    private TimeSpan EraseTimeOf(SimulatedSector sector) => CurrentGroups().First(x => x.Size == sector.Size).EraseTime;

    private ChipWindow? WindowOf(ulong address, int length)
    {
        foreach (var window in _windows)
        {
            if (window.Holds(address, length))
            {
                return window;
            }
        }

        return null;
    }

    // Whoever looks finds what has been done by now.
    private Lock.Scope Settled()
    {
        var scope = _gate.EnterScope();
        _work.Settle();
        return scope;
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
