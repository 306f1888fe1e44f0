namespace Defuse.Simulator.Roms;

/// <summary>The ROM bootloaders of the simulated chips.</summary>
internal static class RomModels
{
    /// <summary>STM32F405/407: all strings as captured from chips with bcdDevice 2.2.</summary>
    public static RomModel Stm32F405 { get; } = new()
    {
        UsbRelease = 0x0100,
        DeviceRelease = 0x2200,
        Product = "STM32  BOOTLOADER",
        TransferSize = 2048,
        AnswersFunctionalDescriptor = true,
        AlternateSettings = _ =>
        [
            "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg",
            "@Option Bytes  /0x1FFFC000/01*016 e",
            "@OTP Memory /0x1FFF7800/01*512 e,01*016 e",
            "@Device Feature/0xFFFF0000/01*004 e",
        ],
        SerialNumber = chip => RomSerialNumber.Of(chip.UniqueId.Span, 0),
    };

    /// <summary>STM32F76x/77x: of the F4's generation.</summary>
    /// <remarks>
    /// No listing of this ROM was published. The single-bank map is the one that firmware for this chip repeats. The
    /// dual-bank map is inferred: its sectors (RM0410) written as the F42x's ROM writes the same ones. The
    /// other strings are inferred from the F72x's captured ones, with this chip's OTP (1024 data and 16 lock bytes).
    /// </remarks>
    public static RomModel Stm32F767 { get; } = new()
    {
        UsbRelease = 0x0100,
        DeviceRelease = 0x2200,
        Product = "STM32  BOOTLOADER",
        TransferSize = 2048,
        AnswersFunctionalDescriptor = true,
        ErasesWithEndpointBlocked = true,
        AlternateSettings = chip =>
        [
            chip.IsDualBank
                ? "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg"
                : "@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg",
            "@Option Bytes  /0x1FFF0000/01*048 e",
            "@OTP Memory /0x1FF0F000/01*1040e",
            "@Device Feature/0xFFFF0000/01*004 e",
        ],
        SerialNumber = chip => RomSerialNumber.Of(chip.UniqueId.Span, 0x0A),
    };

    /// <summary>STM32H742/743/750/753: the newer generation; strings as captured, bcdUSB and poll times inferred.</summary>
    public static RomModel Stm32H743 { get; } = new()
    {
        UsbRelease = 0x0200,
        DeviceRelease = 0x0200,
        Product = "DFU in FS Mode",
        TransferSize = 1024,
        AlternateSettings = _ =>
        [
            "@Internal Flash   /0x08000000/16*128Kg",
            "@Option Bytes   /0x5200201C/01*128 e",
        ],
        SerialNumber = chip => RomSerialNumber.OfIdCode(chip.Model.IdCode),
    };
}
