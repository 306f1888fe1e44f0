using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Cli.Tests;

public class ConvertTests
{
    private static readonly byte[] Boot = Bytes(0x40, 1);
    private static readonly byte[] Application = Bytes(0x60, 2);

    public static TheoryData<string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (var from in FormatTable.Written)
            {
                foreach (var to in FormatTable.Written)
                {
                    pairs.Add(from.Extensions[0], to.Extensions[0]);
                }
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task There_and_back_gives_the_same_image(string from, string to)
    {
        using var cli = new Cli();
        var (first, second, third) = (Out(cli, "first" + from), Out(cli, "second" + to), Out(cli, "third" + from));

        // Whole pages, which is what UF2 holds.
        Assert.Equal(0, (await cli.RunAsync("convert", cli.Dfu, "-o", first, "--range", "0x08000000+1280", "--fill", "0xFF")).ExitCode);
        var sample = FirmwareImage.FromBytes(0x0800_0000, [.. await File.ReadAllBytesAsync(cli.Sample("blinky.bin")), .. Enumerable.Repeat((byte)0xFF, 224)]);
        Assert.Equal(0, (await cli.RunAsync("convert", first, "-o", second)).ExitCode);
        var result = await cli.RunAsync("convert", second, "-o", third);
        Assert.Equal((0, ""), (result.ExitCode, result.Out));
        Assert.Equal(sample, await ImageAsync(second));
        Assert.Equal(sample, await ImageAsync(third));
        Assert.Equal(FormatTable.Written.First(x => x.Extensions[0] == to).Format, FirmwareFile.Parse(await File.ReadAllBytesAsync(second)).Format);
        Assert.Equal(5, Directory.GetFiles(cli.Folder).Length);
    }

    [Theory]
    [InlineData("OUT.HEX", FirmwareFormat.IntelHex)]
    [InlineData("out.ihex", FirmwareFormat.IntelHex)]
    [InlineData("out.ihx", FirmwareFormat.IntelHex)]
    [InlineData("out.srec", FirmwareFormat.SRecord)]
    [InlineData("out.S19", FirmwareFormat.SRecord)]
    [InlineData("out.s28", FirmwareFormat.SRecord)]
    [InlineData("out.s37", FirmwareFormat.SRecord)]
    [InlineData("out.mot", FirmwareFormat.SRecord)]
    [InlineData("out.uf2", FirmwareFormat.Uf2)]
    [InlineData("out.dfu", FirmwareFormat.DfuSe)]
    public async Task The_extension_says_the_format(string name, FirmwareFormat format)
    {
        using var cli = new Cli();
        Assert.Equal(0, (await cli.RunAsync("convert", cli.Sample("blinky.bin"), "-o", Out(cli, name))).ExitCode);
        Assert.Equal(format, FirmwareFile.Parse(await File.ReadAllBytesAsync(Out(cli, name))).Format);
    }

    [Fact]
    public async Task An_option_beats_the_extension()
    {
        using var cli = new Cli();
        Assert.Equal(0, (await cli.RunAsync("convert", cli.Dfu, "-o", Out(cli, "out.bin"), "--to", "hex")).ExitCode);
        Assert.Equal(FirmwareFormat.IntelHex, FirmwareFile.Parse(await File.ReadAllBytesAsync(Out(cli, "out.bin"))).Format);
    }

    [Fact]
    public async Task What_was_done_is_said()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("convert", cli.Dfu, "-o", Out(cli, "out.hex"));
        Assert.Equal("Converted blinky.dfu to out.hex: 1,056 bytes in 1 segment.\n", cli.Scrub(result.Error));
        result = await cli.RunAsync("convert", cli.Dfu, "-o", Out(cli, "out.bin"));
        Assert.Equal("Converted blinky.dfu to out.bin: 1,056 bytes; the file starts at 0x08000000.\n", cli.Scrub(result.Error));
        result = await cli.RunAsync("convert", Hex(cli, "a.hex", 0x100, Boot), Hex(cli, "b.hex", 0x1000, Boot), "-o", Out(cli, "out.bin"), "-v");
        Assert.Equal(
            """
            a.hex: an Intel HEX file
            b.hex: an Intel HEX file
              0x00000100-0x0000013F  64 bytes
              0x00001000-0x0000103F  64 bytes
            Converted a.hex and b.hex to out.bin: 128 bytes, 3,776 bytes of filler between them; the file starts at 0x00000100.

            """.ReplaceLineEndings("\n"),
            cli.Scrub(result.Error));
        Assert.Empty((await cli.RunAsync("convert", cli.Dfu, "-o", Out(cli, "out.hex"), "-q")).Error);
    }

    [Fact]
    public async Task The_result_has_the_amount_the_ranges_and_the_format()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("convert", Hex(cli, "a.hex", 0x100, Boot), Hex(cli, "b.hex", 0x1000, Boot), "-o", Out(cli, "out.dfu"), "--json");
        Assert.Equal(
            """{"schema":1,"type":"result","command":"convert","outcome":"done","exitCode":0,"bytes":128,"format":"dfu","ranges":[{"start":"0x00000100","length":64},{"start":"0x00001000","length":64}],"error":null,"warnings":[],"file":"out.dfu"}""" + "\n",
            cli.Scrub(result.Out));
    }

    [Fact]
    public async Task Files_are_merged()
    {
        using var cli = new Cli();
        var raw = cli.Write("app.bin", Application);
        var result = await cli.RunAsync("convert", Hex(cli, "boot.hex", 0x0800_0000, Boot), raw + "@0x08000040", "-o", Out(cli, "all.hex"));
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(FirmwareImage.FromBytes(0x0800_0000, [.. Boot, .. Application]), await ImageAsync(Out(cli, "all.hex")));
    }

    [Fact]
    public async Task Files_that_agree_where_they_overlap_are_merged()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("convert", Hex(cli, "a.hex", 0x100, Boot), Hex(cli, "b.hex", 0x120, Boot[0x20..]), "-o", Out(cli, "all.hex"));
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(FirmwareImage.FromBytes(0x100, Boot), await ImageAsync(Out(cli, "all.hex")));
    }

    [Fact]
    public async Task Files_that_disagree_are_refused_by_name()
    {
        using var cli = new Cli();
        string[] args = ["convert", Hex(cli, "a.hex", 0x100, Boot), Hex(cli, "b.hex", 0x130, Application), "-o", Out(cli, "all.hex")];
        var result = await cli.RunAsync([.. args, "--json"]);
        Assert.Equal(5, result.ExitCode);
        Assert.Equal(
            $"""
            error: 0x00000100-0x0000013F (a.hex) and 0x00000130-0x0000018F (b.hex) disagree at 0x00000130: 0x{Boot[0x30]:X2} and 0x{Application[0]:X2}
              at 0x00000130
              help: leave one of the two out, or keep what does not overlap with --range START+LENGTH

            """.ReplaceLineEndings("\n"),
            cli.Scrub(result.Error));
        Assert.Equal("conflict", result.Result.GetProperty("error").GetProperty("kind").GetString());
        Assert.False(File.Exists(Out(cli, "all.hex")));

        // What is not kept may disagree.
        Assert.Equal(0, (await cli.RunAsync([.. args, "--range", "0x100+0x30", "--range", "0x140+0x50"])).ExitCode);
        var image = await ImageAsync(Out(cli, "all.hex"));
        Assert.Equal([new AddressRange(0x100, 0x30), new AddressRange(0x140, 0x50)], image.Segments.Select(x => x.Range));
    }

    [Fact]
    public async Task Of_three_files_the_two_that_disagree_are_named()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync(
            "convert", Hex(cli, "a.hex", 0x100, Boot), Hex(cli, "b.hex", 0x100, Boot), Hex(cli, "c.hex", 0x100, Application), "-o", Out(cli, "all.hex"));
        Assert.Contains("(a.hex) and 0x00000100-0x0000015F (c.hex)", cli.Scrub(result.Error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ranges_are_kept_and_the_rest_is_not()
    {
        using var cli = new Cli();
        var path = Hex(cli, "a.hex", 0x100, Boot);
        Assert.Equal(0, (await cli.RunAsync("convert", path, "-o", Out(cli, "out.hex"), "--range", "0x110+8", "--range", "0x118+8", "--range", "0x130+1K")).ExitCode);
        var image = await ImageAsync(Out(cli, "out.hex"));
        Assert.Equal([new AddressRange(0x110, 16), new AddressRange(0x130, 16)], image.Segments.Select(x => x.Range));
        Assert.Equal(Boot[0x10..0x20], image.Segments[0].Data.ToArray());
    }

    [Fact]
    public async Task A_range_with_nothing_in_it_is_told()
    {
        using var cli = new Cli();
        var path = Hex(cli, "a.hex", 0x100, Boot);
        var result = await cli.RunAsync("convert", path, "-o", Out(cli, "out.hex"), "--range", "0x100+8", "--range", "0x900+8");
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("warning: no byte of the firmware lies in 0x00000900-0x00000907\n", result.Error, StringComparison.Ordinal);
        result = await cli.RunAsync("convert", path, "-o", Out(cli, "none.hex"), "--range", "0x900+8");
        Assert.Equal(
            (2, "error: no byte of the firmware lies in 0x00000900-0x00000907\n  help: its bytes lie in 0x00000100-0x0000013F\n"), (result.ExitCode, result.Error));
        Assert.False(File.Exists(Out(cli, "none.hex")));
    }

    [Fact]
    public async Task Gaps_are_filled_between_the_bytes_or_in_the_ranges()
    {
        using var cli = new Cli();
        string[] args = ["convert", Hex(cli, "a.hex", 0x100, [1, 2]), Hex(cli, "b.hex", 0x108, [3]), "-o", Out(cli, "out.hex"), "--fill", "0xA5"];
        Assert.Equal(0, (await cli.RunAsync(args)).ExitCode);
        Assert.Equal(FirmwareImage.FromBytes(0x100, [1, 2, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 3]), await ImageAsync(Out(cli, "out.hex")));
        Assert.Equal(0, (await cli.RunAsync([.. args, "--range", "0xFE+5", "--range", "0x107+3"])).ExitCode);
        var expected = new FirmwareImageBuilder();
        expected.Add(0xFE, [0xA5, 0xA5, 1, 2, 0xA5]);
        expected.Add(0x107, [0xA5, 3, 0xA5]);
        Assert.Equal(expected.Build(), await ImageAsync(Out(cli, "out.hex")));
    }

    [Theory]
    [InlineData("0x00", 0)]
    [InlineData("90", 90)]
    [InlineData(null, 0xFF)]
    public async Task The_filler_of_a_bin_is_what_was_said(string? fill, byte expected)
    {
        using var cli = new Cli();
        string[] args = ["convert", Hex(cli, "a.hex", 0x100, [1]), Hex(cli, "b.hex", 0x103, [2]), "-o", Out(cli, "out.bin"), .. fill is null ? [] : new[] { "--fill", fill }];
        Assert.Equal(0, (await cli.RunAsync(args)).ExitCode);
        Assert.Equal([1, expected, expected, 2], await File.ReadAllBytesAsync(Out(cli, "out.bin")));
    }

    [Fact]
    public async Task Distant_parts_are_not_filled()
    {
        using var cli = new Cli();
        string[] args = ["convert", Hex(cli, "a.hex", 0, Boot), Hex(cli, "b.hex", 0x9000_0000, Boot)];
        var result = await cli.RunAsync([.. args, "-o", Out(cli, "out.bin")]);
        Assert.Equal(5, result.ExitCode);
        Assert.Contains("a raw binary of 0x00000000-0x9000003F would take", result.Error, StringComparison.Ordinal);
        result = await cli.RunAsync([.. args, "-o", Out(cli, "out.hex"), "--fill", "0"]);
        Assert.Equal(5, result.ExitCode);
        Assert.Contains("more than are filled", result.Error, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFiles(cli.Folder).Length);
    }

    [Fact]
    public async Task Raw_bytes_go_where_it_is_said()
    {
        using var cli = new Cli();
        var path = cli.Write("app.bin", Application);
        foreach (var args in new string[][] { [path, "--address", "0x08020000"], [path + "@0x08020000"] })
        {
            Assert.Equal(0, (await cli.RunAsync(["convert", .. args, "-o", Out(cli, "out.hex")])).ExitCode);
            Assert.Equal(FirmwareImage.FromBytes(0x0802_0000, Application), await ImageAsync(Out(cli, "out.hex")));
        }
    }

    [Fact]
    public async Task Where_raw_bytes_were_taken_to_belong_is_told()
    {
        using var cli = new Cli();
        const string Told = "blinky.bin is taken to belong at 0x08000000, which its vector table fits; --address says otherwise.\n";
        string[] args = ["convert", cli.Sample("blinky.bin"), "-o", Out(cli, "out.hex")];
        Assert.StartsWith(Told, cli.Scrub((await cli.RunAsync(args)).Error), StringComparison.Ordinal);
        Assert.StartsWith("Converted", (await cli.RunAsync([.. args, "-a", "0x08000000"])).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_raw_file_among_others_takes_the_address()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync(
            "convert", Hex(cli, "a.hex", 0x100, Boot), cli.Write("b.bin", Application), cli.Write("c.bin", Boot) + "@0x400", "-a", "0x200", "-o", Out(cli, "out.hex"));
        Assert.Equal(0, result.ExitCode);
        Assert.Equal([0x100u, 0x200u, 0x400u], (await ImageAsync(Out(cli, "out.hex"))).Segments.Select(x => x.Range.Start));
    }

    [Fact]
    public async Task A_file_that_really_has_an_at_in_its_name_wins()
    {
        using var cli = new Cli();
        cli.Write("app.bin", Boot);
        var path = cli.Write("app.bin@0x400", Application);
        Assert.Equal(0, (await cli.RunAsync("convert", path, "-a", "0x800", "-o", Out(cli, "out.hex"))).ExitCode);
        Assert.Equal(FirmwareImage.FromBytes(0x800, Application), await ImageAsync(Out(cli, "out.hex")));
    }

    [Fact]
    public async Task Text_with_an_address_is_raw_bytes()
    {
        using var cli = new Cli();
        var path = cli.Write("notes.bin", "Some text, with no firmware in it."u8.ToArray());
        Assert.Equal(5, (await cli.RunAsync("convert", path, "-o", Out(cli, "out.hex"))).ExitCode);
        Assert.Equal(0, (await cli.RunAsync("convert", path + "@0x100", "-o", Out(cli, "out.hex"))).ExitCode);
        Assert.Equal(0, (await cli.RunAsync("convert", path, "-a", "0x100", "-o", Out(cli, "out.hex"))).ExitCode);
    }

    [Fact]
    public async Task Stdin_and_stdout_are_pipes_for_bytes()
    {
        using var cli = new Cli();
        cli.Input = await File.ReadAllBytesAsync(cli.Dfu);
        var result = await cli.RunAsync("convert", "-", "-o", "-", "--to", "bin");
        Assert.Equal((0, "", "Converted stdin to stdout: 1,056 bytes; the file starts at 0x08000000.\n"), (result.ExitCode, result.Out, result.Error));
        Assert.Equal(await File.ReadAllBytesAsync(cli.Sample("blinky.bin")), result.OutBytes);
        cli.Input = result.OutBytes;
        result = await cli.RunAsync("convert", "-@0x08020000", "-o", "-", "--to", "hex", "-q");
        Assert.Equal((0, "", ""), (result.ExitCode, result.Out, result.Error));
        Assert.Equal(FirmwareImage.FromBytes(0x0802_0000, cli.Input), FirmwareFile.Parse(result.OutBytes).Image);
    }

    [Fact]
    public async Task A_file_is_replaced_by_its_own_conversion()
    {
        using var cli = new Cli();
        var path = Hex(cli, "a.hex", 0x100, Boot);
        Assert.Equal(0, (await cli.RunAsync("convert", path, "-o", path, "--range", "0x100+4")).ExitCode);
        Assert.Equal(FirmwareImage.FromBytes(0x100, Boot.AsSpan(0, 4)), await ImageAsync(path));
        Assert.Equal([path], Directory.GetFiles(cli.Folder));
    }

    [Fact]
    public async Task A_conversion_that_fails_leaves_the_file_as_it_was()
    {
        using var cli = new Cli();
        var path = cli.Write("a.hex", ":0000000"u8.ToArray());
        Assert.Equal(5, (await cli.RunAsync("convert", path, "-o", path)).ExitCode);
        Assert.Equal(":0000000"u8.ToArray(), await File.ReadAllBytesAsync(path));
    }

    [Fact]
    public async Task An_unfinished_file_of_somebody_else_is_not_touched()
    {
        using var cli = new Cli();
        var part = Hex(cli, "a.hex.part", 0x100, Boot);
        var before = await File.ReadAllBytesAsync(part);
        var result = await cli.RunAsync("convert", part, "-o", Out(cli, "a.hex"));
        Assert.Equal(
            (2, "error: a.hex.part is in the way: a.hex is written under that name until it is whole\n  help: remove or rename it, or choose another name\n"),
            (result.ExitCode, cli.Scrub(result.Error)));
        Assert.Equal(before, await File.ReadAllBytesAsync(part));
    }

    [Fact]
    public async Task A_dfu_file_keeps_its_device_and_its_targets_name()
    {
        using var cli = new Cli();
        var options = new DfuSeWriteOptions { VendorId = 0x1209, ProductId = 0x5741, DeviceRelease = 0x0200, AlternateSetting = 3, TargetName = "External Flash" };
        var path = cli.Write("a.dfu", DfuSeFormat.Write(FirmwareImage.FromBytes(0x9000_0000, Boot), options));
        var result = await cli.RunAsync("convert", path, "-o", Out(cli, "out.dfu"), "--range", "0x90000000+16");
        Assert.Equal("Converted a.dfu to out.dfu: 16 bytes in 1 segment.\n", cli.Scrub(result.Error));
        var expected = DfuSeFormat.Write(FirmwareImage.FromBytes(0x9000_0000, Boot.AsSpan(0, 16)), options);
        Assert.Equal(expected, await File.ReadAllBytesAsync(Out(cli, "out.dfu")));
    }

    [Fact]
    public async Task Devices_that_a_dfu_file_has_no_room_for_are_told()
    {
        using var cli = new Cli();
        var other = new DfuSeWriteOptions { VendorId = 0x1209, ProductId = 0x5741 };
        string[] args =
        [
            "convert",
            cli.Write("a.dfu", DfuSeFormat.Write(FirmwareImage.FromBytes(0x100, Boot))),
            cli.Write("b.dfu", DfuSeFormat.Write(FirmwareImage.FromBytes(0x200, Boot), other)),
        ];
        var result = await cli.RunAsync([.. args, "-o", Out(cli, "out.dfu")]);
        Assert.StartsWith("warning: the files are for the USB devices 0483:df11 and 1209:5741; 0483:df11 is kept\n", result.Error, StringComparison.Ordinal);
        Assert.StartsWith("Converted", (await cli.RunAsync([.. args, "-o", Out(cli, "out.hex")])).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("out.dfu", ", all of it for 0\n")]
    [InlineData("out.hex", "; an Intel HEX file has no alternate settings\n")]
    [InlineData("out.bin", "; raw bytes have no alternate settings\n")]
    public async Task A_second_alternate_setting_that_is_lost_is_told(string output, string expected)
    {
        using var cli = new Cli();
        string[] args =
        [
            "convert",
            cli.Write("a.dfu", DfuSeFormat.Write(FirmwareImage.FromBytes(0x100, Boot))),
            cli.Write("b.dfu", DfuSeFormat.Write(FirmwareImage.FromBytes(0x200, Boot), new DfuSeWriteOptions { AlternateSetting = 1 })),
            "-o", Out(cli, output),
        ];
        Assert.StartsWith("warning: what belongs to the alternate settings 0 and 1 is merged by its addresses" + expected, (await cli.RunAsync(args)).Error, StringComparison.Ordinal);
        Assert.StartsWith("Converted", (await cli.RunAsync([.. args, "--range", "0x100+64"])).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_entry_point_is_kept_and_of_two_the_first()
    {
        using var cli = new Cli();
        var first = cli.Write("a.hex", IntelHexFormat.Write(FirmwareImage.FromBytes(0x100, Boot), 0x111));
        var second = cli.Write("b.hex", IntelHexFormat.Write(FirmwareImage.FromBytes(0x200, Boot), 0x211));
        Assert.Equal("Converted a.hex to out.hex: 64 bytes in 1 segment.\n", cli.Scrub((await cli.RunAsync("convert", first, "-o", Out(cli, "out.hex"))).Error));
        Assert.Equal(0x111u, await EntryAsync());
        var result = await cli.RunAsync("convert", first, second, "-o", Out(cli, "out.hex"));
        Assert.StartsWith("warning: a.hex starts at 0x00000111 and b.hex at 0x00000211; the first is kept\n", cli.Scrub(result.Error), StringComparison.Ordinal);
        Assert.Equal(0x111u, await EntryAsync());
        result = await cli.RunAsync("convert", first, "-o", Out(cli, "out.hex"), "--range", "0x111+8", "-v");
        Assert.StartsWith("a.hex: an Intel HEX file\nthe entry point 0x00000111 is not among the bytes that are kept", cli.Scrub(result.Error), StringComparison.Ordinal);
        Assert.Null(await EntryAsync());
        var outside = cli.Write("c.hex", IntelHexFormat.Write(FirmwareImage.FromBytes(0x100, Boot), 0x2000_0001));
        Assert.Equal(0, (await cli.RunAsync("convert", outside, "-o", Out(cli, "out.hex"))).ExitCode);
        Assert.Equal(0x2000_0001u, await EntryAsync());
        Assert.Equal("Converted a.hex to out.bin: 64 bytes; the file starts at 0x00000100.\n", cli.Scrub((await cli.RunAsync("convert", first, "-o", Out(cli, "out.bin"))).Error));

        async Task<uint?> EntryAsync() => FirmwareFile.Parse(await File.ReadAllBytesAsync(Out(cli, "out.hex"))).EntryPoint;
    }

    [Theory]
    [InlineData("stm32f4", 0x5775_5A57)]
    [InlineData("0x12345678", 0x1234_5678)]
    public async Task A_family_is_written_into_a_uf2_file_and_kept(string family, uint expected)
    {
        using var cli = new Cli();
        var (first, second) = (Out(cli, "a.uf2"), Out(cli, "b.uf2"));
        var result = await cli.RunAsync("convert", Hex(cli, "a.hex", 0x0800_0120, Boot), "-o", first, "--family", family);
        Assert.Equal("Converted a.hex to a.uf2: 64 bytes in 1 segment, and 192 bytes of filler up to whole pages.\n", cli.Scrub(result.Error));
        Assert.Equal(expected, FirmwareFile.Parse(await File.ReadAllBytesAsync(first)).Uf2!.Family);
        result = await cli.RunAsync("convert", first, "-o", second);
        Assert.EndsWith("Converted a.uf2 to b.uf2: 256 bytes in 1 segment.\n", cli.Scrub(result.Error), StringComparison.Ordinal);
        Assert.Equal(await File.ReadAllBytesAsync(first), await File.ReadAllBytesAsync(second));
    }

    [Fact]
    public async Task A_named_pipe_is_written_to_and_stays_one()
    {
        using var cli = new Cli();
        var pipe = Out(cli, "pipe.hex");
        Assert.SkipUnless(File.Exists("/usr/bin/mkfifo"), "There is no mkfifo here.");
        using (var making = System.Diagnostics.Process.Start("/usr/bin/mkfifo", [pipe]))
        {
            await making.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var reading = Task.Run(() => File.ReadAllText(pipe), TestContext.Current.CancellationToken);
        Assert.Equal(0, (await cli.RunAsync("convert", Hex(cli, "a.hex", 0x100, Boot), "-o", pipe)).ExitCode);
        Assert.EndsWith(":00000001FF\r\n", await reading, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_is_written_through()
    {
        using var cli = new Cli();
        var real = cli.Write("real.hex", []);
        File.CreateSymbolicLink(Out(cli, "link.hex"), real);
        Assert.Equal(0, (await cli.RunAsync("convert", Hex(cli, "a.hex", 0x100, Boot), "-o", Out(cli, "link.hex"))).ExitCode);
        Assert.NotEmpty(await File.ReadAllBytesAsync(real));
        Assert.NotNull(new FileInfo(Out(cli, "link.hex")).LinkTarget);
    }

    [Fact]
    public async Task A_family_that_is_missing_or_that_there_is_no_room_for_is_told()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("convert", Hex(cli, "a.hex", 0x100, Boot), "-o", Out(cli, "out.uf2"));
        Assert.StartsWith("warning: the UF2 file names no family of chips, ", result.Error, StringComparison.Ordinal);
        result = await cli.RunAsync(
            "convert",
            cli.Write("a.uf2", Uf2Format.Write(FirmwareImage.FromBytes(0x0800_0100, Boot), 0x5775_5A57)),
            cli.Write("b.uf2", Uf2Format.Write(FirmwareImage.FromBytes(0x0800_0200, Boot), 0x53B8_0F00)),
            "-o", Out(cli, "out.uf2"));
        Assert.StartsWith("warning: the files are for the UF2 families STM32F4 and STM32F7; STM32F4 is kept\n", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_s_record_keeps_its_header_and_its_entry_point()
    {
        using var cli = new Cli();
        var bytes = SRecordFormat.Write(FirmwareImage.FromBytes(0x100, Boot), "boot 1.2", 0x111);
        Assert.Equal(0, (await cli.RunAsync("convert", cli.Write("a.srec", bytes), "-o", Out(cli, "out.srec"))).ExitCode);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Out(cli, "out.srec")));

        // As UTF-8 it would take more than a record holds.
        var data = new byte[] { 203, 0, 0 }.Concat(Enumerable.Repeat((byte)0xE9, 200)).ToArray();
        var header = $"S0{Convert.ToHexString(data)}{(byte)(0xFF - (data.Sum(x => x) & 0xFF)):X2}\n";
        var path = cli.Write("e.srec", [.. System.Text.Encoding.ASCII.GetBytes(header), .. bytes.SkipWhile(x => x != '\n').Skip(1)]);
        Assert.Equal(0, (await cli.RunAsync("convert", path, "-o", Out(cli, "out.srec"))).ExitCode);
        Assert.Null(FirmwareFile.Parse(await File.ReadAllBytesAsync(Out(cli, "out.srec"))).Header);

        // Address 0 in the last record stands for none.
        bytes = SRecordFormat.Write(FirmwareImage.FromBytes(0x100, Boot));
        Assert.Equal(0, (await cli.RunAsync("convert", cli.Write("a.srec", bytes), "-o", Out(cli, "out.hex"))).ExitCode);
        Assert.Null(FirmwareFile.Parse(await File.ReadAllBytesAsync(Out(cli, "out.hex"))).EntryPoint);
    }

    [Fact]
    public async Task A_broken_file_among_several_is_named()
    {
        using var cli = new Cli();
        var bytes = await File.ReadAllBytesAsync(cli.Dfu);
        bytes[^1] ^= 1;
        var bad = cli.Write("bad.dfu", bytes);
        string[] args = ["convert", Hex(cli, "a.hex", 0x100, Boot), bad, "-o", Out(cli, "out.hex")];
        var result = await cli.RunAsync(args);
        Assert.Equal(5, result.ExitCode);
        Assert.Contains("\n  in bad.dfu\n  help: ", cli.Scrub(result.Error), StringComparison.Ordinal);
        Assert.Contains("--allow crc\n", result.Error, StringComparison.Ordinal);
        result = await cli.RunAsync([.. args, "--allow", "crc"]);
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("warning: bad.dfu: offset 0x", cli.Scrub(result.Error), StringComparison.Ordinal);
        result = await cli.RunAsync("convert", bad, "-o", Out(cli, "out.hex"));
        Assert.DoesNotContain("\n  in ", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RAW -o OUT.hex", "address-needed", "the file holds raw bytes without addresses", "say where its first byte goes with --address")]
    [InlineData("HEX RAW -o OUT.hex", "address-needed", "  in raw.bin\n", "say where the first byte goes behind its name: raw.bin@0x08020000")]
    [InlineData("RAW RAW2 -a 0x100 -o OUT.hex", "usage", "--address is for one raw file, and raw.bin and raw2.bin are raw", "raw.bin@0x08020000")]
    [InlineData("HEX -a 0x100 -o OUT.hex", "usage", "--address is for raw bytes, and a.hex says where its bytes belong", "leave --address out")]
    [InlineData("HEX HEX -a 0x100 -o OUT.hex", "usage", "--address is for raw bytes, and the files say where their bytes belong", "leave --address out")]
    [InlineData("HEX@0x100 -o OUT.hex", "usage", "an address is for raw bytes, and a.hex says by itself", "leave the address out")]
    [InlineData("RAW@0xFFFFFFFF -o OUT.hex", "usage", "64 bytes at 0xFFFFFFFF would end past 0xFFFFFFFF", "")]
    [InlineData("RAW@08020000 -o OUT.hex", "usage", "'08020000' is no address", "did you mean 0x08020000?, behind the @ of raw.bin@08020000")]
    [InlineData("nothing@0x100 -o OUT.hex", "usage", "there is no file nothing\n", "")]
    [InlineData("HEX -o OUT.xyz", "usage", "the name out.xyz says no format that is written", "or say --to")]
    [InlineData("HEX -o OUT.elf", "usage", "the name out.elf says no format that is written", "or say --to")]
    [InlineData("HEX -o -", "usage", "the name - says no format that is written", "or say --to")]
    [InlineData("- - -o OUT.hex", "usage", "stdin can be read once only: give - once", "convert --help")]
    [InlineData("- -@0x100 -o OUT.hex", "usage", "stdin can be read once only: give - once", "convert --help")]
    [InlineData("HEX --filll -o OUT.hex", "usage", "there is no option '--filll', did you mean --fill?", "convert --help")]
    [InlineData("HEX", "usage", "option '--output' is required", "convert --help")]
    [InlineData("-o OUT.hex", "usage", "IN is missing", "convert --help")]
    [InlineData("HEX -o OUT.hex --to elf", "usage", "'elf' is none of dfu, hex", "convert --help")]
    [InlineData("HEX -o OUT.hex --fill 0x100", "usage", "'0x100' is no byte; write it like 0xFF", "convert --help")]
    [InlineData("HEX -o OUT.hex --range 08000000+1K", "usage", "did you mean 0x08000000+1K?", "convert --help")]
    [InlineData("HEX -o OUT.hex --family STM32F4", "usage", "--family is for UF2 files, and out.hex becomes an Intel HEX file", "leave --family out")]
    [InlineData("HEX -o OUT.uf2 --family STM32F5", "usage", "'STM32F5' is no UF2 family; those with names are STM32F0, STM32F1", "convert --help")]
    [InlineData("HEX -o nowhere/out.hex", "usage", "there is no folder ", "")]
    public async Task A_mistake_is_told_with_its_remedy(string line, string kind, string reason, string remedy)
    {
        using var cli = new Cli();
        var words = line.Split(' ').Select(x => x
            .Replace("RAW2", cli.Write("raw2.bin", Boot), StringComparison.Ordinal)
            .Replace("RAW", cli.Write("raw.bin", Boot), StringComparison.Ordinal)
            .Replace("HEX", Hex(cli, "a.hex", 0x100, Boot), StringComparison.Ordinal)
            .Replace("OUT", Out(cli, "out"), StringComparison.Ordinal));
        var result = await cli.RunAsync(["convert", .. words]);
        Assert.Equal((2, ""), (result.ExitCode, result.Out));
        Assert.Contains(reason, cli.Scrub(result.Error), StringComparison.Ordinal);
        Assert.Contains(remedy, cli.Scrub(result.Error), StringComparison.Ordinal);
        result = await cli.RunAsync(["convert", .. words, "--json"]);
        Assert.Equal(kind, result.Result.GetProperty("error").GetProperty("kind").GetString());
        Assert.Equal(3, Directory.GetFiles(cli.Folder).Length);
    }

    private static string Out(Cli cli, string name) => Path.Combine(cli.Folder, name);

    private static string Hex(Cli cli, string name, uint address, byte[] bytes) =>
        cli.Write(name, IntelHexFormat.Write(FirmwareImage.FromBytes(address, bytes)));

    // Raw bytes are those of the start of flash.
    private static async Task<FirmwareImage> ImageAsync(string path)
    {
        var file = FirmwareFile.Parse(await File.ReadAllBytesAsync(path));
        return file.NeedsAddress ? file.At(0x0800_0000).Image : file.Image;
    }

    private static byte[] Bytes(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
