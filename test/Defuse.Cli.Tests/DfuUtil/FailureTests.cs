namespace Defuse.Cli.Tests.DfuUtil;

/// <summary>What is not done is not said to be, and ends with the exit code that dfu-util has for it.</summary>
public sealed class FailureTests
{
    [Theory]
    [InlineData("unplug@write:3000")]
    [InlineData("refuse@write:3000")]
    [InlineData("refuse@erase")]
    [InlineData("reset@erase")]
    [InlineData("busy@write")]
    [InlineData("bitrot@write:700")]
    [InlineData("bitrot@verify:700")]
    [InlineData("unplug@verify:700")]
    [InlineData("unplug@open:9")]
    public async Task A_board_that_fails_is_no_success(string fault)
    {
        using var shim = new Shim($"{Cli.F767}?fault={fault}");

        var result = await shim.RunAsync("-a", "0", "-s", "0x08000000:leave", "-D", shim.Bin);

        Assert.Equal(74, result.ExitCode);
        Assert.DoesNotContain("Download done.", result.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("File downloaded successfully", result.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("Submitting leave request", result.Out, StringComparison.Ordinal);
        Assert.StartsWith("dfu-util: ", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unplug@start")]
    [InlineData("refuse@start")]
    [InlineData("stall@write:3000")]
    [InlineData("late@status:5")]
    public async Task What_does_not_touch_the_flash_is_no_failure(string fault)
    {
        using var shim = new Shim($"{Cli.F767}?fault={fault}");

        var result = await shim.RunAsync("-a", "0", "-s", "0x08000000:leave", "-D", shim.Bin);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("\nFile downloaded successfully\nSubmitting leave request...\n", result.Out, StringComparison.Ordinal);
        Assert.Equal(fault == "refuse@start", result.Error.Contains("the program was not started", StringComparison.Ordinal));
    }

    // dfu-util says 74 here: the board answers no more when the image is its own.
    [Fact]
    public async Task A_board_that_leaves_with_its_image_has_taken_it()
    {
        using var shim = new Shim("sim:dfu11-detach");
        var result = await shim.RunAsync("-D", shim.Bin);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
    }

    [Theory]
    [InlineData("-D BIN -a 0", 64, "Only DfuSe file version 1.1a is supported")]
    [InlineData("-D BIN -s 0x08000000", 74, "More than one DFU capable USB device found!")]
    [InlineData("-D BIN -s 0x08000000 -a 7", 74, "No DFU capable USB device available")]
    [InlineData("-D BIN -s 0x08000000 -a 0 -S nobody", 74, "No DFU capable USB device available")]
    [InlineData("-D BIN -s zz -a 0", 64, "Invalid dfuse address: zz")]
    [InlineData("-D BIN -s 0x08000000:foo -a 0", 64, "Invalid dfuse modifier: foo")]
    [InlineData("-D BIN -s 0x20000000 -a 0", 64, "Last page at 0x20001392 is not writeable")]
    [InlineData("-D BIN -s 0x081ffc00 -a 0", 64, "Last page at 0x08200f92 is not writeable")]
    [InlineData("-D BIN -s 0x08200000:force -a 0", 64, "Last page at 0x08201392 is not writeable")]
    [InlineData("-D BIN -s 0x07fffff0 -a 0", 64, "Page at 0x07fffff0 is not writeable")]
    [InlineData("-D BIN -s 0x08000000 -a 1", 64, "is not writeable")]
    [InlineData("-D EMPTY -s 0x08000000 -a 0", 64, "Last page at 0x07ffffff is not writeable")]
    [InlineData("-D TINY -s 0x1fff0000 -a 1", 74, "wrong option bytes close a chip for good")]
    [InlineData("-D TINY -s 0x1fff0000:force -a 1", 74, "wrong option bytes close a chip for good")]
    [InlineData("-D TINY -s 0x1ff0f000 -a 2", 74, "lie in OTP Memory, which is written once and for good")]
    [InlineData("-D BIN -s 0x08000000:mass-erase -a 0", 64, "The mass erase command can only be used with force")]
    [InlineData("-D BIN -s 0x08000000:unprotect -a 0", 64, "can only be used with force")]
    [InlineData("-D DFUSE -s 0x08000000 -a 0", 64, "This is a DfuSe file, not meant for raw download")]
    [InlineData("-D BROKEN -a 0", 64, "Only DfuSe file version 1.1a is supported")]
    [InlineData("-D BROKEN -s 0x08000000 -a 0", 64, "This is a DfuSe file, not meant for raw download")]
    [InlineData("-D DFUSE -d 0483:0001,0483:df11", 0, "")]
    [InlineData("-D OTHER -d 0483:df11", 64, "Error: File ID 1209:1234 does not match device (0483:df11)")]
    [InlineData("-D OTHER", 0, "")]
    [InlineData("-D DFUSE -a 1", 74, "nothing in the file is for that alternate setting")]
    [InlineData("-D DFUSE -a 300", 74, "nothing in the file is for that alternate setting")]
    [InlineData("-D DFUSE -a -1", 0, "")]
    [InlineData("-D DFUSE -a -300", 0, "")]
    [InlineData("-U BIN -s 0x08000000 -a 0", 73, "for writing: File exists")]
    [InlineData("-U NOWHERE -s 0x08000000 -a 0", 73, "for writing: No such file or directory")]
    [InlineData("-U NEW -s 0x1fff0000:32 -a 0", 64, "Page at 0x1fff0000 is not readable")]
    [InlineData("-U NEW -s 0x08000000:32", 74, "More than one DFU capable USB device found!")]
    [InlineData("-e", 74, "More than one DFU capable USB device found!")]
    [InlineData("-s :leave", 74, "More than one DFU capable USB device found!")]
    public async Task It_ends_with_dfu_util_s_exit_code(string line, int exitCode, string message)
    {
        using var shim = new Shim();
        var folder = shim.Cli.Folder;
        var dfuse = await File.ReadAllBytesAsync(shim.DfuSe, TestContext.Current.CancellationToken);
        var files = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["BIN"] = shim.Bin,
            ["DFUSE"] = shim.DfuSe,
            ["EMPTY"] = shim.Cli.Write("empty.bin", []),
            ["TINY"] = shim.Cli.Write("tiny.bin", new byte[16]),
            ["BROKEN"] = shim.Cli.Write("broken.dfu", [.. dfuse[..400], 0xEE, .. dfuse[401..]]),
            ["OTHER"] = shim.Cli.Write("other.dfu", Formats.FirmwareFile.Write(
                Formats.FirmwareFormat.DfuSe,
                Images.FirmwareImage.FromBytes(0x0800_0000, shim.Firmware),
                new Formats.FirmwareWriteOptions { DfuSe = new Formats.DfuSeWriteOptions { VendorId = 0x1209, ProductId = 0x1234 } })),
            ["NEW"] = Path.Combine(folder, "new.bin"),
            ["NOWHERE"] = Path.Combine(folder, "nowhere", "new.bin"),
        };

        var result = await shim.RunAsync([.. line.Split(' ').Select(x => files.GetValueOrDefault(x, x))]);

        Assert.True(exitCode == result.ExitCode, $"{result.ExitCode}: {result.Error}");
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.Equal(exitCode == 0, result.Error.Length == 0);
        Assert.False(File.Exists(files["NEW"]));
        Assert.Equal(shim.Firmware, await File.ReadAllBytesAsync(shim.Bin, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("sim:dfu11-tolerant", "-D BIN -s 0x08000000:leave", 74, "Failed to parse memory layout for alternate interface 0")]
    [InlineData("sim:dfu11-tolerant", "-U NEW", 74, "Defuse reads no image back from a device without DfuSe's memory layout")]
    [InlineData("sim:dfu11-tolerant", "-s :leave", 74, "there are no commands for it")]
    [InlineData("sim:maple", "-D BIN -a 0", 74, "errTARGET")]
    [InlineData("sim:maple", "-D BIN", 74, "More than one DFU capable USB device found!")]
    [InlineData("sim:no-such-board", "-l", 64, "DEFUSE_DEVICE: ")]
    [InlineData("nonsense", "-l", 64, "DEFUSE_DEVICE: ")]
    [InlineData("usbip://127.0.0.1:1/1-1", "-l", 74, "127.0.0.1")]
    public async Task Other_devices_refuse_in_words(string device, string line, int exitCode, string message)
    {
        using var shim = new Shim(device);
        var result = await shim.RunAsync([.. line.Split(' ').Select(x => x switch { "BIN" => shim.Bin, "NEW" => Path.Combine(shim.Cli.Folder, "new.bin"), _ => x })]);
        Assert.True(exitCode == result.ExitCode, $"{result.ExitCode}: {result.Error}");
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(shim.Cli.Folder, "new.bin")));
    }

    [Fact]
    public async Task A_read_that_is_cut_off_leaves_no_file()
    {
        using var shim = new Shim($"{Cli.F767}?fault=unplug@read:700");
        var path = Path.Combine(shim.Cli.Folder, "new.bin");
        var result = await shim.RunAsync("-a", "0", "-s", "0x08000000:4096", "-U", path);
        Assert.Equal(74, result.ExitCode);
        Assert.DoesNotContain("Upload done.", result.Out, StringComparison.Ordinal);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task A_protected_chip_is_refused_and_opened_by_unprotect()
    {
        using var shim = new Shim($"{Cli.F767}?rdp=1");
        string[] flash = ["-a", "0", "-s", Shim.Address, "-D", shim.Bin];

        var refused = await shim.RunAsync(flash);
        var unprotected = await shim.RunAsync("-a", "0", "-s", "0x08000000:unprotect:force", "-D", shim.Bin);
        shim.Device = Cli.F767;
        var flashed = await shim.RunAsync(flash);

        Assert.Equal((74, 0, 0), (refused.ExitCode, unprotected.ExitCode, flashed.ExitCode));
        Assert.Contains("read-out protected", refused.Error, StringComparison.Ordinal);
        Assert.Contains("\nDevice disconnects, erases flash and resets now\n", unprotected.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_that_is_written_as_bytes_is_warned_of()
    {
        using var shim = new Shim();
        var result = await shim.RunAsync("-a", "0", "-s", Shim.Address, "-D", shim.Cli.Sample("blinky.hex"));
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Warning: the file is an Intel HEX file", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-l", 0)]
    [InlineData("-a 0 -s 0x08000000 -D BIN", 74)]
    public async Task A_board_that_cannot_be_opened_is_named_with_the_reason(string line, int exitCode)
    {
        using var cli = new Cli { Providers = [new LockedBoard()] };
        var result = await cli.RunAsync(["dfu-util", .. line.Split(' ').Select(x => x == "BIN" ? cli.Sample("blinky.bin") : x)]);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.StartsWith("dfu-util: Cannot open DFU device 0483:df11 found on devnum 7 (this user may not)\ndfu-util: install the udev rule\n", result.Error, StringComparison.Ordinal);
        Assert.Equal(exitCode != 0, result.Error.Contains("No DFU capable USB device available", StringComparison.Ordinal));
        Assert.DoesNotContain("Found", result.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unplug@write:3000")]
    [InlineData("refuse@write:3000")]
    public async Task A_failure_says_what_it_left(string fault)
    {
        using var shim = new Shim($"{Cli.F767}?fault={fault}");
        var result = await shim.RunAsync("-a", "0", "-s", Shim.Address, "-D", shim.Bin);
        Assert.EndsWith(
            "dfu-util: the work is half done: 0x08000800-0x08000FFF may hold anything; 0x08001000-0x08007FFF erased; 0x08000000-0x080007FF written, not read back; run it again\n",
            result.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_that_changed_nothing_speaks_of_no_half_done_work()
    {
        using var shim = new Shim($"{Cli.F767}?fault=unplug@open:9");
        var result = await shim.RunAsync("-a", "0", "-s", Shim.Address, "-D", shim.Bin);
        Assert.DoesNotContain("half done", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_in_the_middle_says_what_it_left()
    {
        using var interrupt = new CancellationTokenSource();
        using var output = new Watched("\rDownload", interrupt.Cancel);
        using var cli = new Cli { Out = output, Interrupt = interrupt.Token };
        cli.Variables["DEFUSE_DEVICE"] = Cli.F767;
        var result = await cli.RunAsync("dfu-util", "-a", "0", "-s", Shim.Address, "-D", cli.Sample("blinky.bin"));
        Assert.Equal((130, "dfu-util: cancelled: 0x08000000-0x08007FFF erased; run it again\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task Quitting_at_once_says_what_it_leaves()
    {
        Cli? cli = null;
        using var output = new Watched("\rDownload", () => cli!.Application!.Abandon());
        using var running = cli = new Cli { Out = output };
        cli.Variables["DEFUSE_DEVICE"] = Cli.F767;
        var result = await cli.RunAsync("dfu-util", "-a", "0", "-s", Shim.Address, "-D", cli.Sample("blinky.bin"));
        Assert.Equal((0, "dfu-util: quit at once: 0x08000000-0x08007FFF erased; run it again\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task Help_goes_where_dfu_util_sends_it()
    {
        using var shim = new Shim();
        var result = await shim.RunAsync("-h");
        Assert.Equal((0, ""), (result.ExitCode, result.Out));
        Assert.StartsWith("Usage: dfu-util ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_waiting()
    {
        using var interrupt = new CancellationTokenSource();
        using var shim = new Shim();
        shim.Cli.Interrupt = interrupt.Token;
        var waiting = shim.RunAsync("-w", "-S", "nobody", "-a", "0", "-s", Shim.Address, "-D", shim.Bin);
        await interrupt.CancelAsync();
        Assert.Equal(130, (await waiting).ExitCode);
    }

    // Does something when something is first written.
    private sealed class Watched(string what, Action act) : StringWriter
    {
        private bool _hasActed;

        public override void Write(string? value)
        {
            base.Write(value);
            if (!_hasActed && value?.Contains(what, StringComparison.Ordinal) == true)
            {
                _hasActed = true;
                act();
            }
        }
    }
}
