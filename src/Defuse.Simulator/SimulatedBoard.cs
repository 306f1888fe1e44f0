using System.Collections.Immutable;
using System.Globalization;
using Defuse.Simulator.Chips;
using Defuse.Simulator.Faults;
using Defuse.Simulator.Programs;
using Defuse.Simulator.Roms;
using Defuse.Simulator.Storage;
using Defuse.Transports;

namespace Defuse.Simulator;

/// <summary>A simulated board: a chip, its bootloader, and the USB connector that the bootloader uses.</summary>
/// <remarks>
/// It begins unplugged. Attaching it plugs it in with BOOT0 high, so the bootloader comes up; leaving the bootloader
/// runs a program that has no USB. A reset that the chip does itself finds BOOT0 still high, unless an option says
/// otherwise. With the option program BOOT0 is low: attaching it starts the program, if flash memory holds vectors that a chip
/// can start from. A board that is blank when it is first used then has its program in flash memory, as one that is sold; after
/// an erase nothing comes up. Whatever vectors are there, it is the chosen program that runs. Safe to use from several threads.
/// </remarks>
public sealed class SimulatedBoard : IUsbSocket, IFaultSurroundings, IProgramSurroundings, IDisposable
{
    // From reset to enumerated; not documented, inferred from what hosts usually wait.
    private static readonly TimeSpan EnumerationTime = TimeSpan.FromMilliseconds(300);

    private readonly Lock _gate = new();
    private readonly BoardSettings _settings;
    private readonly FaultRun _faults;
    private readonly BoardParts _parts;
    private readonly SimulatedBoardFolder? _folder;
    private readonly AdapterSocket? _adapter;
    private BoardFile? _file;
    private SimulatedChip? _chip;
    private IBoardPeripheral? _peripheral;
    private PendingReset? _reset;
    private bool _isBoot0High;
    private bool _isHeldInReset;
    private uint? _runningFrom;
    private long _transfers;
    private bool _isDisposed;

    internal SimulatedBoard(
        SimulatedBoardModel model, int instance, BoardSettings settings, SimulatedBoardFolder? folder, VirtualClock clock)
    {
        Model = model;
        Instance = instance;
        _settings = settings;
        _faults = new FaultRun(settings.Faults);
        _parts = settings.Choose(model.Parts);
        _folder = folder;
        Clock = clock;
        _isBoot0High = _parts.IsBoot0High;
        if (_parts.Program?.Adapter is { } adapter)
        {
            _adapter = new AdapterSocket(this, () => new CdcAcmPeripheral(adapter, Chip, Clock, this));
        }

        Location = string.Create(CultureInfo.InvariantCulture, $"sim:{model.Name}{(instance == 0 ? "" : $"#{instance}")}");
    }

    /// <summary>What kind of board it is.</summary>
    public SimulatedBoardModel Model { get; }

    /// <summary>Which one of its kind, from 0.</summary>
    public int Instance { get; }

    /// <inheritdoc/>
    public string Location { get; }

    /// <summary>The program on the bus; null while the bootloader is there, or nothing.</summary>
    public IUsbPeripheral? Program
    {
        get
        {
            lock (_gate)
            {
                return _peripheral is CdcAcmPeripheral { IsConnected: true } ? _peripheral : null;
            }
        }
    }

    /// <summary>
    /// The connector of the USB-serial adapter whose DTR is wired to NRST (asserted is reset) and whose RTS to BOOT0 (asserted
    /// is high); null where there is none. The adapter is plugged in when it is first attached, whatever the board does.
    /// </summary>
    public IUsbSocket? SerialAdapter => _adapter;

    /// <summary>Its time.</summary>
    public VirtualClock Clock { get; }

    /// <summary>What is really in its chip; asking for it opens the board's file.</summary>
    /// <exception cref="TransportException">Another process is using the board, or its file is no good.</exception>
    /// <exception cref="SimulatedBoardException">The option wrp names a sector that the chip does not have.</exception>
    public SimulatedChip Chip
    {
        get
        {
            lock (_gate)
            {
                return Open();
            }
        }
    }

    /// <summary>The bootloader's serial number string.</summary>
    /// <exception cref="TransportException">Another process is using the board, or its file is no good.</exception>
    public string SerialNumber => _faults.SerialNumber ?? _parts.Bootloader.SerialNumberOf(Chip);

    /// <summary>The address whose vectors the running program was started from; null if none is running.</summary>
    public uint? RunningFrom
    {
        get
        {
            lock (_gate)
            {
                return _runningFrom;
            }
        }
    }

    /// <summary>How many control transfers have reached its bootloader, standard requests included.</summary>
    public long Transfers => Interlocked.Read(ref _transfers);

    /// <summary>How many of the faults that it was made with have happened; one that happens twice counts twice.</summary>
    public int FaultsHappened => _faults.Happened;

    /// <summary>The addresses of the bytes of flash memory of which a fault flipped a bit, in the order in which it did.</summary>
    public ImmutableArray<uint> RottenBytes => _faults.Rotten;

    /// <inheritdoc/>
    public IUsbPeripheral? Peripheral
    {
        get
        {
            lock (_gate)
            {
                return _peripheral is { IsConnected: true } ? _peripheral : null;
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="TransportException">
    /// <see cref="TransportFailure.CannotOpen"/> if another process is using the board, its file is no good, or its chip is
    /// at read-out protection level 2.
    /// </exception>
    /// <exception cref="SimulatedBoardException">The option wrp names a sector that the chip does not have.</exception>
    public async ValueTask<IUsbPeripheral> AttachAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            PendingReset reset;
            lock (_gate)
            {
                var chip = Open();
                if (_reset is null)
                {
                    return _peripheral is { IsConnected: true } ? _peripheral : PlugInAnew(chip);
                }

                reset = _reset;
            }

            await reset.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Pulls the USB plug: what it was erasing or programming stays half done, and what the bootloader knew is lost.
    /// </summary>
    public void Unplug()
    {
        lock (_gate)
        {
            TakeOffBus();
            _runningFrom = null;
        }
    }

    /// <summary>Unplugs the board and gives its file back.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            TakeOffBus();
            _file?.Dispose();
        }

        _adapter?.Disconnect();
    }

    bool IRomSurroundings.IsBoot0High
    {
        get
        {
            lock (_gate)
            {
                return _isBoot0High;
            }
        }
    }

    // A part with another memory is another board, with a file of its own.
    private string? OtherChip => _parts.Chip.Name == Model.Parts.Chip.Name ? null : _parts.Chip.Name;

    void IRomSurroundings.Run(uint address)
    {
        lock (_gate)
        {
            _peripheral = null;
            _runningFrom = address;
            if (_parts.Program is { Adapter: null } program && _chip is { } chip && chip.HasVectors(address))
            {
                ComeBackAfter(Clock.Elapsed, () => StartProgram(program, chip, address));
            }
        }
    }

    void IRomSurroundings.Reset(TimeSpan until) => ComeBackAfter(until, null);

    void IRomSurroundings.Reenumerate(IBoardPeripheral next) => ComeBackAfter(Clock.Elapsed, () => next);

    void IProgramSurroundings.EnterBootloader()
    {
        lock (_gate)
        {
            if (_chip is { } chip)
            {
                _runningFrom = null;

                // At level 2 there is no way into the ROM, and what is tried there is not documented: nothing comes.
                ComeBackAfter(Clock.Elapsed, () => chip.ReadProtectionLevel < 2 ? PlugIn(chip) : null);
            }
        }
    }

    void IProgramSurroundings.Reboot() => ComeBackAfter(Clock.Elapsed, null);

    void IProgramSurroundings.SetPins(bool isResetLow, bool isBoot0High)
    {
        lock (_gate)
        {
            _isBoot0High = isBoot0High;
            if (isResetLow && !_isHeldInReset)
            {
                _isHeldInReset = true;
                TakeOffBus();
                _runningFrom = null;
            }
            else if (!isResetLow && _isHeldInReset)
            {
                _isHeldInReset = false;
                ComeBackAfter(Clock.Elapsed, null);
            }
        }
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private void ComeBackAfter(TimeSpan until, Func<IBoardPeripheral?>? next)
    {
        lock (_gate)
        {
            _peripheral = null;
            var reset = new PendingReset { Next = next, IsBoot0High = _isBoot0High };
            _reset = reset;
            var duration = Max(until, Clock.Elapsed) - Clock.Elapsed + Clock.CompletionOf(EnumerationTime) - Clock.Elapsed;
            reset.Timer = Clock.CreateTimer(_ => ComeBack(reset), state: null, Max(duration, TimeSpan.Zero), Timeout.InfiniteTimeSpan);
        }
    }

    private void ComeBack(PendingReset reset)
    {
        lock (_gate)
        {
            if (_reset == reset)
            {
                EndReset();
                if (reset.Next is { } next)
                {
                    _peripheral = next();
                }
                else if (!reset.IsBoot0High)
                {
                    BootFromFlash();
                }
                else if (_chip is { ReadProtectionLevel: < 2 } chip)
                {
                    PlugIn(chip);
                }
            }
        }
    }

    private void EndReset()
    {
        _reset?.Finish();
        _reset = null;
    }

    private void TakeOffBus()
    {
        EndReset();
        _peripheral?.Disconnect();
        _peripheral = null;
        _chip?.LosePower();
    }

    // As a person would who wants to use it.
    private IBoardPeripheral PlugInAnew(SimulatedChip chip)
    {
        if (_parts.Program is null || (_isBoot0High && !_isHeldInReset))
        {
            return PlugIn(chip);
        }

        if (!_isHeldInReset)
        {
            BootFromFlash();
        }

        return _peripheral ?? throw new TransportException(
            TransportFailure.Disconnected,
            $"nothing of {Location} shows on USB: " + (_isHeldInReset ? "its chip is held in reset"
                : _adapter is not null ? "BOOT0 is low, and its program has no USB of its own"
                : "BOOT0 is low, and its flash memory holds no program"),
            _adapter is not null
                ? $"Pulse NRST with BOOT0 high, by DTR and RTS of {_adapter.Location}."
                : "Start without the option program, which leaves BOOT0 high, or with a blank board by the option fresh=true.");
    }

    // Whatever flash memory begins with; without the option it has no USB.
    private void BootFromFlash()
    {
        _runningFrom = _chip?.FlashAddress;
        if (_parts.Program is { } program && _chip is { } chip)
        {
            _runningFrom = null;
            if (chip.HasVectors(chip.FlashAddress))
            {
                _peripheral = StartProgram(program, chip, chip.FlashAddress);
            }
        }
    }

    private CdcAcmPeripheral? StartProgram(ProgramModel program, SimulatedChip chip, uint address)
    {
        _runningFrom = address;
        return program.Adapter is not null ? null : new CdcAcmPeripheral(program, chip, Clock, this);
    }

    private IBoardPeripheral PlugIn(SimulatedChip chip)
    {
        if (chip.ReadProtectionLevel == 2)
        {
            throw new TransportException(
                TransportFailure.CannotOpen,
                $"the chip of {Location} is at read-out protection level 2: its bootloader is closed for good",
                "Start with a blank board by the option fresh=true.");
        }

        _runningFrom = null;
        var bootloader = _parts.Bootloader.PlugIn(chip, Clock, this, () => Interlocked.Increment(ref _transfers));
        _peripheral = _faults.IsEmpty
            ? bootloader
            : new FaultyBootloader(bootloader, _faults, chip, Clock, this, _parts.Bootloader.SerialNumberOf(chip));
        return _peripheral;
    }

    private SimulatedChip Open()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_chip is not null)
        {
            return _chip;
        }

        BoardFile? file = null;
        try
        {
            file = _folder is null
                ? null
                : BoardFile.Open(
                    _folder.FileOf(Model.Name, Instance, OtherChip), Model.Name, SimulatedChip.MemorySizes(_parts.Chip), _settings.StartsFresh);
            var chip = new SimulatedChip(_parts.Chip, UniqueId.Of(Model.Name, Instance), file, Clock);
            Apply(chip);
            Ship(chip);
            _file = file;
            _chip = chip;
            return chip;
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    private void Ship(SimulatedChip chip)
    {
        if (_parts.Program is { } program && !chip.HasVectors(chip.FlashAddress))
        {
            Span<byte> first = stackalloc byte[8];
            chip.ReadFlash(chip.FlashAddress, first);
            if (!first.ContainsAnyExcept(chip.ErasedByte))
            {
                chip.WriteFlash(chip.FlashAddress, program.ShippedImage(chip.FlashAddress));
            }
        }
    }

    private void Apply(SimulatedChip chip)
    {
        if (_settings.DualBank is { } dual)
        {
            chip.IsDualBank = dual;
        }

        if (_settings.ReadProtection is { } level)
        {
            chip.ReadProtectionLevel = level;
        }

        if (_settings.WriteProtection is not { } sectors)
        {
            return;
        }

        var count = chip.Sectors.Length;
        if (sectors.Any(x => x >= count))
        {
            throw new SimulatedBoardException(
                $"{Location} has no sector {sectors.First(x => x >= count)}", $"Its sectors are 0 to {count - 1}.");
        }

        try
        {
            chip.SetWriteProtection(sectors);
        }
        catch (ArgumentException e)
        {
            throw new SimulatedBoardException($"{Location} cannot write-protect these sectors and no others", e.Message);
        }
    }

    private sealed class PendingReset
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>What comes back; null for what the pins say.</summary>
        public Func<IBoardPeripheral?>? Next { get; init; }

        /// <summary>BOOT0 as it was when the reset ended: what it becomes afterwards, while the board still enumerates, changes nothing.</summary>
        public required bool IsBoot0High { get; init; }

        public ITimer? Timer { get; set; }

        public async Task WaitAsync(CancellationToken cancellationToken) =>
            await _done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);

        public void Finish()
        {
            Timer?.Dispose();
            _done.TrySetResult();
        }
    }
}
