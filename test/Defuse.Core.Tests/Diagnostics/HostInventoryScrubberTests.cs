using System.Text;
using Defuse.Diagnostics;
using Defuse.Targets.Dfu;

namespace Defuse.Core.Tests.Diagnostics;

public class HostInventoryScrubberTests
{
    private const string Serial = "205B33875532";

    private static readonly HostInventoryScrubber Scrubber = new(DfuDevice.SharedSerialNumbers, ["anna", "dev"], ["annas-laptop"]);

    [Fact]
    public void A_serial_number_is_hashed_wherever_it_stands_and_stays_equal_to_itself()
    {
        var report = Scrub(Inventory with
        {
            UsbDevices = [Device("1-1", Serial), Device("1-2", Serial.ToLowerInvariant()), Device("1-3", "FFFFFFFEFFFF"), Device($@"USB\VID_0483&PID_DF11\{Serial}", null)],
            SerialPorts = [new SeenSerialPort { Name = $"/dev/serial/by-id/usb-STM_STLink_{Serial}-if02" }],
            Volumes = [new SeenVolume { Label = $"X{Serial}", MbedId = "0818" }],
            Dfu = [new DfuCondition { Location = $@"USB\VID_0483&PID_DF11\{Serial}", Address = $"dfu:serial={Serial}", Problem = $"{Serial} does not answer" }],
        });
        var hash = HostInventoryScrubber.Hash(Serial);
        Assert.Equal([hash, hash, HostInventoryScrubber.Hash("FFFFFFFEFFFF"), null], report.UsbDevices.Select(x => x.SerialNumber));
        Assert.NotEqual(report.UsbDevices[0].SerialNumber, report.UsbDevices[2].SerialNumber);
        Assert.Equal($@"USB\VID_0483&PID_DF11\{hash}", report.UsbDevices[3].Location);
        Assert.Equal(report.UsbDevices[3].Location, report.Dfu[0].Location);
        Assert.Equal($"/dev/serial/by-id/usb-STM_STLink_{hash}-if02", report.SerialPorts[0].Name);
        Assert.Equal($"dfu:serial={hash}", report.Dfu[0].Address);
        Assert.Equal($"{hash} does not answer", report.Dfu[0].Problem);
        Assert.Equal($"X{hash}", report.Volumes[0].Label);
    }

    [Theory]
    [InlineData(@"USB\VID_0483&PID_DF11\0671FF3031")]
    [InlineData("/dev/serial/by-id/usb-STMicroelectronics_STM32_STLink_0671FF3031-if02")]
    public void A_serial_number_that_no_device_tells_is_found_in_a_place(string place)
    {
        var report = Scrub(Inventory with { SerialPorts = [new SeenSerialPort { Name = place }] });
        Assert.Equal(place.Replace("0671FF3031", HostInventoryScrubber.Hash("0671FF3031"), StringComparison.Ordinal), report.SerialPorts[0].Name);
    }

    [Fact]
    public void What_Windows_makes_up_for_a_serial_number_stays()
    {
        const string Made = @"USB\VID_0483&PID_DF11\6&2a9b5c8&0&3";
        Assert.Equal(Made, Scrub(Inventory with { UsbDevices = [Device(Made, null)] }).UsbDevices[0].Location);
    }

    [Fact]
    public void Serial_numbers_that_all_chips_of_a_kind_have_stay_readable()
    {
        Assert.NotEmpty(DfuDevice.SharedSerialNumbers);
        Assert.All(DfuDevice.SharedSerialNumbers, x => Assert.Equal(x, Scrub(Inventory with { UsbDevices = [Device("1-1", x)] }).UsbDevices[0].SerialNumber));
    }

    [Fact]
    public void A_short_serial_number_is_hashed_and_breaks_no_other_text()
    {
        var report = Scrub(Inventory with { UsbDevices = [Device("1-1", "1") with { Product = "Board 1" }, Device("1-2", "DFU1") with { Product = "DFU1 and DFU12" }] });
        Assert.Equal(("1-1", "Board 1", HostInventoryScrubber.Hash("1")), (report.UsbDevices[0].Location, report.UsbDevices[0].Product, report.UsbDevices[0].SerialNumber));
        Assert.Equal($"{HostInventoryScrubber.Hash("DFU1")} and DFU12", report.UsbDevices[1].Product);
    }

    [Fact]
    public void Users_and_computers_are_not_named()
    {
        var report = Scrub(Inventory with
        {
            System = Inventory.System with { Groups = ["anna", "dialout"] },
            Volumes = [.. ((string[])["/media/anna/NODE_F767ZI", @"C:\Users\Bert\mnt", "/run/media/bert/X", @"C:\Users\Bert Smith\mnt"]).Select(x => new SeenVolume { Path = x, MbedId = "0818" })],
            SerialPorts = [new SeenSerialPort { Name = "/dev/ttyACM0", HeldBy = ["minicom (4711)", "/home/anna/bin/monitor (12)"] }],
            Dfu =
            [
                new DfuCondition { Location = "1-1", Address = "usbip://annas-laptop:3240/1-1" },
                new DfuCondition { Location = "1-2", Address = "usbip://[fe80::1]/1-2" },
                new DfuCondition { Location = "1-3", Address = "usbip://127.0.0.1:3240/1-1" },
            ],
            Unseen = ["anna may not read /home/anna/x on annas-laptop; Annabel may"],
        });
        Assert.Equal(["user", "dialout"], report.System.Groups);
        Assert.Equal(["/media/user/NODE_F767ZI", @"C:\Users\user\mnt", "/run/media/user/X", @"C:\Users\user\mnt"], report.Volumes.Select(x => x.Path));
        Assert.Equal("/dev/ttyACM0", report.SerialPorts[0].Name);
        Assert.Equal(["minicom", "/home/user/bin/monitor"], report.SerialPorts[0].HeldBy);
        Assert.Equal(
            [$"usbip://{HostInventoryScrubber.Hash("annas-laptop")}:3240/1-1", $"usbip://{HostInventoryScrubber.Hash("[fe80::1]")}/1-2", "usbip://127.0.0.1:3240/1-1"],
            report.Dfu.Select(x => x.Address));
        Assert.Equal(["user may not read /home/user/x on host; Annabel may"], report.Unseen);
    }

    [Theory]
    [InlineData(Serial, "a {0} b")]
    [InlineData("0671FF30317", "/dev/cu.usbmodem{0}")]
    [InlineData("Zeldas-AirPods", "/dev/cu.{0}")]
    [InlineData("Zelda Smith", @"C:\Users\{0}\x")]
    [InlineData("zelda", "/home/{0}/x")]
    [InlineData("zelda", @"C:\Users\{0}\x")]
    [InlineData("zelda", "/run/media/{0}/x")]
    [InlineData("pi4.example.org", "usbip://{0}:3240/1-1")]
    [InlineData("pi4.example.org", "cannot reach {0}, port 3240")]
    public void What_is_private_is_left_in_no_text_of_a_report(string secret, string text)
    {
        // By reflection, so that a member that somebody adds is looked at too.
        var written = string.Format(System.Globalization.CultureInfo.InvariantCulture, text, secret);
        var count = 0;
        var inventory = (HostInventory)Filled(typeof(HostInventory), written, ref count);
        Assert.True(count > 35, $"only {count} texts");
        inventory = inventory with
        {
            // A text that is a serial number is looked for in all others.
            UsbDevices = [.. inventory.UsbDevices.Select(x => x with { SerialNumber = Serial }), Device("1-9", Serial)],
            Dfu = [.. inventory.Dfu, new DfuCondition { Location = "1-9", Address = "usbip://pi4.example.org/1-9" }],
        };
        var (report, _) = Scrubber.Scrub(inventory, written, "defuse");
        Assert.DoesNotContain(secret, Encoding.UTF8.GetString(report.ToUtf8()), StringComparison.OrdinalIgnoreCase);
    }

    private static object Filled(Type type, string text, ref int count)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
        {
            count++;
            return text;
        }

        if (type.IsGenericType)
        {
            var item = type.GetGenericArguments()[0];
            var items = Array.CreateInstance(item, 1);
            items.SetValue(Filled(item, text, ref count), 0);
            return typeof(System.Collections.Immutable.ImmutableArray).GetMethods().Single(x => x.Name == "Create" && x.GetParameters() is [{ ParameterType.IsArray: true }]).MakeGenericMethod(item).Invoke(null, [items])!;
        }

        if (type.IsValueType)
        {
            return Activator.CreateInstance(type)!;
        }

        var made = System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(type);
        foreach (var property in type.GetProperties().Where(x => x.CanWrite))
        {
            property.SetValue(made, Filled(property.PropertyType, text, ref count));
        }

        return made;
    }

    [Fact]
    public void The_drives_of_nobodys_boards_and_the_names_of_phones_are_left_out()
    {
        var report = Scrub(Inventory with
        {
            UsbDevices =
            [
                Device("1-1", null) with { VendorId = 0x0781, ProductId = 0x5567, Product = "Stick" },
                Device("1-2", null) with { ProductId = 0x374B },
                Device("1-3", null) with { VendorId = 0x18D1, ProductId = 0x4EE1, Product = "Phone", SystemName = "Zelda's phone", SystemClass = "Portable Devices" },
            ],
            Volumes = [new SeenVolume { UsbLocation = "1-1", Label = "DIVORCE", Path = "/media/anna/DIVORCE" }, new SeenVolume { UsbLocation = "1-2", Label = "NODE_F767ZI" }],
        });
        Assert.Equal(["NODE_F767ZI"], report.Volumes.Select(x => x.Label));
        Assert.Null(report.UsbDevices[2].SystemName);
        Assert.Equal("Phone", report.UsbDevices[2].Product);
    }

    [Theory]
    [InlineData("/dev/cu.usbmodem14203")]
    [InlineData("/dev/cu.usbserial-0001")]
    [InlineData("/dev/ttyACM0")]
    public void A_port_named_by_its_place_stays(string name) =>
        Assert.Equal(name, Scrub(Inventory with { SerialPorts = [new SeenSerialPort { Name = name }] }).SerialPorts[0].Name);

    [Fact]
    public void Of_an_mbed_identifier_the_board_stays()
    {
        var report = Scrub(Inventory with { Volumes = [new SeenVolume { MbedId = "081602214D4A4E500C4B5C9A" }, new SeenVolume { MbedId = "0816" }] });
        Assert.All(report.Volumes, x => Assert.Equal("0816", x.MbedId));
    }

    [Fact]
    public void No_serial_number_of_eight_characters_is_left_and_a_second_time_changes_nothing()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var inventory = RandomInventories.Create(seed);
            string[] serials = [Convert.ToHexString(Bytes(random, 6)), Convert.ToHexStringLower(Bytes(random, 12)), "Ä serial " + random.Next(), "0001"];
            inventory = inventory with { UsbDevices = [.. serials.Select((x, i) => Device($"1-{i}", x)), .. inventory.UsbDevices], };

            // Into any text.
            inventory = HostInventoryTexts.Map(inventory, (kind, text) => kind is InventoryText.SerialNumber or InventoryText.Group or InventoryText.MbedId || random.Next(3) > 0 ? text : text + serials[random.Next(3)] + text);
            var report = Scrubber.Scrub(inventory, "dfu:serial=" + serials[0], "defuse 1.2.3").Report;
            var text = Encoding.UTF8.GetString(report.ToUtf8());
            Assert.All(serials[..3], x => Assert.DoesNotContain(x, text, StringComparison.OrdinalIgnoreCase));
            Assert.Equal(text, Encoding.UTF8.GetString(Scrubber.Scrub(report.Inventory, report.Address, report.Program).Report.ToUtf8()));
        }

        static byte[] Bytes(Random random, int count)
        {
            var bytes = new byte[count];
            random.NextBytes(bytes);
            return bytes;
        }
    }

    private static HostInventory Inventory => new() { System = new HostSystem { Kind = HostKind.Linux, Version = "Debian GNU/Linux 12" } };

    private static SeenUsbDevice Device(string location, string? serial) => new() { Location = location, VendorId = 0x0483, ProductId = 0xDF11, SerialNumber = serial };

    private static HostInventory Scrub(HostInventory inventory) => Scrubber.Scrub(inventory, null, null).Report.Inventory;
}
