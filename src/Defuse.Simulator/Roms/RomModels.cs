using System.Collections.Immutable;

namespace Defuse.Simulator.Roms;

/// <summary>The DfuSe bootloaders of the simulated boards: ROMs first, then those that imitate them.</summary>
internal static class RomModels
{
    private static readonly ImmutableArray<byte> WithoutUnprotect =
        [DfuRequest.GetCommands, DfuRequest.SetAddressPointer, DfuRequest.Erase];

    /// <summary>What the older generation has in common (F0 to F7, L0 to L4).</summary>
    private static readonly RomModel Older = new()
    {
        UsbRelease = 0x0100,
        DeviceRelease = 0x2200,
        Product = "STM32  BOOTLOADER",
        TransferSize = 2048,
        FunctionalDescriptor = FunctionalDescriptorAnswer.Answers,
        AlternateSettings = _ => [],
        SerialNumber = chip => RomSerialNumber.Of(chip.UniqueId.Span, 0),
    };

    /// <summary>What the newer generation has in common (G0, G4, H5, H7, U5); bcdUSB and poll times are inferred.</summary>
    private static readonly RomModel Newer = new()
    {
        UsbRelease = 0x0200,
        DeviceRelease = 0x0200,
        Product = "DFU in FS Mode",
        TransferSize = 1024,
        AlternateSettings = _ => [],
        SerialNumber = chip => RomSerialNumber.Of(chip.UniqueId.Span, 0),
    };

    /// <summary>STM32F405/407: all strings as captured from chips with bcdDevice 2.2.</summary>
    /// <remarks>
    /// That a mass erase blocks the endpoint is inferred: hosts that obey its 100 ms fail, and those that wait for 35 s don't.
    /// </remarks>
    public static RomModel Stm32F405 { get; } = Older with
    {
        BusyEndpoint = BusyEndpoint.BlockedByMassErase,
        AlternateSettings = _ =>
        [
            "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg",
            "@Option Bytes  /0x1FFFC000/01*016 e",
            "@OTP Memory /0x1FFF7800/01*512 e,01*016 e",
            "@Device Feature/0xFFFF0000/01*004 e",
        ],
    };

    /// <summary>STM32F76x/77x: of the F4's generation.</summary>
    /// <remarks>
    /// No listing of this ROM was published. The single-bank map is the one that firmware for this chip repeats. The
    /// dual-bank map is inferred: its sectors (RM0410) written as the F42x's ROM writes the same ones. The
    /// other strings are inferred from the F72x's captured ones, with this chip's OTP (1024 data and 16 lock bytes).
    /// </remarks>
    public static RomModel Stm32F767 { get; } = Older with
    {
        BusyEndpoint = BusyEndpoint.BlockedByErase,
        AlternateSettings = chip => F767Strings(chip.IsDualBank, chip.FlashSize),
        SerialNumber = chip => RomSerialNumber.Of(chip.UniqueId.Span, 0x0A),
    };

    /// <summary>STM32H742/743/750/753: the newer generation; strings as captured, bcdUSB and poll times inferred.</summary>
    public static RomModel Stm32H743 { get; } = Newer with
    {
        AlternateSettings = _ =>
        [
            "@Internal Flash   /0x08000000/16*128Kg",
            "@Option Bytes   /0x5200201C/01*128 e",
        ],
        SerialNumber = chip => RomSerialNumber.OfIdCode(chip.Model.IdCode),
    };

    /// <summary>STM32H74x, revision V: its erase in the second bank never seems to end, and it leaves only with BOOT0 low.</summary>
    public static RomModel Stm32H743RevisionV { get; } = Stm32H743 with
    {
        SticksAfterErasingFrom = 0x0810_0000,
        LeavesOnlyWithBoot0Low = true,
    };

    /// <summary>STM32L476: of the F4's generation.</summary>
    /// <remarks>
    /// No listing of this ROM was published. The flash memory's string is inferred from the L432's and the L452's captured
    /// ones, the option bytes' from the L4R5's, which also has two areas, the others from the L452's.
    /// </remarks>
    public static RomModel Stm32L476 { get; } = Older with
    {
        PollTimes = RomPollTimes.TooShort,
        BusyEndpoint = BusyEndpoint.Stalls,
        BlockMultiple = 8,
        AlternateSettings = _ =>
        [
            "@Internal Flash  /0x08000000/0512*0002Kg",
            "@Option Bytes  /0x1FFF7800/01*040 e/0x1FFFF800/01*040 e",
            "@OTP Memory /0x1FFF7000/01*0001Ke",
            "@Device Feature/0xFFFF0000/01*004 e",
        ],
    };

    /// <summary>STM32L072/082 with 192 KB: strings as captured.</summary>
    public static RomModel Stm32L072 { get; } = Older with
    {
        AlternateSettings = _ =>
        [
            "@Internal Flash  /0x08000000/1536*128g",
            "@Option Bytes  /0x1FF80000/01*032 e",
            "@DATA Memory /0x08080000/2*3Ke",
        ],
    };

    /// <summary>STM32F072: strings as captured, and the serial number, which is the same on every chip.</summary>
    public static RomModel Stm32F072 { get; } = Older with
    {
        AlternateSettings = _ => ["@Internal Flash  /0x08000000/064*0002Kg", "@Option Bytes  /0x1FFFF800/01*016 e"],
        SerialNumber = _ => "FFFFFFFEFFFF",
    };

    /// <summary>STM32G431/441: strings as captured.</summary>
    public static RomModel Stm32G431 { get; } = Newer with
    {
        AlternateSettings = _ =>
        [
            "@Internal Flash   /0x08000000/64*02Kg",
            "@Option Bytes   /0x1FFF7800/01*40Be",
            "@OTP Memory   /0x1FFF7000/01*01Ke",
        ],
    };

    /// <summary>STM32G0B1/G0C1: strings as captured, three of the same.</summary>
    /// <remarks>That a part with 512 KB announces 128 KB like this is inferred; the listing does not say which part it is from.</remarks>
    public static RomModel Stm32G0B1 { get; } = Newer with
    {
        AlternateSettings = _ =>
        [
            "@Internal Flash   /0x08000000/64*02Kg",
            "@Internal Flash   /0x08000000/64*02Kg",
            "@Internal Flash   /0x08000000/64*02Kg",
        ],
    };

    /// <summary>STM32U575/585: strings as captured.</summary>
    /// <remarks>
    /// Captured is that at level 1 writes are confirmed and never happen, and that reads fail. That option bytes can still be
    /// read then is inferred.
    /// </remarks>
    public static RomModel Stm32U585 { get; } = Newer with
    {
        PretendsWhenProtected = true,
        ShowsOptionBytesWhenProtected = true,
        AlternateSettings = _ =>
        [
            "@Internal Flash   /0x08000000/256*08Kg",
            "@Option Bytes   /0x40022040/01*64 e",
            "@OTP Memory   /0x0BFA0000/01*512 e",
        ],
    };

    /// <summary>STM32H563: the flash memory's string as captured; no listing shows its other alternate settings.</summary>
    /// <remarks>There is no read-out protection to lower; that the command is then unknown is inferred.</remarks>
    public static RomModel Stm32H563 { get; } = Newer with
    {
        Commands = WithoutUnprotect,
        AlternateSettings = _ => ["@Internal Flash   /0x08000000/256*08Kg"],
    };

    /// <summary>STM32C5: the one string, and what it does not answer, as reported; all else as of its generation, inferred.</summary>
    public static RomModel Stm32C5 { get; } = Newer with
    {
        FunctionalDescriptor = FunctionalDescriptorAnswer.NeverAnswers,
        ClearStatusWhenIdle = ClearStatusAnswer.Stalls,
        Commands = WithoutUnprotect,
        AlternateSettings = _ => ["@Internal Flash /0x08000000/64*08Kg"],
    };

    /// <summary>GD32VF103: strings and serial number as captured, poll times too.</summary>
    /// <remarks>
    /// The serial number's third character is the size of the part (8 is 64 KB, B 128 KB); the string announces 1 MB in 2 KB
    /// pages, whatever the part is. bcdUSB, bcdDevice, manufacturer and product are inferred.
    /// </remarks>
    public static RomModel Gd32VF103 { get; } = Older with
    {
        VendorId = 0x28E9,
        ProductId = 0x0189,
        DeviceRelease = 0x1000,
        Manufacturer = "GigaDevice",
        Product = "GD32 DFU",
        SerialNumberIsUtf8 = true,
        LeaveAnswer = LeaveAnswer.Nothing,
        AlternateSettings = _ => ["@Internal Flash  /0x08000000/512*002Kg", "@Option Bytes  /0x1FFFF800/01*016 g"],
        SerialNumber = _ => "3CBJ",
    };

    /// <summary>GD32F103: as the GD32VF103; only its address on the bus is known to be the same.</summary>
    public static RomModel Gd32F103 { get; } = Gd32VF103 with
    {
        LeaveAnswer = LeaveAnswer.Dnload,
        SerialNumber = _ => "3C8J",
    };

    /// <summary>AT32F437: strings and serial number as documented; bcdUSB, bcdDevice, product and wTransferSize inferred.</summary>
    public static RomModel At32F437 { get; } = Older with
    {
        VendorId = 0x2E3C,
        DeviceRelease = 0x0200,
        Manufacturer = "Artery",
        Product = "AT32 DFU",
        AlternateSettings = _ => ["@Internal Flash   /0x08000000/08*04Ka,1000*04Kg", "@Option byte   /0x1FFFC000/01*4096 g"],
        SerialNumber = _ => "AT32",
    };

    /// <summary>MicroPython's mboot on a PYBD_SF6, in the first 32 KB.</summary>
    /// <remarks>
    /// Its constants are known. The text that it refuses with is not its own; that it hides all but flash memory, and blocks
    /// the endpoint while it erases the memory that it runs from, is inferred. The groups of external flash memory that it may
    /// append to its string are left out.
    /// </remarks>
    public static RomModel Mboot { get; } = Older with
    {
        UsbRelease = 0x0200,
        DeviceRelease = 0x0300,
        Manufacturer = "MicroPython",
        Product = "Pyboard DFU",
        AsksForWinUsb = true,
        Commands = WithoutUnprotect,
        PollTimes = RomPollTimes.None,
        BusyEndpoint = BusyEndpoint.Blocked,
        FlashResident = new(32 * 1024, 0x0800_8000, "The bootloader itself is there"),
        AlternateSettings = _ => ["@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg"],
        SerialNumber = chip => RomSerialNumber.OfApplication(chip.UniqueId.Span),
    };

    /// <summary>The bootloader of a Daisy Seed: the string as captured, without the blanks that follow it.</summary>
    /// <remarks>
    /// It is built on ST's USB device class, and behaves like it; where it starts programs is recalled; bcdDevice, product and
    /// wTransferSize are inferred.
    /// </remarks>
    public static RomModel Daisy { get; } = Newer with
    {
        Manufacturer = "Electrosmith",
        Product = "Daisy Bootloader",
        Commands = WithoutUnprotect,
        PollTimes = RomPollTimes.DeviceClass,
        BusyEndpoint = BusyEndpoint.Blocked,
        ClearStatusWhenIdle = ClearStatusAnswer.Error,
        LeaveAnswer = LeaveAnswer.DnloadThenAsked,
        FlashResident = new(0, 0x9004_0000),
        AlternateSettings = _ => ["@Flash /0x90000000/64*4Kg/0x90040000/60*64Kg/0x90400000/60*64Kg"],
        SerialNumber = chip => RomSerialNumber.OfApplication(chip.UniqueId.Span),
    };

    /// <summary>What an F76x with so much flash memory announces in so many banks.</summary>
    /// <remarks>See <see cref="Stm32F767"/>; a listing of a 1 MB part's ROM was not published either.</remarks>
    public static ImmutableArray<string> F767Strings(bool isDualBank, int flashSize) =>
    [
        (isDualBank, flashSize <= 1024 * 1024) switch
        {
            (true, false) => "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg",
            (false, false) => "@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg",
            (true, true) => "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg,04*016Kg,01*064Kg,03*128Kg",
            (false, true) => "@Internal Flash  /0x08000000/04*032Kg,01*128Kg,03*256Kg",
        },
        "@Option Bytes  /0x1FFF0000/01*048 e",
        "@OTP Memory /0x1FF0F000/01*1040e",
        "@Device Feature/0xFFFF0000/01*004 e",
    ];
}
