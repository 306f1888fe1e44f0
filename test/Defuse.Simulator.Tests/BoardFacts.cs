namespace Defuse.Simulator.Tests;

/// <summary>What is known of each board, written down once more from the captures and documents.</summary>
internal sealed record BoardFacts(string Name, int TransferSize, string DeviceDescriptor, string Manufacturer, string Product, params string[] Alternates)
{
    private const string St = "STMicroelectronics";
    private const string OlderProduct = "STM32  BOOTLOADER";
    private const string NewerProduct = "DFU in FS Mode";
    private const string Older = "12 01 00 01 00 00 00 40 83 04 11 DF 00 22 01 02 03 01";
    private const string Newer = "12 01 00 02 00 00 00 40 83 04 11 DF 00 02 01 02 03 01";
    private const string Gd32 = "12 01 00 01 00 00 00 40 E9 28 89 01 00 10 01 02 03 01";

    private static readonly BoardFacts[] All =
    [
        new("32f072bdiscovery", 2048, Older, St, OlderProduct, "@Internal Flash  /0x08000000/064*0002Kg", "@Option Bytes  /0x1FFFF800/01*016 e")
        {
            Serial = "FFFFFFFEFFFF",
            Sectors = [(64, 2048)],
            ReadProtection = (0, 0xAA),
            WriteProtected = ("5", [4, 5]),
            OptionBytes = (0x1FFF_F800, 16),
        },
        new("at32f437", 2048, "12 01 00 01 00 00 00 40 3C 2E 11 DF 00 02 01 02 03 01", "Artery", "AT32 DFU", "@Internal Flash   /0x08000000/08*04Ka,1000*04Kg", "@Option byte   /0x1FFFC000/01*4096 g")
        {
            Serial = "AT32",
            Sectors = [(1008, 4096)],
            ReadProtection = (0, 0xA5),
            OptionBytes = (0x1FFF_C000, 4096),
        },
        new("b-l072z-lrwan1", 2048, Older, St, OlderProduct, "@Internal Flash  /0x08000000/1536*128g", "@Option Bytes  /0x1FF80000/01*032 e", "@DATA Memory /0x08080000/2*3Ke")
        {
            Sectors = [(1536, 128)],
            ErasedByte = 0,
            ReadProtection = (0, 0xAA),
            WriteProtected = ("32-33", [.. Enumerable.Range(32, 32)]),
            OptionBytes = (0x1FF8_0000, 32),
        },
        new("b-u585i-iot02a", 1024, Newer, St, NewerProduct, "@Internal Flash   /0x08000000/256*08Kg", "@Option Bytes   /0x40022040/01*64 e", "@OTP Memory   /0x0BFA0000/01*512 e")
        {
            AnswersFunctional = false,
            Sectors = [(256, 8192)],
            ReadProtection = (0, 0xAA),
            WriteProtected = ("3,10-11,130", [3, 10, 11, 130]),
            OptionBytes = (0x4002_2040, 64),
        },
        new("daisy", 1024, Newer, "Electrosmith", "Daisy Bootloader", "@Flash /0x90000000/64*4Kg/0x90040000/60*64Kg/0x90400000/60*64Kg")
        {
            AnswersFunctional = false,
            Sectors = [(64, 4096), (120, 65536)],
            FlashAddress = 0x9000_0000,
            Program = 0x9004_0000,
            IsApplicationSerial = true,
            LeavesSilently = true,
            KnowsUnprotect = false,
        },
        new("gd32f103", 2048, Gd32, "GigaDevice", "GD32 DFU", "@Internal Flash  /0x08000000/512*002Kg", "@Option Bytes  /0x1FFFF800/01*016 g")
        {
            Serial = "3C8J",
            Sectors = [(64, 1024)],
            LeavesSilently = true,
            ReadProtection = (0, 0xA5),
            WriteProtected = ("7", [4, 5, 6, 7]),
            OptionBytes = (0x1FFF_F800, 16),
        },
        new("gd32vf103", 2048, Gd32, "GigaDevice", "GD32 DFU", "@Internal Flash  /0x08000000/512*002Kg", "@Option Bytes  /0x1FFFF800/01*016 g")
        {
            Serial = "3CBJ",
            Sectors = [(128, 1024)],
            LeavesSilently = true,
            ReadProtection = (0, 0xA5),
            WriteProtected = ("127", [124, 125, 126, 127]),
            OptionBytes = (0x1FFF_F800, 16),
        },
        new("nucleo-c562re", 1024, Newer, St, NewerProduct, "@Internal Flash /0x08000000/64*08Kg")
        {
            AnswersFunctional = null,
            Sectors = [(64, 8192)],
            KnowsUnprotect = false,
        },
        new("nucleo-g0b1re", 1024, Newer, St, NewerProduct, [.. Enumerable.Repeat("@Internal Flash   /0x08000000/64*02Kg", 3)])
        {
            AnswersFunctional = false,
            Sectors = [(256, 2048)],
            ReadProtection = (0, 0xAA),
            WriteProtected = ("127,128,200-210", [127, 128, .. Enumerable.Range(200, 11)]),
            OptionBytes = (0x1FFF_7800, 0x78),
        },
        new("nucleo-g431kb", 1024, Newer, St, NewerProduct, "@Internal Flash   /0x08000000/64*02Kg", "@Option Bytes   /0x1FFF7800/01*40Be", "@OTP Memory   /0x1FFF7000/01*01Ke")
        {
            AnswersFunctional = false,
            Sectors = [(64, 2048)],
            ReadProtection = (0, 0xAA),
            WriteProtected = ("0-3,63", [0, 1, 2, 3, 63]),
            OptionBytes = (0x1FFF_7800, 40),
        },
        new("nucleo-h563zi", 1024, Newer, St, NewerProduct, "@Internal Flash   /0x08000000/256*08Kg")
        {
            AnswersFunctional = false,
            Sectors = [(256, 8192)],
            WriteProtected = ("5,255", [4, 5, 6, 7, 252, 253, 254, 255]),
            OptionBytes = (0x4002_2050, 0xB0),
            KnowsUnprotect = false,
        },
        new("pybd-sf6", 2048, "12 01 00 02 00 00 00 40 83 04 11 DF 00 03 01 02 03 01", "MicroPython", "Pyboard DFU", "@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg")
        {
            Sectors = [(4, 32768), (1, 131072), (7, 262144)],
            Program = 0x0800_8000,
            IsApplicationSerial = true,
            KnowsUnprotect = false,
        },
        new("stm32l476g-disco", 2048, Older, St, OlderProduct, "@Internal Flash  /0x08000000/0512*0002Kg", "@Option Bytes  /0x1FFF7800/01*040 e/0x1FFFF800/01*040 e", "@OTP Memory /0x1FFF7000/01*0001Ke", "@Device Feature/0xFFFF0000/01*004 e")
        {
            Sectors = [(512, 2048)],
            ReadProtection = (0, 0xAA),
            WriteProtected = ("10-20,256,511", [.. Enumerable.Range(10, 11), 256, 511]),
            OptionBytes = (0x1FFF_7800, 40),
        },
    ];

    public string? Serial { get; private init; }

    public bool IsApplicationSerial { get; private init; }

    /// <summary>Null: it never answers.</summary>
    public bool? AnswersFunctional { get; private init; } = true;


    public required (int Count, int Size)[] Sectors { get; init; }

    public uint FlashAddress { get; private init; } = 0x0800_0000;

    /// <summary>Where a program goes that it starts.</summary>
    public uint Program { get; private init; } = 0x0800_0000;

    public byte ErasedByte { get; private init; } = 0xFF;

    public bool LeavesSilently { get; private init; }

    public bool KnowsUnprotect { get; private init; } = true;

    /// <summary>Offset of RDP, and its value for level 0; null where there is none.</summary>
    public (int Offset, byte Level0)? ReadProtection { get; private init; }

    /// <summary>A value of the option wrp, and the sectors that it protects.</summary>
    public (string Option, int[] Sectors)? WriteProtected { get; private init; }

    public (uint Address, int Size)? OptionBytes { get; private init; }

    public static TheoryData<string> Names => [.. All.Select(x => x.Name)];

    public static TheoryData<string> WithReadProtection => [.. All.Where(x => x.ReadProtection is not null).Select(x => x.Name)];

    public static TheoryData<string> WithWriteProtection => [.. All.Where(x => x.WriteProtected is not null).Select(x => x.Name)];

    public static TheoryData<string> WithOptionBytes => [.. All.Where(x => x.OptionBytes is not null).Select(x => x.Name)];

    public static BoardFacts Of(string name) => All.Single(x => x.Name == name);

    public override string ToString() => Name;
}
