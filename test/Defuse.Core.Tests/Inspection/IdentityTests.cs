using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Defuse.Images;
using Defuse.Inspection;

namespace Defuse.Core.Tests.Inspection;

/// <summary>Each firmware by the texts of its sources, and texts that come near and are none.</summary>
public class IdentityTests
{
    public static TheoryData<string, string[]> Known => new()
    {
        {
            "Pybricks ci-release-90-v4.0.0b5 of 2026-01-30 for SPIKE Prime Hub with STM32F413VG",
            ["3.4.0; Pybricks MicroPython ci-release-90-v4.0.0b5 on 2026-01-30", "; SPIKE Prime Hub with STM32F413VG"]
        },
        {
            "Pybricks v3.3.0 of 2023-11-24 for LEGO MINDSTORMS EV3 Brick with TI Sitara AM1808",
            ["Pybricks MicroPython v3.3.0 on 2023-11-24; LEGO MINDSTORMS EV3 Brick with TI Sitara AM1808"]
        },
        { "Pybricks ci-release-90-v4.0.0b5 of 2026-01-30", ["ci-release-90-v4.0.0b5 on 2026-01-30", "Pybricks Hub", "pybricks.hubs"] },
        {
            "CircuitPython 8.2.6 of 2023-09-12 for Feather STM32F405 Express with STM32F405RG",
            ["Adafruit CircuitPython 8.2.6 on 2023-09-12; Feather STM32F405 Express with STM32F405RG"]
        },
        { "Betaflight 4.4.2 of 2023-06-01 for STM32F405", ["BTFL", "Betaflight", "4.4.2", "Jun  1 2023", "11:02:33", "STM32F405"] },
        { "Betaflight 4.5.1", ["BTFL", "Betaflight", "4.5.1", "Jul 27 2024", "Jul 28 2024", "STM32F405", "STM32F411"] },
        { "INAV 7.1.2 of 2024-05-15", ["INAV", "\r\n# %s/%s %s %s / %s (%s)", "7.1.2", "May 15 2024", "MATEKF765"] },
        { "ArduPilot ArduCopter V4.4.4", ["ArduCopter V4.4.4 (f2eecd7c)"] },
        { "Espruino 2v21", [" ____                 _ \n|  __|___ ___ ___ _ _|_|___ ___ \n         |_| espruino.com\n 2v21 (c) 2021 G.Williams\n"] },
        {
            "Marlin 2.1.2.1 of 2023-05-16 for Ender-3 V2",
            ["FIRMWARE_NAME:Marlin 2.1.2.1 (May 16 2023 12:28:41) SOURCE_CODE_URL:github.com/MarlinFirmware/Marlin PROTOCOL_VERSION:1.0 MACHINE_TYPE:Ender-3 V2 EXTRUDER_COUNT:1 UUID:cede2a2f-41a2-4748-9b12-c55c62f367ff"]
        },
        { "PX4 v1.14.0 for PX4_FMU_V5X", ["HW arch: %s", "PX4 git-hash: %s", "PX4_FMU_V5X", "v1.14.0", "Not enough arguments, try 'ver hwcmp PX4_FMU_V2'"] },
        { "Flipper Zero firmware", ["furi_check failed", "Flipper Devices Inc."] },
        { "DAPLink v0257-gc782a5ba", ["# DAPLink Firmware - see https://daplink.io\r\n", "Build ID: v0257-gc782a5ba (gcc)\r\n"] },
        { "Black Magic Probe v1.10.0-1273-g2b1ce9aee for ST-Link v2", ["Black Magic Probe (ST-Link v2) v1.10.0-1273-g2b1ce9aee", "Black Magic GDB Server"] },
        { "nanoFramework for ORGPAL_PALTHREE", ["nanoCLR running @ ORGPAL_PALTHREE built with ChibiOS v2021.11.2.11"] },
        { "mboot v1.19.1+usb.fat", ["@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg", "mboot-v1.19.1+usb.fat"] },
        {
            "TinyUF2 0.10.2 of 2022-08-15 for STM32F405 Feather Express",
            ["TinyUF2 Bootloader 0.10.2 - tinyusb (0.13.0)\r\nModel: STM32F405 Feather Express\r\nBoard-ID: STM32F405-Feather-Express\r\nDate: Aug 15 2022\r\n"]
        },
        { "Daisy bootloader for Daisy with STM32H750", ["Daisy Bootloader", "Electrosmith"] },
        { "Arduino core STM32 for NUCLEO_F767ZI", ["NUCLEO_F767ZI CDC in FS Mode", "NUCLEO_F767ZI CDC Config", "NUCLEO_F767ZI CDC Interface"] },
        { "Mbed OS for NUCLEO_F767ZI with STM32F767ZI", ["./mbed-os/platform/source/mbed_critical.c", "\nFor more info, visit: https://mbed.com/s/error?error=0x%08X&tgt=NUCLEO_F767ZI\n"] },
        { "Mbed 2 for STM32L0", ["/src/mbed-dev/targets/TARGET_STM/TARGET_STM32L0/serial_api.c"] },
        { "Rust (compiler's commit 90b35a623)", ["/rustc/90b35a6239c3d8bdabc530a6a0816f7ff89a0aaf/library/core/src/fmt/mod.rs"] },
        { "stm32f4xx-hal 0.20.0 for STM32F4", ["/home/me/.cargo/registry/src/index.crates.io-6f17d22bba15001f/stm32f4xx-hal-0.20.0/src/gpio.rs"] },
        { "embassy-stm32 0.1.0", ["/home/me/.cargo/registry/src/index.crates.io-6f17d22bba15001f/embassy-stm32-0.1.0/src/rcc/f4.rs"] },
        { "Zephyr v3.7.0-12-gabcdef012345", ["*** Booting Zephyr OS build v3.7.0-12-gabcdef012345 ***\n"] },
        { "Zephyr zephyr-v2.4.0", ["*** Booting Zephyr OS build %s %s ***\n", "zephyr-v2.4.0"] },
        { "NuttX 12.3.0", ["\nNuttShell (NSH) NuttX-12.3.0\n"] },
        { "RIOT 2024.01", ["main(): This is RIOT! (Version: 2024.01)"] },
        { "Keil RTX 5.5.0", ["RTX V5.5.0"] },
        { "FreeRTOS", ["IDLE", "TmrQ", "Tmr Svc"] },
        { "Linux program", ["/lib/ld-linux-armhf.so.3"] },
        { "STM32Cube HAL for STM32F4", [@"..\Drivers\STM32F4xx_HAL_Driver\Src\stm32f4xx_hal_gpio.c"] },
        { "STM32Cube USB device library", ["STM32 Virtual ComPort", "CDC Config", "CDC Interface"] },
        { "DfuSe interface", ["@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg"] },
        { "NXP MCUXpresso SDK for MK64F12", [@"C:\SDK\devices\MK64F12\drivers\fsl_clock.c"] },
        { "MicroPython v1.22.2 of 2024-02-22 for NUCLEO_F767ZI with STM32F767", ["MicroPython v1.22.2 on 2024-02-22; NUCLEO_F767ZI with STM32F767"] },
    };

    public static TheoryData<string[]> Unknown => new(
        [
            [],
            [""],

            // Names alone.
            ["MicroPython", "CircuitPython", "Betaflight", "INAV", "ArduPilot", "ArduCopter", "PX4", "Espruino", "Marlin", "Klipper"],
            ["Zephyr", "NuttX", "RIOT", "ChibiOS", "FreeRTOS", "Rust", "Arduino", "mbed", "nanoFramework", "STMicroelectronics", "QMK"],
            ["DAPLink", "CMSIS-DAP", "Black Magic Probe", "Flipper Zero", "Pybricks", "TinyUSB", "TinyUF2", "mboot", "Daisy Seed"],

            // Other things' texts that name them.
            ["visit https://micropython.org and https://betaflight.com", "see mbed.com", "flash it with mboot-v1", "Pybricks MicroPython compatible"],
            ["Adafruit CircuitPython is not supported", "Adafruit CircuitPython 8.2.6", "Adafruit CircuitPython 8.2.6 on Tuesday"],
            ["Betaflight", "4.4.2", "BTFL-like"],
            ["INAV", "7.1.2"],
            ["# %s/%s %s %s / %s (%s)", "INAV or Betaflight", "7.1.2"],
            ["ArduCopter V4", "ArduCopter V4.4.4", "ArduCopter V4.4.4 (stable)"],
            ["|_| espruino.com\n (c) 2021 G.Williams", "2v21 (c) 2021 G.Williams"],
            ["FIRMWARE_NAME:Marlin 2.0", "FIRMWARE_NAME:Repetier", "M115 -> FIRMWARE_NAME:%s"],
            ["PX4 git-hash: %s"],
            ["furi_check failed"],
            ["Flipper Devices Inc."],
            ["# DAPLink Firmware", "Build ID: v0257-gc782a5ba (gcc)"],
            ["Black Magic Probe (Firmware ", "Black Magic Probe v1.9.0", "Black Magic Probe found"],
            ["Black Magic GDB Server"],
            ["nanoCLR running @ "],
            ["mboot-v1.19.1+usb.fat"],
            ["needs mboot-v1.19.1 or newer", "@Internal Flash  "],
            ["TinyUF2 Bootloader 0.10.2"],
            ["Daisy Bootloader"],
            ["Electrosmith"],
            ["Daisy Bootloader", "made by Electrosmith"],
            ["STM32 Virtual ComPort in FS Mode", "CDC in FS Mode", "HID Joystick in FS mode"],
            ["NUCLEO_F767ZI CDC in FS Mode", "NUCLEO_F767ZI CDC Config", "OTHER CDC Interface"],
            ["github.com/ARMmbed/mbed-os/issues", "mbed-os/README.md", "/mbed-dev/"],
            ["/rustc/", "/rustc/90b35a6/library/core/src/fmt/mod.rs", "/rustc/nightly/library/core.rs", "panicked at 'oops'"],
            ["/registry/src/github.com-1ecc6299db9ec823/heapless-0.7.16/src/pool.rs"],
            ["*** Booting nRF Connect SDK v2.5.0 ***", "Booting Zephyr OS", "*** Booting Zephyr OS ***"],
            ["NuttShell (NSH)", "NuttX-12", "NuttX"],
            ["This is RIOT!", "This is RIOT! (Version: %s)"],
            ["RTX V5", "RTX V4.70", "GeForce RTX V5.5.0 driver", "RTX V5.5.0 is used"],
            ["IDLE", "TmrQ"],
            ["Tmr Svc"],
            ["FreeRTOS task: Tmr Svc", "IDLE"],
            ["run /lib/ld-linux-armhf.so.3 first", "/lib/ld-linux.txt"],
            ["STM32F4xx_HAL_Driver", "stm32f4xx_hal_gpio.c"],
            ["CDC Config", "HID Interface"],
            ["@Internal Flash", "@Internal Flash   /0x08000000", "mail@host /0x08000000/04*016Kg was read"],
            ["/devices/generic/drivers/fsl_clock.c", "/drivers/fsl_clock.c"],
            ["ci-release-90-v4.0.0b5 on 2026-01-30", "Pybricks Hub"],
            ["Adafruit MicroPython fork", "v1.22.2 on 2024-02-22"],
        ]);

    [Theory]
    [MemberData(nameof(Known))]
    public void A_firmware_is_known_by_its_own_texts(string words, string[] texts)
    {
        var identities = Images.Identify(texts);
        Assert.NotEmpty(identities);
        Assert.Equal(words, identities[0].ToString());

        // A bootloader says which memory it takes; everything else is one thing.
        Assert.Equal(words.StartsWith("mboot", StringComparison.Ordinal) ? 1 : 0, identities.Length - 1);
    }

    [Theory]
    [MemberData(nameof(Unknown))]
    public void Texts_that_come_near_are_no_evidence(string[] texts) =>
        Assert.Empty(Images.Identify(texts));

    [Fact]
    public void Several_things_may_be_true_and_the_most_specific_comes_first()
    {
        var identities = Images.Identify("Tmr Svc", "IDLE", "CDC Config", "CDC Interface", "/src/mbed-os/hal/us_ticker.c", "mboot-v1.2", "@Internal Flash ", "furi_check failed", "Flipper Devices Inc.");

        Assert.Equal(["Flipper Zero firmware", "mboot", "Mbed OS", "FreeRTOS", "STM32Cube USB device library"], identities.Select(x => x.Name));
        Assert.Equal(Enum.GetValues<FirmwareKind>(), identities.Select(x => x.Kind));
    }

    [Fact]
    public void The_evidence_can_be_read_where_it_is_said_to_stand()
    {
        foreach (var (_, texts) in Known.Select(x => x.Data))
        {
            var image = Images.OfStrings(texts);
            foreach (var identity in FirmwareIdentity.FindAll(image))
            {
                var bytes = new byte[4];
                Assert.True(image.TryRead(identity.EvidenceAddress, bytes));
                Assert.Contains(Encoding.ASCII.GetString(bytes).Trim(), identity.Evidence, StringComparison.Ordinal);
                Assert.DoesNotContain(identity.Evidence, x => char.IsControl(x) && x is not ('\r' or '\n' or '\t'));
            }
        }
    }

    [Fact]
    public void ArduPilot_is_known_by_the_record_of_its_version()
    {
        var bytes = new byte[256];
        Encoding.Latin1.GetBytes("\u00FBrevwfpa").CopyTo(bytes, 16);
        (bytes[25], bytes[26], bytes[32], bytes[33], bytes[34]) = (2, 4, 4, 5, 7);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(36), 20241113);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(40), Images.Flash + 128);
        Encoding.ASCII.GetBytes("ArduPlane V4.5.7 (0358a9c2)\0").CopyTo(bytes, 128);

        Assert.Equal("ArduPilot ArduPlane V4.5.7 of 2024-11-13", Assert.Single(FirmwareIdentity.FindAll(FirmwareImage.FromBytes(Images.Flash, bytes))).ToString());

        // A pointer that leads nowhere.
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(40), 0xFFFF_FFF0);
        bytes[150] = 0;
        Assert.Empty(FirmwareIdentity.FindAll(FirmwareImage.FromBytes(Images.Flash, bytes)));
    }

    [Theory]
    [InlineData(22, (7 << 11) | (0 << 6) | 1, 4, 76, true)]
    [InlineData(22, (1 << 11) | (0 << 6) | 1, 4, 76, false)]
    [InlineData(0, (7 << 11) | (0 << 6) | 1, 4, 76, false)]
    [InlineData(22, (7 << 11) | (0 << 6) | 1, 8, 76, false)]
    [InlineData(22, (7 << 11) | (0 << 6) | 1, 4, 20, false)]
    [InlineData(22, (7 << 11) | (0 << 6) | 1, 4, 32, false)]
    public void ChibiOS_is_known_by_its_record_for_debuggers(byte size, int version, byte pointer, byte thread, bool isKnown)
    {
        byte[] bytes = [0, 0, 0, 0, .. "main\0"u8, size, (byte)(version & 0xFF), (byte)(version >> 8), pointer, 4, thread, 8, 12, 16, 40, 44, 48, 52, 53, 0, 34, 36, 0, 0];
        var identities = FirmwareIdentity.FindAll(FirmwareImage.FromBytes(Images.Flash, bytes));

        Assert.Equal(isKnown ? ["ChibiOS/RT 7.0.1"] : [], identities.Select(x => x.ToString()));
    }

    [Fact]
    public void Klipper_is_known_by_its_packed_dictionary()
    {
        var json = """{"app": "Klipper", "build_versions": "gcc", "commands": {"get_config": 1}, "config": {"CLOCK_FREQ": 180000000, "MCU": "stm32f446xx"}, "version": "v0.12.0-114-ga77d0790"}""";
        Assert.Equal("Klipper v0.12.0-114-ga77d0790 for STM32F446XX", Assert.Single(FirmwareIdentity.FindAll(Packed(json))).ToString());
        Assert.Empty(FirmwareIdentity.FindAll(Packed("""{"version": "v1"}""")));
        Assert.Empty(FirmwareIdentity.FindAll(Packed("""{"version": "\ud800", "commands": 1}""")));
        Assert.Empty(FirmwareIdentity.FindAll(Packed("{nonsense")));
        Assert.Empty(FirmwareIdentity.FindAll(Packed(new string(' ', 1000))));
    }

    private static FirmwareImage Packed(string text)
    {
        using var packed = new MemoryStream();
        packed.Write(new byte[100]);
        using (var stream = new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
        }

        packed.Write(new byte[100]);
        return FirmwareImage.FromBytes(Images.Flash, packed.ToArray());
    }
}
