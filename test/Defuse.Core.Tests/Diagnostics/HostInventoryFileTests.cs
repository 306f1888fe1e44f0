using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Defuse.Devices;
using Defuse.Diagnostics;
using Defuse.Transports;
using FsCheck.Fluent;

namespace Defuse.Core.Tests.Diagnostics;

public partial class HostInventoryFileTests
{
    private const string Smallest = """{"schema":1,"type":"host-inventory","inventory":{"system":{"kind":"linux","version":"Debian"}}}""";

    [Fact]
    public void What_is_written_is_read_again() => FsCheck.Check.QuickThrowOnFailure(FsCheck.Fluent.Prop.ForAll(
        ArbMap.Default.ArbFor<int>(),
        seed =>
        {
            var file = new HostInventoryFile { Program = "defuse 1.2.3", Address = seed % 2 == 0 ? null : "dfu:usb-1-4", IsScrubbed = seed % 3 == 0, Inventory = RandomInventories.Create(seed) };
            var read = HostInventoryFile.Parse(file.ToUtf8());
            return RandomInventories.AreSame(file, read);
        }));

    [Fact]
    public void What_a_file_leaves_out_is_as_if_nothing_was_seen()
    {
        var inventory = HostInventoryFile.Parse(Encoding.UTF8.GetBytes(Smallest)).Inventory;
        Assert.True(RandomInventories.AreSame(new HostInventory { System = new HostSystem { Kind = HostKind.Linux, Version = "Debian" } }, inventory));
    }

    [Fact]
    public void Ids_are_hexadecimal_digits_and_kinds_are_words()
    {
        var inventory = new HostInventory
        {
            System = new HostSystem { Kind = HostKind.MacOs, Version = "macOS 15" },
            UsbDevices =
            [
                new SeenUsbDevice
                {
                    Location = "1-4",
                    VendorId = 0x0483,
                    ProductId = 0xDF11,
                    Interfaces = [new SeenInterface(0, 0xFE, 1, 2)],
                    Problem = new AccessProblem(AccessFailure.PermissionDenied, "no", "yes"),
                },
            ],
        };
        var text = Encoding.UTF8.GetString(new HostInventoryFile { Inventory = inventory }.ToUtf8());
        Assert.Contains("\"vendorId\": \"0483\"", text, StringComparison.Ordinal);
        Assert.Contains("\"class\": \"fe\"", text, StringComparison.Ordinal);
        Assert.Contains("\"kind\": \"mac-os\"", text, StringComparison.Ordinal);
        Assert.Contains("\"failure\": \"permission-denied\"", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "no report")]
    [InlineData("null", "no report")]
    [InlineData("[]", "no report")]
    [InlineData("{}", "no report of defuse doctor")]
    [InlineData("\"x\"", "no report")]
    [InlineData("<html>", "no report")]
    [InlineData("""{"schema":2,"type":"host-inventory","inventory":{"new":1}}""", "form 2")]
    [InlineData("""{"schema":1,"type":"trace"}""", "no report of defuse doctor")]
    [InlineData("""{"schema":1,"type":"host-inventory"}""", "inventory")]
    [InlineData("""{"schema":1,"type":"host-inventory","inventory":null}""", "inventory")]
    [InlineData("""{"schema":1,"type":"host-inventory","inventory":{}}""", "system")]
    [InlineData("""{"schema":1,"type":"host-inventory","inventory":{"system":{"kind":"linux","version":null}}}""", "version")]
    [InlineData("""{"schema":1,"type":"host-inventory","inventory":{"system":{"kind":"beos","version":"5"}}}""", "linux")]
    [InlineData("""{"schema":1,"type":"host-inventory","inventory":{"system":{"kind":2,"version":"5"}}}""", "linux")]
    [InlineData("""{"schema":1,"type":"host-inventory","inventory":{"system":{"kind":"linux","version":"5"},"unseen":[null]}}""", "unseen")]
    [InlineData("""{"schema":1,"type":"host-inventory","inventory":{"system":{"kind":"linux","version":"5"},"usbDevices":[null]}}""", "usbDevices")]
    [InlineData("""{"schema":1,"type":"host-inventory","inventory":{"system":{"kind":"linux","version":"5"},"usbDevices":[{"location":"1","vendorId":1155,"productId":"df11"}]}}""", "hexadecimal")]
    [InlineData("""{"schema":1,"type":"host-inventory","inventory":{"system":{"kind":"linux","version":"5"},"usbDevices":[{"location":"1","vendorId":"10483","productId":"df11"}]}}""", "hexadecimal")]
    public void What_is_no_report_is_refused_with_the_reason(string text, string expected)
    {
        var e = Assert.Throws<HostInventoryFormatException>(() => HostInventoryFile.Parse(Encoding.UTF8.GetBytes(text)));
        Assert.Contains(expected, e.Message, StringComparison.OrdinalIgnoreCase);
        Assert.NotNull(e.Remedy);
    }

    [Fact]
    public void More_than_any_computer_has_is_refused()
    {
        static string With(string members) => Smallest.Replace("}}}", "}," + members + "}}", StringComparison.Ordinal);
        static string Many(string item, int count) => string.Join(',', Enumerable.Repeat(item, count));
        string[] tooMuch =
        [
            With($"\"unseen\":[{Many("\"\"", 2_000)}]"),
            With($"\"usbDevices\":[{Many("""{"location":"1","vendorId":"0483","productId":"df11"}""", 2_000)}]"),
            With($"\"usbDevices\":[{{\"location\":\"1\",\"vendorId\":\"0483\",\"productId\":\"df11\",\"interfaces\":[{Many("{}", 300)}]}}]"),
            With($"\"unseen\":[\"{new string('x', 5_000)}\"]"),
            Smallest[..^1] + ",\"program\":\"" + new string('x', 5_000) + "\"}",
            new string('[', 1_000_000),
            Smallest + new string(' ', HostInventoryFile.LongestFile),
        ];
        Assert.All(tooMuch, x => Assert.Throws<HostInventoryFormatException>(() => HostInventoryFile.Parse(Encoding.UTF8.GetBytes(x))));
    }

    [Fact]
    public async Task A_stream_without_an_end_is_given_up()
    {
        using var endless = new EndlessStream();
        await Assert.ThrowsAsync<HostInventoryFormatException>(async () => await HostInventoryFile.ReadAsync(endless, CancellationToken.None));
        Assert.InRange(endless.Given, 1, HostInventoryFile.LongestFile + (1 << 20));
    }

    [Fact]
    public void Promise_6_whatever_the_file_it_is_read_or_refused_in_bounded_time()
    {
        string[] values = ["null", "true", "[]", "{}", "[null]", "[{}]", "\"\"", "-1", "1e999", "\"\\ud800\"", "\"0483\"", "\"fe\"", "{\"system\":null}", "99999999999999999999"];
        var random = new Random(6);
        var (read, refused) = (0, 0);
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 3_000; i++)
        {
            var text = Encoding.UTF8.GetString(new HostInventoryFile { Inventory = RandomInventories.Create(i % 40) }.ToUtf8());
            for (var change = random.Next(3); change >= 0; change--)
            {
                var members = Member().Matches(text);
                switch (random.Next(3))
                {
                    case 0 when members.Count > 0:
                        var value = members[random.Next(members.Count)].Groups[1];
                        text = text[..value.Index] + values[random.Next(values.Length)] + text[(value.Index + value.Length)..];
                        break;
                    case 1:
                        var at = random.Next(text.Length);
                        text = text[..at] + (char)random.Next(1, 256) + text[(at + 1)..];
                        break;
                    default:
                        var start = random.Next(text.Length);
                        text = text.Remove(start, random.Next(Math.Min(20, text.Length - start)));
                        break;
                }
            }

            try
            {
                var file = HostInventoryFile.Parse(Encoding.UTF8.GetBytes(text));
                Assert.True(RandomInventories.AreSame(file, HostInventoryFile.Parse(file.ToUtf8())), text);
                Assert.NotNull(DiagnosisText.Render(Doctor.Diagnose(file.Inventory, BoardDatabase.Default, ChipDatabase.Default, ["dfu"])));
                Assert.NotNull(new HostInventoryScrubber([], [], []).Scrub(file.Inventory, null, null).Report);
                read++;
            }
            catch (HostInventoryFormatException e)
            {
                Assert.NotEmpty(e.Message);
                refused++;
            }
        }

        Assert.InRange(read, 100, 2_900);
        Assert.InRange(refused, 100, 2_900);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 60);
    }

    [Fact]
    public void A_report_of_hundreds_of_boards_is_told_in_bounded_time()
    {
        const int Count = 500;
        string[] memories = [.. Enumerable.Repeat("@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg", 200)];
        var inventory = new HostInventory
        {
            System = Trees.Linux,
            UsbDevices =
            [
                .. Enumerable.Range(0, Count).Select(x => new SeenUsbDevice { Location = $"1-{x}", VendorId = 0x0483, ProductId = 0x374B }),
                .. Enumerable.Range(0, Count).Select(x => Trees.Rom with { Location = $"2-{x}", SerialNumber = $"{x}" }),
            ],
            Volumes = [.. Enumerable.Range(0, Count).Select(x => new SeenVolume { UsbLocation = $"1-{x}", MbedId = "0818" })],
            Dfu = [.. Enumerable.Range(0, Count).Select(x => new DfuCondition { Location = $"2-{x}", Address = $"dfu:usb-2-{x}", Memories = [.. memories] })],
        };
        var watch = Stopwatch.StartNew();
        Assert.Equal(2 * Count, Doctor.Diagnose(HostInventoryFile.Parse(new HostInventoryFile { Inventory = inventory }.ToUtf8()).Inventory, BoardDatabase.Default, ChipDatabase.Default, ["dfu"]).Boards.Length);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 30);
    }

    [GeneratedRegex("\"[a-zA-Z]+\": (\"[^\"]*\"|-?[0-9.]+|true|false|\\[[^\\]]*\\])")]
    private static partial Regex Member();

    private sealed class EndlessStream : MemoryStream
    {
        public long Given { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)' ');
            Given += buffer.Length;
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
