using System.Collections.Immutable;
using Defuse.Simulator.Chips;

namespace Defuse.Simulator;

// What its bootloader does to it.
public sealed partial class SimulatedChip
{
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

    /// <summary>Programs one-time-programmable memory for good; blocks that are locked stay as they are, and units that are written once fail.</summary>
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

    private bool WriteOtp(int offset, ReadOnlySpan<byte> data) =>
        _model.Otp!.HasLockBytes ? ClearOtpBits(offset, data) : ProgramOtpUnits(offset, data);

    private bool ClearOtpBits(int offset, ReadOnlySpan<byte> data)
    {
        var otp = _model.Otp!;
        var before = _otp.Bytes.ToArray();
        for (var i = 0; i < data.Length; i++)
        {
            var at = offset + i;
            var block = at >= otp.DataSize ? at - otp.DataSize : at / otp.BlockSize;
            if (before[otp.DataSize + block] != 0)
            {
                _otp.Write(at, [(byte)(before[at] & data[i])]);
            }
        }

        return true;
    }

    // As of flash: what is missing of a unit is filled with erased bytes, and one that is no longer blank takes only zeros.
    // One that was programmed with 0xFF is taken for blank (inferred).
    private bool ProgramOtpUnits(int offset, ReadOnlySpan<byte> data)
    {
        var size = _model.Otp!.BlockSize;
        Span<byte> unit = stackalloc byte[size];
        while (!data.IsEmpty)
        {
            var start = offset / size * size;
            var count = Math.Min(data.Length, start + size - offset);
            unit.Fill(0xFF);
            data[..count].CopyTo(unit[(offset - start)..]);
            if (_otp.Bytes.Slice(start, size).ContainsAnyExcept((byte)0xFF) && unit.ContainsAnyExcept((byte)0))
            {
                return false;
            }

            _otp.Write(start, unit);
            offset += count;
            data = data[count..];
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
}
