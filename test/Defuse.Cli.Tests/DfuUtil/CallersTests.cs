using System.Globalization;

namespace Defuse.Cli.Tests.DfuUtil;

/// <summary>Programs that call dfu-util: their command lines as they are, and what they make of the output.</summary>
public sealed class CallersTests
{
    [Theory]
    [InlineData("Meadow.CLI", "-a 0 -D FILE -s 134217728:leave")]
    [InlineData("Meadow.CLI, a board by its serial number", "-a 0 -S 32E834423436 -D FILE -s 134217728:leave")]
    [InlineData("QMK Toolbox", "-a 0 -d 0483:DF11 -s 0x08000000:leave -D FILE")]
    [InlineData("Arduino, mbed core", "--device 0483:df11 -D FILE -a0 --dfuse-address=0x08000000:leave")]
    [InlineData("Arduino, ids of the program first", "--device 0x2341:0x025b,0x0483:0xdf11 -D FILE -a0 -s 0x08000000:leave")]
    [InlineData("Zephyr's west", "-d,0483:df11 -s 0x8000000:leave -a 0 -D FILE")]
    [InlineData("PlatformIO", "-d 0x0483:0xdf11,0x0483:0xdf11 -a 0 -s 0x08000000:leave -D FILE")]
    [InlineData("Klipper", "-p sim:nucleo-f767zi -R -a 0 -s 0x8000000:leave -D FILE")]
    [InlineData("Klipper's manual", "-a 0 -d 0483:df11 --dfuse-address 0x08000000 -D FILE")]
    [InlineData("Klipper's manual, forced", "-a 0 -d 0483:df11 --dfuse-address 0x08000000:force:leave -D FILE")]
    [InlineData("qmk flash", "-d 0483:DF11 -a 0 -s 0x08000000:leave -D FILE")]
    [InlineData("QMK with its emulated EEPROM erased", "-a 0 -d 0483:df11 -s 0x08000000:mass-erase:force:leave -D FILE")]
    [InlineData("a Makefile", "-a 0 -i 0 -s 0x08000000:leave -D FILE")]
    [InlineData("a script that waits", "-w -v -a 0 -s 0x08000000:force:leave -D FILE")]
    [InlineData("by the memory's name", "-a NAME -s 0x08000000:leave -D FILE")]
    public async Task A_recipe_flashes(string caller, string recipe)
    {
        using var shim = new Shim();
        var args = recipe.Split(' ').Select(x => x.Replace("FILE", shim.Bin, StringComparison.Ordinal)
            .Replace("NAME", "@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg", StringComparison.Ordinal));

        var result = await shim.RunAsync([.. args]);

        Assert.True(result.ExitCode == 0, $"{caller}: {result.Error}");
        Assert.Contains("\nOpening DFU capable USB device...\n", result.Out, StringComparison.Ordinal);
        Assert.Contains("\nDownload done.\nFile downloaded successfully\n", result.Out, StringComparison.Ordinal);
        Assert.Equal(recipe.Contains("leave", StringComparison.Ordinal), result.Out.Contains("\nSubmitting leave request...\n", StringComparison.Ordinal));
        Assert.Equal(shim.Firmware, await shim.HeldAsync(shim.Firmware.Length));
    }

    [Theory]
    [InlineData("-D DFUSE")]
    [InlineData("-a 0 -D DFUSE")]
    [InlineData("-a 0 -d 0483:df11 -D DFUSE")]
    [InlineData("-s :leave -D DFUSE")]
    [InlineData("-d ,0483:df11 -a0 -s :leave -D DFUSE")]
    public async Task A_recipe_flashes_a_DfuSe_file(string recipe)
    {
        using var shim = new Shim();

        var result = await shim.RunAsync([.. recipe.Split(' ').Select(x => x.Replace("DFUSE", shim.DfuSe, StringComparison.Ordinal))]);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("\nDone parsing DfuSe file\n", result.Out, StringComparison.Ordinal);
        Assert.Equal(recipe.Contains("leave", StringComparison.Ordinal), result.Out.Contains("\nSubmitting leave request...\n", StringComparison.Ordinal));
        var bin = await File.ReadAllBytesAsync(shim.Cli.Sample("blinky.bin"), TestContext.Current.CancellationToken);
        Assert.Equal(bin, await shim.HeldAsync(bin.Length));
    }

    [Fact]
    public async Task Arduino_s_Maple_recipe_flashes_a_device_without_addresses()
    {
        using var shim = new Shim("sim:maple");
        var result = await shim.RunAsync("-d", "1EAF:0003", "-a", "2", "-D", shim.Bin, "-R");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("\nCopying data from PC to DFU device\n", result.Out, StringComparison.Ordinal);
        Assert.Contains("\nDownload done.\n", result.Out, StringComparison.Ordinal);
    }

    // It reads lines that carriage returns end too, and takes what stands before the first '%' of each.
    [Fact]
    public async Task Meadow_finds_its_percentages()
    {
        using var shim = new Shim();
        var result = await shim.RunAsync("-a", "0", "-D", shim.Bin, "-s", "134217728:leave");

        var seen = result.Out.Split('\r', '\n').Where(x => x.Contains('%', StringComparison.Ordinal)).Select(x => x[..x.IndexOf('%', StringComparison.Ordinal)]).ToList();

        foreach (var label in new[] { "Erase   \t", "Download\t" })
        {
            var percentages = seen.Where(x => x.StartsWith(label, StringComparison.Ordinal)).Select(x => int.Parse(x[^3..], NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture)).ToList();
            Assert.Equal((0, 100), (percentages[0], percentages[^1]));
            Assert.True(percentages.Count > 3, string.Join(' ', percentages));
            Assert.Equal(percentages.Distinct().Order(), percentages);
        }
    }

    // west waits until this text is in the listing.
    [Theory]
    [InlineData("-d,0483:df11 -l", ", alt=0,")]
    [InlineData("-d,0483:df11 -l", ", name=\"@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg\",")]
    public async Task West_finds_its_memory_in_the_listing(string recipe, string expected)
    {
        using var shim = new Shim();
        var result = await shim.RunAsync(recipe.Split(' '));
        Assert.Equal(0, result.ExitCode);
        Assert.Contains(expected, result.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-V")]
    [InlineData("--version")]
    public async Task The_version_stands_where_callers_look_for_it(string option)
    {
        using var shim = new Shim();
        var result = await shim.RunAsync(option);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal("dfu-util 0.11", result.Out.Split('\n')[0]);
    }
}
