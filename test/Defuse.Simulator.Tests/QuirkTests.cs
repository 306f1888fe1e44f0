using Defuse.Transports;

namespace Defuse.Simulator.Tests;

/// <summary>What bootloaders are known to do wrong, each on the board that does it.</summary>
public sealed class QuirkTests
{
    private const byte ErrAddress = 8, ErrVendor = 11, ErrUnknown = 14, ErrStalledPkt = 15;
    private const uint SecondBank = 0x0810_0000;

    [Fact]
    public async Task An_H743_revision_V_never_says_that_an_erase_in_its_second_bank_is_done()
    {
        var board = Wire.Board("nucleo-h743zi", 0, ("rev", "v"));
        board.Chip.WriteFlash(0x0800_0000, new byte[board.Chip.FlashSize]);
        var wire = await Wire.OpenAsync(board);
        await wire.EraseAsync(SecondBank - 1);

        await wire.DnloadAsync(0, Wire.Address(0x41, SecondBank));
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal((0, 100, Wire.DnBusy), await wire.StatusAsync());
            await Task.Delay(TimeSpan.FromMilliseconds(100), board.Clock);
        }

        Assert.Equal(0xFF, Flash(board, SecondBank, 1)[0]);
        Assert.Equal(UsbControlStatus.Ack, await wire.ClrStatusAsync());
        Assert.Equal((ErrUnknown, 0, Wire.Error), await wire.StatusAsync());
        Assert.Equal(UsbControlStatus.Ack, await wire.ClrStatusAsync());
        Assert.Equal((0, 0, Wire.Idle), await wire.StatusAsync());
        Assert.Equal(1, board.Chip.EraseCount(SecondBank));
        await wire.SetAddressAsync(SecondBank);
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, new byte[32]));
    }

    [Fact]
    public async Task An_H743_revision_V_that_is_cleared_early_answers_when_the_erase_is_done()
    {
        var board = Wire.Board("nucleo-h743zi", 0, ("rev", "v"));
        board.Chip.WriteFlash(0x0800_0000, new byte[board.Chip.FlashSize]);
        var wire = await Wire.OpenAsync(board);
        await wire.DnloadAsync(0, Wire.Address(0x41, SecondBank));
        await wire.StatusAsync();
        var started = board.Clock.Elapsed;
        await wire.ClrStatusAsync();
        Assert.InRange(board.Clock.Elapsed - started, TimeSpan.FromSeconds(0.99), TimeSpan.FromSeconds(1.01));
        Assert.Equal(1, board.Chip.EraseCount(SecondBank));
    }

    [Fact]
    public async Task An_H743_revision_Y_does_not_get_stuck()
    {
        var wire = await Wire.OpenAsync(Wire.Board("nucleo-h743zi", 0, ("rev", "y")));
        await wire.EraseAsync(SecondBank);
    }

    [Theory]
    [InlineData("v", "high", false)]
    [InlineData("v", "low", true)]
    [InlineData("y", "high", true)]
    public async Task An_H743_revision_V_leaves_only_with_BOOT0_low(string revision, string boot0, bool leaves)
    {
        var board = Wire.Board("nucleo-h743zi", 0, ("rev", revision), ("boot0", boot0));
        board.Chip.WriteFlash(0x0800_0000, [1, 2, 3, 4, 5, 6, 7, 8]);
        var wire = await Wire.OpenAsync(board);
        await wire.DnloadAsync(0);
        Assert.Equal((0, 0, Wire.Manifest), await wire.StatusAsync());
        Assert.False(wire.Peripheral.IsConnected);
        Assert.Equal(leaves ? 0x0800_0000u : null, board.RunningFrom);

        // It comes back by itself, or only when somebody starts the bootloader anew.
        for (var i = 0; i < 200 && board.Peripheral is null && !leaves; i++)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.Equal(leaves, board.Peripheral is null);
    }

    [Fact]
    public async Task With_BOOT0_low_a_reset_starts_the_program()
    {
        var board = Wire.Board("nucleo-h743zi", 0, ("boot0", "low"));
        var wire = await Wire.OpenAsync(board);
        await wire.SetAddressAsync(0x5200_201C);
        await wire.DnloadAsync(2, board.Chip.ReadOptionBytes()[..128]);
        await wire.StatusAsync();
        for (var i = 0; i < 1000 && board.RunningFrom is null; i++)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.Equal(0x0800_0000u, board.RunningFrom);
        Assert.Null(board.Peripheral);
    }

    [Fact]
    public async Task An_L4_refuses_to_be_asked_before_it_is_done_and_its_poll_time_is_too_short()
    {
        var board = Wire.Board("stm32l476g-disco");
        var wire = await Wire.OpenAsync(board);
        foreach (var (block, data, expected) in new (ushort, byte[], int)[] { (0, Wire.Address(0x41, 0x0800_0000), 3), (2, new byte[2048], 2), (0, [0x41], 3) })
        {
            await wire.DnloadAsync(block, data);
            var (_, poll, state) = await wire.StatusAsync();
            Assert.Equal(Wire.DnBusy, state);
            var stalls = 0;
            await Task.Delay(TimeSpan.FromMilliseconds(poll), board.Clock);
            while ((await wire.SendAsync(0xA1, 3, 0, 0, 6)).Status == UsbControlStatus.Stall)
            {
                stalls++;
                await Task.Delay(TimeSpan.FromMilliseconds(poll), board.Clock);
            }

            Assert.Equal(expected, stalls);
            Assert.Equal((0, 0, Wire.DnloadIdle), await wire.StatusAsync());
        }

        Assert.Equal((2048, 2), (board.Chip.ProgrammedBytes, board.Chip.EraseCount(0x0800_0000)));
    }

    [Fact]
    public async Task An_L4_that_refused_goes_on_as_if_nobody_had_asked()
    {
        var board = Wire.Board("stm32l476g-disco");
        var wire = await Wire.OpenAsync(board);
        await wire.DnloadAsync(0, Wire.Address(0x41, 0x0800_0000));
        await wire.StatusAsync();
        foreach (byte request in new byte[] { 4, 6 })
        {
            Assert.Equal(UsbControlStatus.Stall, (await wire.OutAsync(0x21, request, 0)).Status);
        }

        await Task.Delay(TimeSpan.FromMilliseconds(22), board.Clock);
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.StatusAsync());
        Assert.Equal(1, board.Chip.EraseCount(0x0800_0000));
    }

    [Fact]
    public async Task An_L4_wants_whole_double_words()
    {
        var board = Wire.Board("stm32l476g-disco");
        var wire = await Wire.OpenAsync(board);
        Assert.Equal((ErrVendor, 0, Wire.Error), await wire.DoAsync(2, new byte[12]));
        Assert.Equal(0, board.Chip.ProgrammedBytes);
        await wire.ClrStatusAsync();
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, new byte[16]));
    }

    [Fact]
    public async Task An_F405_announces_100_ms_for_a_mass_erase_and_answers_nothing_for_8_s()
    {
        var board = Wire.Board("pybv11");
        var wire = await Wire.OpenAsync(board);
        await wire.DnloadAsync(0, 0x41);
        Assert.Equal((0, 100, Wire.DnBusy), await wire.StatusAsync());
        await Task.Delay(TimeSpan.FromMilliseconds(100), board.Clock);
        var started = board.Clock.Elapsed;
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.StatusAsync());
        Assert.InRange(board.Clock.Elapsed - started, TimeSpan.FromSeconds(7.8), TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task A_U5_at_level_1_confirms_what_it_does_not_do_and_refuses_to_be_read()
    {
        var board = Wire.Board("b-u585i-iot02a", 0, ("rdp", "1"));
        byte[] old = [1, 2, 3, 4, 5, 6, 7, 8];
        board.Chip.WriteFlash(0x0800_0000, old);
        var wire = await Wire.OpenAsync(board);
        await wire.EraseAsync(0x0800_0000);
        await wire.SetAddressAsync(0x0800_0000);
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, new byte[1024]));
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(0, 0x41));
        Assert.Equal(old, Flash(board, 0x0800_0000, 8));
        Assert.Equal(0, board.Chip.MassErases);
        await wire.AbortAsync();
        Assert.Equal(UsbControlStatus.Stall, (await wire.UploadAsync(2, 64)).Status);
        Assert.Equal((ErrVendor, 0, Wire.Error), await wire.StatusAsync());

        // Its option bytes can be seen all the same, and not be written.
        await wire.ClrStatusAsync();
        await wire.SetAddressAsync(0x4002_2040);
        await wire.AbortAsync();
        Assert.Equal(0xDC, (await wire.UploadAsync(2, 64)).Data.Span[0]);
        await wire.AbortAsync();
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, new byte[64]));
        Assert.Equal(1, board.Chip.ReadProtectionLevel);
    }

    [Fact]
    public async Task A_C5_refuses_CLRSTATUS_where_there_is_nothing_to_clear()
    {
        var wire = await Wire.OpenAsync(Wire.Board("nucleo-c562re"));
        Assert.Equal(UsbControlStatus.Stall, await wire.ClrStatusAsync());
        Assert.Equal((ErrStalledPkt, 0, Wire.Error), await wire.StatusAsync());
        Assert.Equal(UsbControlStatus.Ack, await wire.ClrStatusAsync());
        await wire.SetAddressAsync(0x0800_0000);
        Assert.Equal(UsbControlStatus.Stall, await wire.ClrStatusAsync());
    }

    [Fact]
    public async Task ST_s_device_class_goes_to_dfuERROR_when_there_is_nothing_to_clear()
    {
        var wire = await Wire.OpenAsync(Wire.Board("daisy"));
        Assert.Equal(UsbControlStatus.Ack, await wire.ClrStatusAsync());
        Assert.Equal((ErrUnknown, 0, Wire.Error), await wire.StatusAsync());
        Assert.Equal(UsbControlStatus.Ack, await wire.ClrStatusAsync());
        Assert.Equal((0, 0, Wire.Idle), await wire.StatusAsync());
    }

    [Fact]
    public async Task A_GD32_erases_half_of_the_page_that_it_announces()
    {
        var board = Wire.Board("gd32vf103");
        board.Chip.WriteFlash(0x0800_0000, new byte[4096]);
        var wire = await Wire.OpenAsync(board);
        await wire.EraseAsync(0x0800_0000);
        Assert.Equal((0xFF, 0), (Flash(board, 0x0800_03FF, 1)[0], Flash(board, 0x0800_0400, 1)[0]));
        await wire.DnloadAsync(0, Wire.Address(0x41, 0x0802_0000));
        Assert.Equal((1, 0, Wire.Error), await wire.StatusAsync());

        // Its page that still holds something refuses to be programmed.
        await wire.ClrStatusAsync();
        await wire.SetAddressAsync(0x0800_0000);
        Assert.Equal((ErrVendor, 0, Wire.Error), await wire.DoAsync(2, Enumerable.Repeat((byte)1, 2048).ToArray()));
    }

    [Theory]
    [InlineData("gd32vf103", "usual", UsbControlStatus.Disconnected, UsbControlStatus.Disconnected)]
    [InlineData("gd32f103", "usual", UsbControlStatus.Ack, UsbControlStatus.Disconnected)]
    [InlineData("gd32f103", "silent", UsbControlStatus.Disconnected, UsbControlStatus.Disconnected)]
    [InlineData("gd32vf103", "dnload", UsbControlStatus.Ack, UsbControlStatus.Disconnected)]
    [InlineData("gd32vf103", "getstatus", UsbControlStatus.Ack, UsbControlStatus.Ack)]
    public async Task A_GD32_leaves_with_or_without_an_answer(string name, string leave, UsbControlStatus dnload, UsbControlStatus getStatus)
    {
        var board = Wire.Board(name, 0, ("leave", leave));
        board.Chip.WriteFlash(0x0800_0000, [1, 2, 3, 4, 5, 6, 7, 8]);
        var wire = await Wire.OpenAsync(board);
        Assert.Equal(dnload, (await wire.DnloadAsync(2)).Status);
        Assert.Equal(getStatus, (await wire.SendAsync(0xA1, 3, 0, 0, 6)).Status);
        Assert.Equal(0x0800_0000u, board.RunningFrom);
    }

    [Fact]
    public async Task On_an_xHCI_port_requests_that_come_quickly_fail()
    {
        var wire = await Wire.OpenAsync(Wire.Board("32f072bdiscovery", 0, ("port", "xhci")));
        var answers = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            var response = await wire.SendAsync(0xA1, 3, 0, 0, 6);
            answers.Add(response.Status == UsbControlStatus.Stall ? "stall" : response.Data.Span[4] == Wire.Idle ? "ok" : $"{response.Data.Span[0]} in {response.Data.Span[4]}");
        }

        Assert.Equal(["ok", "ok", "stall", "ok", "ok", "11 in 10", "ok", "ok", "stall", "ok", "ok", "11 in 10"], answers);
    }

    [Theory]
    [InlineData("xhci", 5, true)]
    [InlineData("xhci", 3, false)]
    [InlineData("hub", 0, true)]
    public async Task On_an_xHCI_port_patience_or_a_hub_helps(string port, int milliseconds, bool helps)
    {
        var board = Wire.Board("32f072bdiscovery", 0, ("port", port));
        var wire = await Wire.OpenAsync(board);
        var all = true;
        for (var i = 0; i < 20; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), board.Clock);
            all &= await wire.SendAsync(0xA1, 3, 0, 0, 6) is { Status: UsbControlStatus.Ack, Data.Span: [0, 0, 0, 0, Wire.Idle, 0] };
        }

        Assert.Equal(helps, all);
    }

    [Fact]
    public async Task A_request_that_fails_on_an_xHCI_port_has_not_happened()
    {
        var board = Wire.Board("32f072bdiscovery", 0, ("port", "xhci"));
        var wire = await Wire.OpenAsync(board);
        await wire.StateAsync();
        await wire.StateAsync();
        Assert.Equal(UsbControlStatus.Stall, (await wire.DnloadAsync(2, 1, 2)).Status);
        Assert.Equal((0, 0, Wire.Idle), await wire.StatusAsync());
        Assert.Equal(0, board.Chip.ProgrammedBytes);
    }

    [Fact]
    public async Task Mboot_keeps_its_own_sector_and_says_why()
    {
        var board = Wire.Board("pybd-sf6");
        board.Chip.WriteFlash(0x0800_0000, [7]);
        var wire = await Wire.OpenAsync(board);
        foreach (var (block, data) in new (ushort, byte[])[] { (0, Wire.Address(0x41, 0x0800_7FFF)), (2, [1, 2, 3, 4]) })
        {
            await wire.DnloadAsync(block, data);
            var status = (await wire.SendAsync(0xA1, 3, 0, 0, 6)).Data.ToArray();
            Assert.Equal((ErrAddress, Wire.Error), (status[0], status[4]));
            var text = (await wire.SendAsync(0x80, 6, (ushort)(0x300 | status[5]), 0x0409, 255)).Data;
            Assert.Equal("The bootloader itself is there", UsbString.Decode(text.Span));
            await wire.ClrStatusAsync();
        }

        Assert.Equal(7, Flash(board, 0x0800_0000, 1)[0]);
        await wire.EraseAsync(0x0800_8000);
    }

    [Fact]
    public async Task Mboot_never_announces_a_time_and_starts_what_follows_it_wherever_the_pointer_is()
    {
        var board = Wire.Board("pybd-sf6");
        var wire = await Wire.OpenAsync(board);
        await wire.DnloadAsync(0, Wire.Address(0x21, 0x0804_0000));
        Assert.Equal((0, 0, Wire.DnBusy), await wire.StatusAsync());
        await wire.StatusAsync();
        await wire.DnloadAsync(0);
        await wire.StatusAsync();
        wire = await Wire.OpenAsync(board);
        Assert.Null(board.RunningFrom);
        board.Chip.WriteFlash(0x0800_8000, [0, 0, 1, 0x20, 1, 0x80, 0, 8]);
        await wire.SetAddressAsync(0x0804_0000);
        await wire.DnloadAsync(0);
        await wire.StatusAsync();
        Assert.Equal(0x0800_8000u, board.RunningFrom);
    }

    [Fact]
    public async Task Mboot_asks_Windows_for_WinUSB()
    {
        var wire = await Wire.OpenAsync(Wire.Board("pybd-sf6"));
        Assert.Equal(
            "12-03-4D-00-53-00-46-00-54-00-31-00-30-00-30-00-42-00", BitConverter.ToString((await wire.SendAsync(0x80, 6, 0x03EE, 0, 255)).Data.ToArray()));
        var id = (await wire.SendAsync(0xC0, 0x42, 0, 4, 40)).Data.ToArray();
        Assert.Equal((40, 40, 1, "WINUSB"), (id.Length, id[0], id[8], System.Text.Encoding.ASCII.GetString(id, 18, 6)));
        Assert.Equal(UsbControlStatus.Stall, (await wire.SendAsync(0xC0, 0x42, 0, 5, 40)).Status);
    }

    [Theory]
    [InlineData("single", "honest", "04*032Kg,01*128Kg,03*256Kg")]
    [InlineData("dual", "honest", "04*016Kg,01*064Kg,03*128Kg,04*016Kg,01*064Kg,03*128Kg")]
    [InlineData("single", "2M", "04*032Kg,01*128Kg,07*256Kg")]
    [InlineData("dual", "2M", "04*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg")]
    public async Task A_1_MB_F767_announces_what_it_is_told_to_and_has_what_it_has(string bank, string map, string announced)
    {
        var board = Wire.Board("nucleo-f767zi", 0, ("flash", "1M"), ("bank", bank), ("map", map));
        var wire = await Wire.OpenAsync(board);
        Assert.Equal("@Internal Flash  /0x08000000/" + announced, UsbString.Decode((await wire.SendAsync(0x80, 6, 0x0304, 0x0409, 255)).Data.Span));
        Assert.Equal(1024 * 1024, board.Chip.FlashSize);
        board.Chip.WriteFlash(0x0800_0000, new byte[board.Chip.FlashSize]);

        // The second bank begins behind the first, not where the larger part's would.
        await wire.EraseAsync(0x0808_0000);
        var size = bank == "dual" ? 16 * 1024 : 256 * 1024;
        Assert.Equal(size, Flash(board, 0x0800_0000, board.Chip.FlashSize).Count(x => x == 0xFF));
        await wire.DnloadAsync(0, Wire.Address(0x41, 0x0810_0000));
        Assert.Equal((1, 0, Wire.Error), await wire.StatusAsync());
    }

    [Theory]
    [InlineData("single", "7", new[] { 7 }, 0x80, 0)]
    [InlineData("dual", "9", new[] { 8, 9 }, 0x40, 0)]
    public void A_1_MB_F767_protects_its_sectors_by_the_bits_of_the_larger_part(string bank, string option, int[] sectors, int low, int high)
    {
        var board = Wire.Board("nucleo-f767zi", 0, ("flash", "1M"), ("bank", bank), ("wrp", option));
        Assert.Equal(sectors, board.Chip.Sectors.Select(x => x.Index).Where(board.Chip.IsWriteProtected));
        var bytes = board.Chip.ReadOptionBytes();
        Assert.Equal((0xFF & ~low, 0x0F & ~high), (bytes[8], bytes[9] & 0x0F));
    }

    [Fact]
    public async Task A_part_of_another_size_has_a_file_of_its_own()
    {
        var path = Path.Combine(Path.GetTempPath(), "defuse-" + Guid.NewGuid().ToString("N"));
        try
        {
            foreach (var (flash, value) in new[] { ("2M", 2), ("1M", 1) })
            {
                using var board = Create(path, flash);
                await board.AttachAsync(TestContext.Current.CancellationToken);
                board.Chip.WriteFlash(0x0800_0000, [(byte)value]);
            }

            using (var board = Create(path, "2M"))
            {
                Assert.Equal(2, Flash(board, 0x0800_0000, 1)[0]);
            }
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }

        static SimulatedBoard Create(string path, string flash) => SimulatedBoardCatalog.Create(
            "nucleo-f767zi", 0, new Dictionary<string, string>(StringComparer.Ordinal) { ["flash"] = flash }, new(path), VirtualClockMode.Stepped);
    }

    [Fact]
    public async Task Cells_of_an_L0_are_erased_to_0_and_programming_sets_bits()
    {
        var board = Wire.Board("b-l072z-lrwan1");
        var wire = await Wire.OpenAsync(board);
        Assert.Equal([0, 0, 0, 0], Flash(board, 0x0800_0000, 4));
        await wire.DoAsync(2, 0b0011, 0, 0xF0, 0);
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, 0b0101, 1, 0x0F, 0));
        Assert.Equal([0b0111, 1, 0xFF, 0], Flash(board, 0x0800_0000, 4));
    }

    [Fact]
    public async Task The_data_EEPROM_of_an_L0_takes_any_byte_at_any_time()
    {
        var path = Path.Combine(Path.GetTempPath(), "defuse-" + Guid.NewGuid().ToString("N"));
        SimulatedBoard Create() => SimulatedBoardCatalog.Create(
            "b-l072z-lrwan1", 0, new Dictionary<string, string>(StringComparer.Ordinal), new(path), VirtualClockMode.Stepped);
        try
        {
            using (var board = Create())
            {
                var wire = await Wire.OpenAsync(board);
                Assert.Equal(6 * 1024, board.Chip.ReadDataEeprom().Length);
                await wire.SetAddressAsync(0x0808_0003);
                await wire.DoAsync(2, 0xFF, 0x0F);
                var started = board.Clock.Elapsed;
                Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, 0x12, 0x34));
                Assert.True(board.Clock.Elapsed - started > TimeSpan.FromMilliseconds(3));
                await wire.AbortAsync();
                Assert.Equal([0x12, 0x34, 0], (await wire.UploadAsync(2, 3)).Data.ToArray());
                await wire.AbortAsync();
                await wire.DnloadAsync(0, Wire.Address(0x41, 0x0808_0000));
                Assert.Equal((1, 0, Wire.Error), await wire.StatusAsync());
            }

            using (var board = Create())
            {
                Assert.Equal([0, 0, 0, 0x12, 0x34, 0], board.Chip.ReadDataEeprom()[..6]);
            }
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    [Fact]
    public async Task OTP_without_lock_bytes_programs_a_unit_once_and_afterwards_only_to_zeros()
    {
        var board = Wire.Board("nucleo-g431kb");
        var wire = await Wire.OpenAsync(board);
        await wire.SetAddressAsync(0x1FFF_7000);
        await wire.DoAsync(2, 1, 2, 3, 4, 5, 6, 7, 8);
        Assert.NotEqual(0, (await wire.DoAsync(2, 1, 2, 3, 4, 5, 6, 7, 8)).Item1);
        await wire.ClrStatusAsync();
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 0xFF, 0xFF], board.Chip.ReadOtp()[..10]);
        await wire.SetAddressAsync(0x1FFF_7000);
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, 0, 0, 0, 0, 0, 0, 0, 0, 9));
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 9, 0xFF], board.Chip.ReadOtp()[..10]);
        Assert.Equal(1024, board.Chip.ReadOtp().Length);
    }

    [Fact]
    public async Task The_F0_programs_only_what_is_erased()
    {
        var board = Wire.Board("32f072bdiscovery");
        var wire = await Wire.OpenAsync(board);
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, 1, 2, 3, 4));
        Assert.Equal((ErrVendor, 0, Wire.Error), await wire.DoAsync(2, 1, 2, 3, 4));
        await wire.ClrStatusAsync();
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, 0, 0));
        Assert.Equal([0, 0, 3, 4], Flash(board, 0x0800_0000, 4));
    }

    [Fact]
    public async Task A_G0B1_hides_three_quarters_of_its_flash_memory_and_does_not_refuse_them()
    {
        var board = Wire.Board("nucleo-g0b1re");
        var wire = await Wire.OpenAsync(board);
        await wire.EraseAsync(0x0807_F800);
        await wire.SetAddressAsync(0x0807_F800);
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, 1, 2, 3, 4, 5, 6, 7, 8));
    }

    private static byte[] Flash(SimulatedBoard board, uint address, int count)
    {
        var bytes = new byte[count];
        board.Chip.ReadFlash(address, bytes);
        return bytes;
    }
}
