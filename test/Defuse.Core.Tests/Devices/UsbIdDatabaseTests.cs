using Defuse.Devices;

namespace Defuse.Core.Tests.Devices;

/// <summary>What USB devices are, by their ids and strings.</summary>
public class UsbIdDatabaseTests
{
    [Theory]
    [InlineData(0x0483, 0xDF11, null, "STM32  BOOTLOADER", UsbIdKind.DfuBootloader, "STM32 bootloader", null)]
    [InlineData(0x0483, 0x374B, "STMicroelectronics", "STM32 STLink", UsbIdKind.Probe, "ST-LINK/V2-1", null)]
    [InlineData(0x0483, 0x374E, null, "STLINK-V3", UsbIdKind.Probe, "STLINK-V3", null)]
    [InlineData(0x1366, 0x0105, "SEGGER", "J-Link", UsbIdKind.Probe, "J-Link", null)]
    [InlineData(0x0D28, 0x0204, "Arm", "BBC micro:bit CMSIS-DAP", UsbIdKind.Probe, "DAPLink", null)]
    [InlineData(0x2E8A, 0x000C, "Raspberry Pi", "Debug Probe (CMSIS-DAP)", UsbIdKind.Probe, "CMSIS-DAP probe", null)]
    [InlineData(0x1D50, 0x6018, null, null, UsbIdKind.Probe, "Black Magic Probe", null)]
    [InlineData(0x0483, 0x5740, null, null, UsbIdKind.Program, "a program with a serial port", ProgramKind.Serial)]
    [InlineData(0x0483, 0x5740, "STMicroelectronics", "STM32 Virtual ComPort", UsbIdKind.Program, "a program with a serial port", ProgramKind.Serial)]
    [InlineData(0x0483, 0x5740, "Betaflight", "OmnibusF4", UsbIdKind.Program, "Betaflight", ProgramKind.Betaflight)]
    [InlineData(0x0483, 0x5740, null, "Betaflight STM32F405", UsbIdKind.Program, "Betaflight", ProgramKind.Betaflight)]
    [InlineData(0x0483, 0x5740, "INAV", "MATEKF722", UsbIdKind.Program, "INAV", ProgramKind.Betaflight)]
    [InlineData(0x0483, 0x5740, "ArduPilot", "MatekF405", UsbIdKind.Program, "ArduPilot", ProgramKind.ArduPilot)]
    [InlineData(0x1209, 0x5741, null, null, UsbIdKind.Program, "ArduPilot", ProgramKind.ArduPilot)]
    [InlineData(0x0483, 0x5740, "STMicroelectronics", "NUCLEO_F767ZI CDC in FS Mode", UsbIdKind.Program, "an Arduino sketch", ProgramKind.Arduino)]
    [InlineData(0xF055, 0x9800, null, null, UsbIdKind.Program, "MicroPython", ProgramKind.MicroPython)]
    [InlineData(0x37C5, 0x1206, "MicroPython", "Pyboard Virtual Comm Port in HS Mode", UsbIdKind.Program, "MicroPython", ProgramKind.MicroPython)]
    [InlineData(0x0483, 0x5740, null, "pyboard virtual comm port in FS Mode", UsbIdKind.Program, "MicroPython", ProgramKind.MicroPython)]
    [InlineData(0x2FE3, 0x0100, "Zephyr", "CDC ACM", UsbIdKind.Program, "Zephyr", ProgramKind.Zephyr)]
    [InlineData(0x239A, 0x805A, "Adafruit", "Feather STM32F405 Express", UsbIdKind.Program, "CircuitPython", ProgramKind.CircuitPython)]
    [InlineData(0x1A86, 0x7523, null, "USB2.0-Serial", UsbIdKind.SerialAdapter, "CH340 serial adapter", null)]
    [InlineData(0x05AC, 0x8290, null, null, UsbIdKind.Stranger, "a Mac's Bluetooth adapter, which speaks DFU too", null)]
    [InlineData(0x1A86, 0x55E0, null, null, UsbIdKind.Stranger, "CH32 bootloader (not STM32, not DFU)", null)]
    public void A_device_is_known_by_ids_and_strings(
        int vendor, int product, string? manufacturer, string? name, UsbIdKind kind, string expected, ProgramKind? program)
    {
        var entry = UsbIdDatabase.Default.Find((ushort)vendor, (ushort)product, manufacturer, name)!;
        Assert.Equal((kind, expected, program), (entry.Kind, entry.Name, entry.Program));
        Assert.NotEmpty(entry.Source);
    }

    [Theory]
    [InlineData(0x046D, 0xC52B, "Logitech", "USB Receiver")]
    [InlineData(0x0483, 0x2016, "SGS Thomson Microelectronics", "Fingerprint Reader")]
    [InlineData(0, 0, null, null)]
    public void What_is_not_known_is_not_guessed(int vendor, int product, string? manufacturer, string? name) =>
        Assert.Null(UsbIdDatabase.Default.Find((ushort)vendor, (ushort)product, manufacturer, name));
}
