using System.Text;
using System.Text.RegularExpressions;
using Defuse.Diagnostics;
using Defuse.Transports;

namespace Defuse.Cli.Tests;

public class DoctorTests
{
    private static readonly MendingResult Done = new(true, "wrote a rule");

    [Theory]
    [InlineData("doctor-closed")]
    [InlineData("doctor-closed-json", "--json")]
    public async Task A_board_that_may_not_be_opened(string golden, params string[] options)
    {
        using var cli = new Cli { Source = new FakeSource(FakeSource.Closed), Providers = [] };
        var result = await cli.RunAsync(["doctor", .. options]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Golden.Check(golden, result.Out);
    }

    [Fact]
    public async Task A_board_that_runs_a_program_has_the_address_that_flash_takes()
    {
        var program = FakeSource.Open.UsbDevices[0] with { VendorId = 0xF055, ProductId = 0x9800, Interfaces = [new SeenInterface(0, 2, 2, 1)] };
        using var cli = new Cli { Source = new FakeSource(FakeSource.Open with { UsbDevices = [program] }), Providers = [] };
        Assert.Contains("\"address\":\"dfu:usb-1-4\"", (await cli.RunAsync("doctor", "--json")).Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?rdp=1", "doctor-protected")]
    [InlineData("?wrp=4,5&bank=dual", "doctor-write-protected")]
    public async Task A_simulated_board_is_all_that_is_looked_at(string options, string golden)
    {
        using var cli = new Cli { Source = new FakeSource(FakeSource.Closed) };
        var result = await cli.RunAsync("doctor", "-d", Cli.F767 + options);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Golden.Check(golden, result.Out);
    }

    [Fact]
    public async Task A_serial_port_that_the_variable_names_for_other_commands_does_not_keep_it_from_looking()
    {
        using var cli = new Cli { Source = new FakeSource(FakeSource.Closed), Bus = new FakeBus(), Variables = { ["DEFUSE_DEVICE"] = "uart:/dev/ttyACM0" } };
        var result = await cli.RunAsync("doctor");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("may not open it", result.Out.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_holds_no_serial_number_and_is_told_again_as_it_was()
    {
        using var cli = new Cli { Source = new FakeSource(FakeSource.Closed), Providers = [] };
        var file = Path.Combine(cli.Folder, "report.json");
        var live = await cli.RunAsync("doctor", "--report", file);
        Assert.Equal(0, live.ExitCode);
        Assert.Contains("1 USB device", live.Error, StringComparison.Ordinal);
        Assert.Contains("1 serial number is hashed", live.Error, StringComparison.Ordinal);
        var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        Assert.DoesNotContain("205B33875532", text, StringComparison.OrdinalIgnoreCase);
        Golden.Check("doctor-report", text);

        using var other = new Cli { Source = new FakeSource(FakeSource.Open), Mender = new FakeMender(Done), Providers = [] };
        var replayed = await other.RunAsync("doctor", "--from", file);
        Assert.Equal((0, live.Out), (replayed.ExitCode, replayed.Out));
        Assert.Contains("defuse 1.2.3", replayed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_of_one_board_is_replayed_as_one_board()
    {
        var two = FakeSource.Open with { UsbDevices = [FakeSource.Open.UsbDevices[0], FakeSource.Closed.UsbDevices[0] with { Location = "1-5", SerialNumber = "OTHER0001" }] };
        using var cli = new Cli { Source = new FakeSource(two), Bus = new FakeBus() };
        var both = await cli.RunAsync("doctor", "--json");
        Assert.Equal(2, both.Json.Count(x => x.GetProperty("type").GetString() == "diagnosed-board"));
        foreach (var (name, address) in new[] { ("port", "dfu:usb-1-5"), ("serial", "dfu:serial=OTHER0001") })
        {
            var file = Path.Combine(cli.Folder, name + ".json");
            using var one = new Cli { Source = new FakeSource(two), Bus = new FakeUsbBus() };
            await one.RunAsync("doctor", "-d", address, "--report", file, "--json");
            var replayed = await one.RunAsync("doctor", "--from", file, "--json");
            var board = Assert.Single(replayed.Json, x => x.GetProperty("type").GetString() == "diagnosed-board");
            Assert.Equal("1-5", board.GetProperty("usbDevices")[0].GetString());
        }
    }

    [Fact]
    public async Task What_is_no_report_is_refused()
    {
        using var cli = new Cli { Source = new FakeSource(FakeSource.Open), Providers = [] };
        var result = await cli.RunAsync("doctor", "--from", cli.Dfu, "--json");
        Assert.Equal((5, "refused", "format"), (result.ExitCode, result.Result.GetProperty("outcome").GetString(), result.Result.GetProperty("error").GetProperty("kind").GetString()));
        var text = cli.Write("report.json", Encoding.UTF8.GetBytes("""{"schema":9,"type":"host-inventory"}"""));
        Assert.Contains("form 9", (await cli.RunAsync("doctor", "--from", text)).Error, StringComparison.Ordinal);
        var lost = cli.Write("lost.json", Encoding.UTF8.GetBytes("""{"schema":1,"type":"host-inventory","address":"nonsense","inventory":{"system":{"kind":"linux","version":"x"}}}"""));
        Assert.Equal(5, (await cli.RunAsync("doctor", "--from", lost)).ExitCode);
    }

    [Fact]
    public async Task Nothing_in_a_report_steers_the_terminal()
    {
        using var cli = new Cli { Source = new FakeSource(FakeSource.Open), Providers = [] };
        var device = FakeSource.Open.UsbDevices[0] with { Product = "A\u001b[2J\u009b1m\r\nB\u202eC\u2066D" };
        var seen = FakeSource.Closed with
        {
            System = FakeSource.Open.System with { Version = "\u001b]0;x\u0007\u202e" },
            UsbDevices = [device, device with { Location = "1-5\u001b[1m", Problem = new AccessProblem(AccessFailure.PermissionDenied, "\u001b[1m", "`echo \u001b\u202e`") }],
            Unseen = ["\u001b[3m\u2067"],
        };
        var file = cli.Write("report.json", new HostInventoryFile { Inventory = seen, Program = "\u001b[5m" }.ToUtf8());
        var result = await cli.RunAsync("doctor", "--from", file);
        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotMatch("[\u001b\u0007\u009b\r\u202e\u2066\u2067]", result.Out + result.Error);
        Assert.DoesNotMatch("[\u001b\u0007\u009b\r]", (await cli.RunAsync("doctor", "--from", file, "--json")).Out);
    }

    [Fact]
    public async Task Nothing_at_the_address_is_code_3()
    {
        using var cli = new Cli { Source = new FakeSource(FakeSource.Open), Bus = new FakeUsbBus() };
        Assert.Equal(3, (await cli.RunAsync("doctor", "-d", "dfu:usb-9-9")).ExitCode);
    }

    [Theory]
    [InlineData("n", false)]
    [InlineData("", false)]
    [InlineData("y", true)]
    [InlineData(" YES ", true)]
    public async Task A_person_is_asked(string answer, bool isDone)
    {
        var mender = new FakeMender(Done);
        using var cli = Mending(mender, answer);
        var result = await cli.RunAsync("doctor", "--fix");
        Assert.Equal((0, isDone ? 1 : 0), (result.ExitCode, mender.Applied));
        Assert.Contains("Write a rule:", result.Error, StringComparison.Ordinal);
        Assert.Contains("Do this? [y/N]", result.Error, StringComparison.Ordinal);
        Assert.Contains(isDone ? "Opens" : "Nothing was changed.", Uncoloured(result.Error), StringComparison.Ordinal);
        Assert.DoesNotContain("Write a rule", result.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Nobody_to_ask_is_wrong_usage_and_yes_needs_nobody(bool inIsTerminal, bool errorIsTerminal)
    {
        var mender = new FakeMender(Done);
        using var cli = new Cli { Source = new FakeSource(FakeSource.Closed, FakeSource.Closed, FakeSource.Open), Mender = mender, Providers = [], InIsTerminal = inIsTerminal, ErrorIsTerminal = errorIsTerminal };
        Assert.Equal(2, (await cli.RunAsync("doctor", "--fix")).ExitCode);
        Assert.Equal(0, mender.Applied);
        Assert.Equal(0, (await cli.RunAsync("doctor", "--fix", "--yes")).ExitCode);
        Assert.Equal(1, mender.Applied);
    }

    [Fact]
    public async Task What_is_to_be_agreed_to_is_shown_even_where_little_is_said()
    {
        using var cli = Mending(new FakeMender(Done), "n");
        Assert.Contains("Write a rule:", (await cli.RunAsync("doctor", "--fix", "--quiet")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Bluetooth_adapter_that_stays_closed_is_no_failure_of_what_was_mended()
    {
        var adapter = new SeenUsbDevice
        {
            Location = "1-7",
            VendorId = 0x05AC,
            ProductId = 0x8290,
            Interfaces = [new SeenInterface(0, 0xE0, 1, 1), new SeenInterface(3, 0xFE, 1, 1)],
            Problem = new AccessProblem(AccessFailure.PermissionDenied, "no right", "ask"),
        };
        HostInventory With(HostInventory seen) => seen with { UsbDevices = [.. seen.UsbDevices, adapter] };
        using var cli = new Cli { Source = new FakeSource(With(FakeSource.Closed), With(FakeSource.Open)), Mender = new FakeMender(Done), Providers = [] };
        var result = await cli.RunAsync("doctor", "--fix", "--yes");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Opens", Uncoloured(result.Error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_shows_and_changes_nothing()
    {
        var mender = new FakeMender(Done);
        using var cli = Mending(mender, "y");
        var result = await cli.RunAsync("doctor", "--fix", "--dry-run", "--yes", "--json");
        Assert.Equal((0, 0), (result.ExitCode, mender.Applied));
        var line = Assert.Single(result.Json, x => x.GetProperty("type").GetString() == "mending");
        Assert.Equal("Write a rule:", line.GetProperty("steps")[0].GetString());
    }

    [Fact]
    public async Task A_board_that_still_does_not_open_is_told_with_what_is_left_to_do()
    {
        using var cli = new Cli { Source = new FakeSource(FakeSource.Closed), Mender = new FakeMender(new MendingResult(true, "wrote a rule", "log in again")), Providers = [] };
        var result = await cli.RunAsync("doctor", "--fix", "--yes");
        Assert.Equal(4, result.ExitCode);
        Assert.Contains("still does not open", result.Error, StringComparison.Ordinal);
        Assert.Contains("help: log in again", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_fails_is_code_1_and_what_cannot_be_done_code_5()
    {
        using var failing = new Cli { Source = new FakeSource(FakeSource.Closed), Mender = new FakeMender(new MendingResult(false, "it was not allowed", "do it by hand")), Providers = [] };
        var result = await failing.RunAsync("doctor", "--fix", "--yes");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("help: do it by hand", result.Error, StringComparison.Ordinal);

        using var impossible = new Cli { Source = new FakeSource(FakeSource.Closed), Mender = new FakeMender(Diagnostics.Mending.Impossible("open boards", "udev does not run here", "use sudo", ["what there is"])), Providers = [] };
        result = await impossible.RunAsync("doctor", "--undo", "--yes");
        Assert.Equal(5, result.ExitCode);
        Assert.Contains("what there is", result.Error, StringComparison.Ordinal);
        Assert.Contains("error: udev does not run here", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--fix", "nothing here that Defuse can mend")]
    [InlineData("--undo", "nothing to take back")]
    public async Task Nothing_to_mend_is_no_failure(string option, string expected)
    {
        using var cli = new Cli { Source = new FakeSource(FakeSource.Open), Mender = new FakeMender((Mending?)null), Providers = [] };
        var result = await cli.RunAsync("doctor", option, "--yes");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }

    private static Cli Mending(FakeMender mender, string answer) => new()
    {
        Source = new FakeSource(FakeSource.Closed, FakeSource.Open),
        Mender = mender,
        Providers = [],
        InIsTerminal = true,
        ErrorIsTerminal = true,
        Input = Encoding.UTF8.GetBytes(answer + "\n"),
    };

    private static string Uncoloured(string text) => Regex.Replace(text, "\u001b\\[[0-9;]*m", "");
}
