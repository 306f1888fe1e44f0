using Defuse.Platform.Windows;
using Defuse.Transports;

namespace Defuse.Platform.Tests.Windows;

/// <summary>Windows' texts that tell ids and places.</summary>
public sealed class UsbTextTests
{
    [Theory]
    [InlineData(@"USB\VID_0483&PID_DF11&REV_2200", 0x0483, 0xDF11, 0x2200, null)]
    [InlineData(@"usb\vid_28e9&pid_0189", 0x28E9, 0x0189, null, null)]
    [InlineData(@"USB\VID_0483&PID_5740&REV_0200&MI_02", 0x0483, 0x5740, 0x0200, 2)]
    [InlineData(@"USB\VID_0483&PID_DF11\VID_FFFF&MI_09", 0x0483, 0xDF11, null, null)]
    public void Hardware_ids_are_read(string text, int vendor, int product, int? release, int? number) =>
        Assert.Equal(new UsbHardwareId((ushort)vendor, (ushort)product, (ushort?)release, (byte?)number), UsbHardwareId.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData(@"USB\ROOT_HUB30&VID8086&PIDA36D")]
    [InlineData(@"USB\VID_04833&PID_DF11")]
    [InlineData(@"USB\VID_048G&PID_DF11")]
    [InlineData(@"USB\VID_ 483&PID_DF11")]
    [InlineData(@"HID\VID_0483&PID_DF11")]
    [InlineData(@"USB\VID_0483")]
    public void Other_texts_are_no_hardware_ids(string text) => Assert.Null(UsbHardwareId.Parse(text));

    [Fact]
    public void A_compatible_id_tells_a_class_if_it_has_all_three_parts()
    {
        Assert.Equal(new UsbInterfaceInfo(0xFE, 1, 2), UsbHardwareId.ParseClass(@"USB\Class_fe&SubClass_01&Prot_02"));
        Assert.All((string[])[@"USB\Class_FE&SubClass_01", @"USB\DevClass_00&SubClass_00&Prot_00", @"USB\MS_COMP_WINUSB", ""], x => Assert.Null(UsbHardwareId.ParseClass(x)));
    }

    [Theory]
    [InlineData(@"USB\VID_0483&PID_DF11\205B33875532", "205B33875532")]
    [InlineData(@"USB\VID_0483&PID_DF11\6&1A2B3C4D&0&2", null)]
    [InlineData(@"USB\VID_0483&PID_DF11\", null)]
    [InlineData(@"USB\VID_0483&PID_DF11", null)]
    public void What_Windows_made_up_is_no_serial_number(string instanceId, string? serial) =>
        Assert.Equal(serial, UsbHardwareId.SerialNumberIn(instanceId));

    [Theory]
    [InlineData("PCIROOT(0)#PCI(1400)#USBROOT(0)#USB(4)", "4")]
    [InlineData("PCIROOT(0)#PCI(1C00)#PCI(0000)#USBROOT(0)#USB(3)#USB(11)#USB(2)", "3.11.2")]
    [InlineData("pciroot(0)#usbroot(0)#usb(1)#usb(2)#usb(3)#usb(4)#usb(5)#usb(6)#usb(7)", "1.2.3.4.5.6.7")]
    [InlineData("PCIROOT(0)#USBROOT(0)#USB(1)#USB(2)#USB(3)#USB(4)#USB(5)#USB(6)#USB(7)#USB(8)", "")]
    [InlineData("PCIROOT(0)#PCI(1400)#USBROOT(0)", "")]
    [InlineData("PCIROOT(0)#PCI(1400)#USBROOT(0)#USB(4)#USBMI(0)", "")]
    [InlineData("ACPI(_SB_)#ACPI(PCI0)#ACPI(XHC_)#ACPI(RHUB)#ACPI(HS04)", "")]
    [InlineData("USBROOT(0)#USB(256)", "")]
    [InlineData("USBROOT(0)#USB(-1)", "")]
    [InlineData("USBROOT(0)#USB(", "")]
    [InlineData("USBROOT(0)#USB()", "")]
    [InlineData("", "")]
    public void Ports_are_read_from_location_paths(string path, string ports) =>
        Assert.Equal(ports, string.Join('.', UsbLocationPath.Ports(path)));
}
