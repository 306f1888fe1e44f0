using System.Collections.Immutable;

namespace Defuse.Formats;

/// <summary>The families that UF2 files are made for (uf2families.json of microsoft/uf2; RP2350's from Raspberry Pi's SDK).</summary>
public static class Uf2Families
{
    private const string St = "STMicroelectronics";
    private const string Nordic = "Nordic Semiconductor";
    private const string Espressif = "Espressif";
    private const string Microchip = "Microchip";
    private const string RaspberryPi = "Raspberry Pi";
    private const string Nxp = "NXP";

    /// <summary>All that are known, those like an STM32 first.</summary>
    public static ImmutableArray<Uf2Family> All { get; } =
    [
        new(0x6478_24B6, "STM32F0", St, "STM32F0"),
        new(0x5EE2_1072, "STM32F1", St, "STM32F1"),
        new(0x5D1A_0A2E, "STM32F2", St, "STM32F2"),
        new(0x6B84_6188, "STM32F3", St, "STM32F3"),
        new(0x5775_5A57, "STM32F4", St, "STM32F4"),
        new(0x6D09_22FA, "STM32F407", St, "STM32F4"),
        new(0x8FB0_60FE, "STM32F407VG", St, "STM32F4"),
        new(0x06D1_097B, "STM32F411xC", St, "STM32F4"),
        new(0x2DC3_09C5, "STM32F411xE", St, "STM32F4"),
        new(0x53B8_0F00, "STM32F7", St, "STM32F7"),
        new(0x300F_5633, "STM32G0", St, "STM32G0"),
        new(0x4C71_240A, "STM32G4", St, "STM32G4"),
        new(0x4E8F_1C5D, "STM32H5", St, "STM32H5"),
        new(0x6DB6_6082, "STM32H7", St, "STM32H7"),
        new(0x202E_3A91, "STM32L0", St, "STM32L0"),
        new(0x1E1F_432D, "STM32L1", St, "STM32L1"),
        new(0x00FF_6919, "STM32L4", St, "STM32L4"),
        new(0x0424_0BDF, "STM32L5", St, "STM32L5"),
        new(0x70D1_6653, "STM32WB", St, "STM32WB"),
        new(0x2146_0FF0, "STM32WL", St, "STM32WL"),
        new(0x31D2_28C6, "GD32F350", "GigaDevice", "GD32F3"),
        new(0x9AF0_3E33, "GD32VF103", "GigaDevice", "GD32VF1"),
        new(0xA0C9_7B8E, "AT32F415", "Artery", "AT32F4"),
        new(0x699B_62EC, "CH32V", "WCH", "CH32V"),
        new(0xE48B_FF56, "RP2040", RaspberryPi),
        new(0xE48B_FF57, "RP2XXX_ABSOLUTE", RaspberryPi),
        new(0xE48B_FF58, "RP2XXX_DATA", RaspberryPi),
        new(0xE48B_FF59, "RP2350_ARM_S", RaspberryPi),
        new(0xE48B_FF5A, "RP2350_RISCV", RaspberryPi),
        new(0xE48B_FF5B, "RP2350_ARM_NS", RaspberryPi),
        new(0x68ED_2B88, "SAMD21", Microchip),
        new(0x5511_4460, "SAMD51", Microchip),
        new(0x1851_780A, "SAML21", Microchip),
        new(0x1657_3617, "ATMEGA32", Microchip),
        new(0x1B57_745F, "NRF52", Nordic),
        new(0x7272_1D4E, "NRF52832xxAA", Nordic),
        new(0x6F75_2678, "NRF52832xxAB", Nordic),
        new(0x621E_937A, "NRF52833", Nordic),
        new(0xADA5_2840, "NRF52840", Nordic),
        new(0x7EAB_61ED, "ESP8266", Espressif),
        new(0x1C5F_21B0, "ESP32", Espressif),
        new(0x2B88_D29C, "ESP32C2", Espressif),
        new(0xD42B_A06C, "ESP32C3", Espressif),
        new(0xF71C_0343, "ESP32C5", Espressif),
        new(0x540D_DF62, "ESP32C6", Espressif),
        new(0x77D8_50C4, "ESP32C61", Espressif),
        new(0x3327_26F6, "ESP32H2", Espressif),
        new(0x3D30_8E94, "ESP32P4", Espressif),
        new(0xBFDD_4EEE, "ESP32S2", Espressif),
        new(0xC47E_5767, "ESP32S3", Espressif),
        new(0x2ABC_77EC, "LPC55", Nxp),
        new(0x4FB2_D5BD, "MIMXRT10XX", Nxp),
        new(0x7F83_E793, "KL32L2", Nxp),
        new(0x5A18_069B, "FX2", "Cypress"),
        new(0x9517_422F, "RZA1LU", "Renesas"),
        new(0x11DE_784A, "M0SENSE", "Bouffalo Lab"),
        new(0x4B68_4D71, "MaixPlay-U4", "Bouffalo Lab"),
        new(0x4F6A_CE52, "CSK4", "LISTENAI"),
        new(0x6E73_48A8, "CSK6", "LISTENAI"),
    ];

    /// <summary>The family of a number; null if it is not known.</summary>
    public static Uf2Family? Find(uint id) => All.FirstOrDefault(x => x.Id == id);

    /// <summary>The family of a name, in any case; null if it is not known.</summary>
    public static Uf2Family? Find(string name) => All.FirstOrDefault(x => x.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>A family's name and number for a message.</summary>
    internal static string Name(uint? id) => id switch
    {
        null => "no family",
        { } number when Find(number) is { } family => family.Name,
        { } number => $"the unknown family 0x{number:X8}",
    };
}
