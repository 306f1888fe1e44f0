using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Diagnostics;
using static Defuse.Core.Tests.Diagnostics.BoardJoinTests;

namespace Defuse.Core.Tests.Diagnostics;

/// <summary>What holds of any heap of devices, hubs and equal ones among them.</summary>
public class BoardJoinPropertyTests
{
    private const string F76x = "@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg";

    private static readonly string[] MbedIds = ["0818", "0740", "0805", "9904"];

    [Fact]
    public void Every_relevant_device_port_and_drive_is_in_exactly_one_board_whatever_the_order()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var inventory = Heap(random);
            var boards = BoardJoin.Join(inventory, BoardDatabase.Default);

            var relevant = inventory.UsbDevices.Where(x => IsRelevant(x, inventory)).OrderBy(x => x.Location, StringComparer.Ordinal);
            Assert.Equal(relevant, boards.SelectMany(x => x.UsbDevices).OrderBy(x => x.Location, StringComparer.Ordinal));
            foreach (var board in boards)
            {
                Assert.All(board.SerialPorts, x => Assert.Contains(board.UsbDevices, y => y.Location == x.UsbLocation));
                Assert.True(board.UsbDevices.Length > 0 || board.Volumes.Length == 1, $"seed {seed}: a board of nothing");
                Assert.True(board.UsbDevices.Length <= 2, $"seed {seed}: more than a probe and its chip");
            }

            var used = boards.SelectMany(x => x.Volumes).ToList();
            Assert.Equal(used.Count, used.Select(x => x.Path).Distinct(StringComparer.Ordinal).Count());
            Assert.Equal(Text(boards), Text(BoardJoin.Join(Shuffled(inventory, random), BoardDatabase.Default)));
        }
    }

    // A second opinion, on the kinds of devices that the heap is made of.
    private static bool IsRelevant(SeenUsbDevice device, HostInventory inventory) =>
        device.VendorId is 0 or 0x0483 or 0x1A86 or 0x05AC || inventory.Volumes.Any(x => x.UsbLocation == device.Location && x.Uf2Board is not null);

    private static HostInventory Heap(Random random)
    {
        var devices = new List<SeenUsbDevice>();
        var ports = new List<SeenSerialPort>();
        var volumes = new List<SeenVolume>();
        var dfu = new List<DfuCondition>();
        for (var i = random.Next(9); i > 0; i--)
        {
            var location = $"{random.Next(1, 3)}-{i}" + (random.Next(3) == 0 ? $".{random.Next(1, 12)}" : "");
            var device = random.Next(9) switch
            {
                0 or 1 => StLink(location),
                2 => Rom(location, F76x),
                3 => Rom(location, name: null),
                4 => Cdc(location, "STMicroelectronics", "NUCLEO_F767ZI CDC in FS Mode"),
                5 => Cdc(location, null, null),
                6 => Device(location, 0, 0),
                7 => Device(location, 0x1A86, 0x7523),
                _ => Device(location, (ushort)(random.Next(2) == 0 ? 0x046D : 0x05AC), 0x8290, new SeenInterface(0, (byte)(random.Next(2) == 0 ? 9 : 3), 0, 0)),
            };
            devices.Add(device);
            if (random.Next(2) == 0)
            {
                ports.Add(Port($"COM{i}", random.Next(8) == 0 ? null : location) with { Driver = "other" });
            }

            if (random.Next(2) == 0)
            {
                volumes.Add(new SeenVolume
                {
                    Path = $@"{(char)('D' + i)}:\",
                    UsbLocation = random.Next(8) == 0 ? null : location,
                    MbedId = device.ProductId == 0x374B ? MbedIds[random.Next(MbedIds.Length)] : null,
                    Uf2Board = random.Next(6) == 0 ? "RPI-RP2" : null,
                });
            }

            if (device.ProductId == 0xDF11 && random.Next(3) == 0)
            {
                dfu.Add(new DfuCondition { Location = location, Address = $"dfu:usb-{location}", Chips = [ChipDatabase.Default.FindId(0x451)!.Name] });
            }
        }

        return new HostInventory
        {
            System = new HostSystem { Kind = HostKind.Linux, Version = "test" },
            UsbDevices = [.. devices],
            SerialPorts = [.. ports],
            Volumes = [.. volumes],
            Dfu = [.. dfu],
        };
    }

    private static HostInventory Shuffled(HostInventory inventory, Random random)
    {
        ImmutableArray<T> Mix<T>(ImmutableArray<T> items) => [.. items.OrderBy(_ => random.Next())];
        return inventory with { UsbDevices = Mix(inventory.UsbDevices), SerialPorts = Mix(inventory.SerialPorts), Volumes = Mix(inventory.Volumes), Dfu = Mix(inventory.Dfu) };
    }

    private static string Text(ImmutableArray<SeenBoard> boards) => string.Join('\n', boards.Select(x => string.Join(
        ' ',
        x.Name,
        x.Mode,
        x.Profile?.Name,
        x.Probe?.Location,
        x.DfuDevice?.Location,
        x.Dfu?.Address,
        string.Join(',', x.UsbDevices.Select(y => y.Location)),
        string.Join(',', x.SerialPorts.Select(y => y.Name)),
        string.Join(',', x.Volumes.Select(y => y.Path)),
        string.Join(',', x.Evidence))));
}
