using System.Collections.Immutable;
using Defuse.Simulator.Chips;
using Defuse.Simulator.PlainDfu;
using Defuse.Simulator.Programs;
using Defuse.Simulator.Roms;

namespace Defuse.Simulator;

/// <summary>The boards that can be simulated.</summary>
public static class SimulatedBoardCatalog
{
    private static readonly BoardVariant F767Flash = new(
        "flash",
        "how much flash memory the part has",
        [new("2M"), new("1M", x => x.WithChip(_ => Stm32F767.HalfModel))]);

    private static readonly BoardVariant F767Map = new(
        "map",
        "what the ROM announces on the 1 MB part: its own sectors, or those of the 2 MB part; nobody has published which",
        [new("honest"), new("2M", x => x.WithRom(rom => rom with { AlternateSettings = chip => RomModels.F767Strings(chip.IsDualBank, 2 * 1024 * 1024) }))]);

    private static readonly BoardVariant H743Revision = new(
        "rev",
        "the chip's revision; V stays busy after an erase in its second bank",
        [
            new("v"),
            new("y", x => x.WithChip(chip => chip with { IdCode = Stm32H743.RevisionY }).WithRom(_ => RomModels.Stm32H743)),
        ]);

    private static readonly BoardVariant Boot0 = new(
        "boot0",
        "the pin BOOT0 once the bootloader runs; while it is high, revision V cannot leave the bootloader",
        [new("high", x => x with { IsBoot0High = true }), new("low", x => x with { IsBoot0High = false })]);

    // How quick is too quick is not known; 5 ms is made up.
    private static readonly BoardVariant Port = new(
        "port",
        "behind a hub, or on a port of an xHCI controller, where requests that come quickly fail",
        [new("hub"), new("xhci", x => x.WithRom(rom => rom with { FailsWithin = TimeSpan.FromMilliseconds(5) }))]);

    private static readonly BoardVariant Leave = new(
        "leave",
        "how much the bootloader still answers when it is told to leave",
        [
            new("usual"),
            new("silent", x => x.WithRom(rom => rom with { LeaveAnswer = LeaveAnswer.Nothing })),
            new("dnload", x => x.WithRom(rom => rom with { LeaveAnswer = LeaveAnswer.Dnload })),
            new("getstatus", x => x.WithRom(rom => rom with { LeaveAnswer = LeaveAnswer.GetStatus })),
        ]);

    private static readonly BoardVariant DfuVersion = new(
        "version",
        "bcdDFUVersion; 1.1a is that of ST's extensions, and here nobody has them",
        [new("1.1"), new("1.1a", x => x with { Bootloader = (PlainDfuModel)x.Bootloader with { DfuVersion = 0x011A } })]);

    private static readonly BoardVariant F405Programs = Programs(
        "PYBv1.1 with STM32F405RG", Program("betaflight", ProgramModels.Betaflight), Program("ardupilot", ProgramModels.ArduPilot(ArduPilotDfu.Enters)));

    private static readonly BoardVariant F767Programs = Programs(
        "NUCLEO_F767ZI with STM32F767", Program("betaflight", ProgramModels.Betaflight), Program("ardupilot", ProgramModels.ArduPilot(ArduPilotDfu.Enters)));

    // Reported of H7: told to start the ROM, ArduPilot leaves the bus and nothing comes.
    private static readonly BoardVariant H743Programs = Programs(
        "NUCLEO_H743ZI with STM32H743", Program("betaflight", ProgramModels.Betaflight), Program("ardupilot", ProgramModels.ArduPilot(ArduPilotDfu.GoesDark)));

    private static readonly BoardVariant L476Programs = Programs("L476G-DISCO with STM32L476");

    /// <summary>All of them, in the order of their names.</summary>
    public static ImmutableArray<SimulatedBoardModel> Boards { get; } =
    [
        new("32f072bdiscovery", "32F072BDISCOVERY: STM32F072RB, 128 KB, ROM bootloader on the user USB connector", Stm32F072.Model, RomModels.Stm32F072, Port),
        new("at32f437", "a board with Artery's AT32F437ZM, 4,032 KB, and its ROM bootloader", At32F437.Model, RomModels.At32F437),
        new("b-l072z-lrwan1", "B-L072Z-LRWAN1: STM32L072CZ, 192 KB, ROM bootloader on the user USB connector", Stm32L072.Model, RomModels.Stm32L072),
        new("b-u585i-iot02a", "B-U585I-IOT02A: STM32U585AI, 2 MB, ROM bootloader on the USB Type-C connector", Stm32U585.Model, RomModels.Stm32U585),
        new("daisy", "Daisy Seed: 8 MB of external flash memory behind the Daisy bootloader", DaisyFlash.Model, RomModels.Daisy),
        new("dfu11-detach", "a plain DFU 1.1 device whose program has a run-time interface that detaches", Stm32F103.Model, PlainDfuModels.Detaching),
        new("dfu11-tolerant", "a plain DFU 1.1 device that is manifestation tolerant", Stm32F103.Model, PlainDfuModels.Tolerant, DfuVersion),
        new("gd32f103", "a board with GigaDevice's GD32F103C8, 64 KB, and its bootloader", Gd32.F103, RomModels.Gd32F103, Leave),
        new("gd32vf103", "Longan Nano: GigaDevice's GD32VF103CB, 128 KB, and its bootloader", Gd32.VF103, RomModels.Gd32VF103, Leave),
        new("maple", "Maple Mini: STM32F103CB, STM32duino's bootloader (DFU 1.1, 1EAF:0003)", Stm32F103.Model, PlainDfuModels.Maple),
        new("nucleo-c562re", "NUCLEO-C562RE: STM32C562RE, 512 KB, ROM bootloader on the user USB connector", Stm32C562.Model, RomModels.Stm32C5),
        new("nucleo-f767zi", "NUCLEO-F767ZI: STM32F767ZI, 2 MB, ROM bootloader on the user USB connector", Stm32F767.Model, RomModels.Stm32F767, F767Flash, F767Map, F767Programs),
        new("nucleo-g0b1re", "NUCLEO-G0B1RE: STM32G0B1RE, 512 KB, ROM bootloader on USB lines at the headers", Stm32G0B1.Model, RomModels.Stm32G0B1),
        new("nucleo-g431kb", "NUCLEO-G431KB: STM32G431KB, 128 KB, ROM bootloader on USB lines at the headers", Stm32G431.Model, RomModels.Stm32G431),
        new("nucleo-h563zi", "NUCLEO-H563ZI: STM32H563ZI, 2 MB, ROM bootloader on the user USB connector", Stm32H563.Model, RomModels.Stm32H563),
        new(
            "nucleo-h743zi",
            "NUCLEO-H743ZI: STM32H743ZI, 2 MB, ROM bootloader on the user USB connector",
            Stm32H743.Model with { IdCode = Stm32H743.RevisionV },
            RomModels.Stm32H743RevisionV,
            H743Revision,
            H743Programs,
            Boot0),
        new("pybd-sf6", "Pyboard D SF6: STM32F767, 2 MB, MicroPython's bootloader mboot in the first 32 KB", Stm32F767.BehindMboot, RomModels.Mboot),
        new("pybv11", "Pyboard v1.1: STM32F405RG, 1 MB, ROM bootloader with the DFU pad at 3.3 V", Stm32F405.Model, RomModels.Stm32F405, F405Programs),
        new("stm32l476g-disco", "32L476GDISCOVERY: STM32L476VG, 1 MB, ROM bootloader on the USB OTG connector", Stm32L476.Model, RomModels.Stm32L476, L476Programs),
    ];

    /// <summary>Makes a board. It is unplugged, and its file untouched, until it is attached or its chip is asked for.</summary>
    /// <param name="name">Its model's <see cref="SimulatedBoardModel.Name"/>.</param>
    /// <param name="instance">Which one of its kind, from 0; each has its own memory and unique device identifier.</param>
    /// <param name="options">The options of <see cref="SimulatedBoardModel.Options"/>, by name. They apply when the board is first used.</param>
    /// <param name="folder">Where its memories are kept; null for a board that is blank, and forgotten with the process.</param>
    /// <param name="mode">What moves its time; the option "time" is the scale.</param>
    /// <param name="real">Real time; the system's if null.</param>
    /// <exception cref="SimulatedBoardException">There is no such board, option or value.</exception>
    public static SimulatedBoard Create(
        string name,
        int instance,
        IReadOnlyDictionary<string, string> options,
        SimulatedBoardFolder? folder,
        VirtualClockMode mode,
        TimeProvider? real = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(instance);
        var model = Boards.FirstOrDefault(x => string.Equals(x.Name, name, StringComparison.OrdinalIgnoreCase))
            ?? throw new SimulatedBoardException(
                $"there is no simulated board '{name}'",
                $"The simulated boards are {string.Join(", ", Boards.Select(x => x.Name))}.");
        var settings = BoardSettings.Parse(model, options);
        var clock = mode == VirtualClockMode.Following
            ? VirtualClock.Following(settings.Scale, real)
            : VirtualClock.Stepped(settings.Scale, real);
        return new SimulatedBoard(model, instance, settings, folder, clock);
    }

    private static BoardVariant Programs(string machine, params ImmutableArray<BoardVariantValue> others) => new(
        "program",
        "what it runs, with BOOT0 low, and what is in its flash memory if that is blank when it is first used; with none BOOT0 is high",
        [
            new("none"),
            Program("micropython", ProgramModels.MicroPython(machine)),
            Program("micropython-busy", ProgramModels.MicroPython(machine, runsMain: true)),
            .. others,
            .. others.IsEmpty
                ? ImmutableArray<BoardVariantValue>.Empty
                :
                [
                    Program("ardupilot-busy", ProgramModels.ArduPilot(ArduPilotDfu.MissesFirst)),
                    Program("ardupilot-nodfu", ProgramModels.ArduPilot(ArduPilotDfu.Unsupported)),
                ],
            Program("arduino", ProgramModels.Arduino),
            Program("serial", ProgramModels.Stranger),
            Program("dfu-runtime", ProgramModels.DfuRunTime),
            Program("uart", ProgramModels.BehindAdapter),
        ]);

    private static BoardVariantValue Program(string name, ProgramModel program) =>
        new(name, x => x with { Program = program, IsBoot0High = false });
}
