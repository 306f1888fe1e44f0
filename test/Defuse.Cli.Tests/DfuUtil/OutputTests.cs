using Defuse.Cli.DfuUtil;

namespace Defuse.Cli.Tests.DfuUtil;

/// <summary>What is printed, line by line.</summary>
public sealed class OutputTests
{
    [Theory]
    [InlineData("list", Cli.F767, "-l")]
    [InlineData("list-one", Cli.F767, "-l -a 0")]
    [InlineData("list-plain", "sim:maple", "-l")]
    [InlineData("list-none", Cli.F767, "-l -S nobody")]
    [InlineData("download", Cli.F767, "-a 0 -s 0x08000000:leave -D BIN")]
    [InlineData("download-verbose", Cli.F767, "-v -a 0 -s 0x08000000 -D BIN")]
    [InlineData("download-dfuse", Cli.F767, "-s :leave -D DFUSE")]
    [InlineData("download-plain", "sim:dfu11-tolerant", "-D BIN")]
    [InlineData("download-detaching", "sim:dfu11-detach", "-D BIN")]
    [InlineData("download-erased", Cli.F767, "-a 0 -s 0x08000000:mass-erase:force -D BIN")]
    [InlineData("upload", Cli.F767, "-a 0 -s 0x08000000:4096 -U NEW")]
    [InlineData("upload-unbound", Cli.F767, "-a 0 -U NEW")]
    [InlineData("upload-segment", Cli.F767, "-a 1 -s 0x1fff0000 -U NEW")]
    [InlineData("command", Cli.F767, "-a 0 -s :mass-erase:force:leave")]
    [InlineData("detach", Cli.F767, "-a 0 -e")]
    public async Task Output_of(string name, string device, string line)
    {
        using var shim = new Shim(device);
        var args = line.Split(' ').Select(x => x switch { "BIN" => shim.Bin, "DFUSE" => shim.DfuSe, "NEW" => Path.Combine(shim.Cli.Folder, "new.bin"), _ => x });
        Golden.Check($"dfu-util-{name}", shim.Scrub(await shim.RunAsync([.. args])));
    }

    [Fact]
    public void Names_of_devices_steer_no_terminal()
    {
        using var text = new StringWriter { NewLine = "\n" };
        var console = new DfuUtilConsole(new CliEnvironment
        {
            Out = text,
            Error = text,
            OpenOutStream = () => Stream.Null,
            OpenInStream = () => Stream.Null,
            GetVariable = _ => null,
            Time = TimeProvider.System,
            Version = "",
        });
        console.Line("name=\"A\u001b[2J\"\nB");
        console.Error("\u009b1m");
        Assert.Equal("name=\"A?[2J\"\nB\ndfu-util: ?1m\n", text.ToString());
    }

    [Fact]
    public async Task Nothing_new_to_write_still_comes_to_its_hundred_percent()
    {
        using var shim = new Shim();
        string[] args = ["-a", "0", "-s", Shim.Address, "-D", shim.Bin];
        await shim.RunAsync(args);
        Golden.Check("dfu-util-download-again", shim.Scrub(await shim.RunAsync(args)));
    }

    [Fact]
    public async Task What_is_read_is_what_was_written()
    {
        using var shim = new Shim();
        var path = Path.Combine(shim.Cli.Folder, "read.bin");
        await shim.RunAsync("-a", "0", "-s", "0x08004000", "-D", shim.Bin);

        var result = await shim.RunAsync("-a", "0", "-s", $"0x08004000:{shim.Firmware.Length}", "-U", path);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(shim.Firmware, await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Firmware_comes_from_stdin()
    {
        using var shim = new Shim();
        shim.Cli.Input = shim.Firmware;
        Assert.Equal(0, (await shim.RunAsync("-a", "0", "-s", Shim.Address, "-D", "-")).ExitCode);
        Assert.Equal(shim.Firmware, await shim.HeldAsync(shim.Firmware.Length));
    }

    [Fact]
    public async Task The_suffix_of_raw_bytes_is_not_written()
    {
        using var shim = new Shim();
        var file = shim.Cli.Write("firmware.dfu", Formats.DfuFormat.Write(Images.FirmwareImage.FromBytes(0, shim.Firmware)));

        var result = await shim.RunAsync("-a", "0", "-s", Shim.Address, "-D", file);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"size = {shim.Firmware.Length}\n", result.Out, StringComparison.Ordinal);
        Assert.Equal([.. shim.Firmware, 0xFF], await shim.HeldAsync(shim.Firmware.Length + 1));
    }

    [Fact]
    public async Task Mass_erase_leaves_nothing_else()
    {
        using var shim = new Shim();
        await shim.RunAsync("-a", "0", "-s", "0x08100000", "-D", shim.Bin);
        await shim.RunAsync("-a", "0", "-s", "0x08000000:mass-erase:force", "-D", shim.Bin);
        Assert.All(await shim.HeldAsync(4096, 0x0810_0000), x => Assert.Equal(0xFF, x));
        Assert.Equal(shim.Firmware, await shim.HeldAsync(shim.Firmware.Length));
    }

    [Fact]
    public async Task Data_EEPROM_takes_bytes_by_its_alternate_setting()
    {
        using var shim = new Shim("sim:b-l072z-lrwan1");
        var file = shim.Cli.Write("settings.bin", [1, 2, 3, 4]);
        var result = await shim.RunAsync("-a", "2", "-s", "0x08080000", "-D", file);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal([1, 2, 3, 4], await shim.HeldAsync(4, 0x0808_0000));
    }

    [Fact]
    public async Task A_program_that_offers_DFU_is_listed_as_such()
    {
        using var shim = new Shim("sim:dfu11-detach");
        await shim.RunAsync("-D", shim.Bin);
        var listing = await shim.RunAsync("-l");
        Assert.Contains("\nFound Runtime: [1209:0003] ver=0100, devnum=0, cfg=1, intf=0, path=\"sim:dfu11-detach\", alt=0, ", listing.Out, StringComparison.Ordinal);

        var detached = await shim.RunAsync("-d", "1209:0003", "-e");

        Assert.Equal(0, detached.ExitCode);
        Assert.Contains("\nDevice will detach and reattach...\n", detached.Out, StringComparison.Ordinal);
    }

    // Over USB/IP nothing but ids is known before a device is opened.
    [Fact]
    public async Task Served_boards_are_listed_with_their_serial_numbers_and_chosen_by_port()
    {
        using var interrupt = new CancellationTokenSource();
        using var cli = new Cli { Interrupt = interrupt.Token };
        var ready = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var serving = SimulateTests.ServeAsync(cli, ready, "nucleo-f767zi", "pybv11", "--port", "0", "--time", "0");
        var server = (await ready.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).Split('/')[2];
        using var shim = new Shim($"usbip://{server}/");

        var listing = await shim.RunAsync("-l", "-a", "0");
        var flashed = await shim.RunAsync("-p", "1-2", "-a", "0", "-s", "0x08000000", "-D", shim.Bin);
        var ambiguous = await shim.RunAsync("-a", "0", "-s", "0x08000000", "-D", shim.Bin);

        Assert.Equal(
            ["path=\"1-1\", alt=0, name=\"@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg\", serial=\"32E834423436\"", "path=\"1-2\", alt=0, name=\"@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg\", serial=\"32AF345F3234\""],
            listing.Out.Split('\n').Where(x => x.StartsWith("Found DFU: [0483:df11]", StringComparison.Ordinal)).Select(x => x[x.IndexOf("path", StringComparison.Ordinal)..]));
        Assert.True(flashed.ExitCode == 0, flashed.Error);
        Assert.Equal(74, ambiguous.ExitCode);
        await interrupt.CancelAsync();
        Assert.Equal(0, (await serving).ExitCode);
    }
}
