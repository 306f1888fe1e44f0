using Defuse.Transports;

namespace Defuse.Simulator.Tests;

public sealed class StateMachineTests
{
    private const byte Ok = 0, ErrTarget = 1, ErrUnknown = 14, ErrStalledPkt = 15;
    private static readonly string[] Requests = ["DETACH", "DNLOAD", "DNLOAD 0", "UPLOAD", "UPLOAD 0", "GETSTATUS", "CLRSTATUS", "GETSTATE", "ABORT"];

    // A row a state, a column a request: S for STALL, then the state that follows.
    private static readonly Dictionary<byte, string[]> Table = new()
    {
        [Wire.Idle] = ["S10", "3", "6", "9", "2", "2", "2", "2", "2"],
        [Wire.DnloadSync] = ["S10", "S10", "S10", "S10", "S10", "4", "S10", "3", "S10"],
        [Wire.DnBusy] = ["S10", "S10", "S10", "S10", "S10", "4", "S10", "4", "S10"],
        [Wire.DnloadIdle] = ["S10", "3", "6", "S10", "S10", "5", "2", "5", "2"],
        [Wire.ManifestSync] = ["S10", "S10", "S10", "S10", "S10", "gone", "S10", "6", "S10"],
        [Wire.UploadIdle] = ["S10", "S10", "S10", "9", "2", "9", "2", "9", "2"],
        [Wire.Error] = ["S10", "S10", "S10", "S10", "S10", "10", "2", "10", "S10"],
    };

    public static TheoryData<string, byte, string, string> Cells()
    {
        var cells = new TheoryData<string, byte, string, string>();
        foreach (var board in new[] { "pybv11", "nucleo-h743zi" })
        {
            foreach (var (state, row) in Table)
            {
                for (var i = 0; i < Requests.Length; i++)
                {
                    cells.Add(board, state, Requests[i], row[i]);
                }
            }
        }

        return cells;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Every_request_in_every_state(string board, byte state, string request, string expected)
    {
        var wire = await InStateAsync(board, state);
        var response = request switch
        {
            "DETACH" => await wire.OutAsync(0x21, 0, 1000),
            "DNLOAD" => await wire.DnloadAsync(2, new byte[32]),
            "DNLOAD 0" => await wire.DnloadAsync(0),
            "UPLOAD" => await wire.UploadAsync(2, 64),
            "UPLOAD 0" => await wire.UploadAsync(0, 64),
            "GETSTATUS" => await wire.SendAsync(0xA1, 3, 0, 0, 6),
            "CLRSTATUS" => await wire.OutAsync(0x21, 4, 0),
            "GETSTATE" => await wire.SendAsync(0xA1, 5, 0, 0, 1),
            _ => await wire.OutAsync(0x21, 6, 0),
        };
        var stalled = response.Status == UsbControlStatus.Stall ? "S" : "";
        var left = wire.Peripheral.IsConnected ? (await wire.StateAsync()).ToString() : "gone";
        Assert.Equal(expected, stalled + left);
        if (expected == "S10")
        {
            Assert.Equal((state == Wire.Error ? ErrTarget : ErrStalledPkt, 0, Wire.Error), await wire.StatusAsync());
            Assert.Equal(UsbControlStatus.Ack, await wire.ClrStatusAsync());
            Assert.Equal((Ok, 0, Wire.Idle), await wire.StatusAsync());
        }
    }

    [Fact]
    public async Task A_download_only_stores_and_the_first_GETSTATUS_works()
    {
        var board = Wire.Board("pybv11");
        var wire = await Wire.OpenAsync(board);
        Assert.Equal(UsbControlStatus.Ack, (await wire.DnloadAsync(2, 1, 2, 3, 4)).Status);
        Assert.Equal(0, board.Chip.ProgrammedBytes);
        Assert.Equal((Ok, 104, Wire.DnBusy), await wire.StatusAsync());
        Assert.Equal(4, board.Chip.ProgrammedBytes);
    }

    [Fact]
    public async Task Busy_stays_busy_until_the_work_is_done_whatever_the_poll_time_says()
    {
        var board = Wire.Board("pybv11");
        var wire = await Wire.OpenAsync(board);
        await wire.DnloadAsync(0, Wire.Address(0x41, 0x0802_0000));
        var started = board.Clock.Elapsed;
        Assert.Equal((Ok, 100, Wire.DnBusy), await wire.StatusAsync());
        await Task.Delay(TimeSpan.FromMilliseconds(100), board.Clock);
        Assert.Equal((Ok, 100, Wire.DnBusy), await wire.StatusAsync());
        await Task.Delay(TimeSpan.FromMilliseconds(890), board.Clock);
        Assert.Equal((Ok, 100, Wire.DnBusy), await wire.StatusAsync());
        await Task.Delay(TimeSpan.FromMilliseconds(10), board.Clock);
        Assert.Equal((Ok, 0, Wire.DnloadIdle), await wire.StatusAsync());
        Assert.InRange(board.Clock.Elapsed - started, TimeSpan.FromMilliseconds(1000), TimeSpan.FromMilliseconds(1010));
    }

    [Fact]
    public async Task An_F7_answers_nothing_while_it_erases_and_then_at_once()
    {
        var board = Wire.Board("nucleo-f767zi");
        var wire = await Wire.OpenAsync(board);
        await wire.DnloadAsync(0, Wire.Address(0x41, 0x0800_0000));
        var started = board.Clock.Elapsed;
        Assert.Equal((Ok, 100, Wire.DnBusy), await wire.StatusAsync());
        await Task.Delay(TimeSpan.FromMilliseconds(100), board.Clock);
        Assert.Equal((Ok, 0, Wire.DnloadIdle), await wire.StatusAsync());
        Assert.Equal(TimeSpan.FromMilliseconds(251), board.Clock.Elapsed - started);
    }

    [Fact]
    public async Task An_F7_that_is_left_alone_by_its_host_goes_on_erasing()
    {
        var board = SimulatedBoardCatalog.Create(
            "nucleo-f767zi", 0, new Dictionary<string, string>(StringComparer.Ordinal) { ["time"] = "1" }, null, VirtualClockMode.Stepped);
        var wire = await Wire.OpenAsync(board);
        await wire.DnloadAsync(0, Wire.Address(0x41, 0x0800_0000));
        await wire.StatusAsync();
        using var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await wire.Peripheral.ControlAsync(new(0xA1, 3, 0, 0, 6), default, impatient.Token));
        Assert.Equal((Ok, 0, Wire.DnloadIdle), await wire.StatusAsync());
    }

    [Fact]
    public async Task The_command_list_comes_by_upload_of_block_0()
    {
        var wire = await Wire.OpenAsync(Wire.Board("nucleo-h743zi"));
        Assert.Equal([0x00, 0x21, 0x41, 0x92], (await wire.UploadAsync(0, 1024)).Data.ToArray());
        Assert.Equal(Wire.Idle, await wire.StateAsync());
        Assert.Equal((Ok, 0, Wire.DnloadIdle), await wire.DoAsync(0, 0x00));
    }

    [Theory]
    [InlineData(new byte[] { 0x55 })]
    [InlineData(new byte[] { 0x21, 0, 0, 0 })]
    [InlineData(new byte[] { 0x21, 0, 0, 0, 8, 0 })]
    [InlineData(new byte[] { 0x41, 0 })]
    [InlineData(new byte[] { 0x92, 0 })]
    public async Task A_command_that_is_none_is_an_error_at_the_first_GETSTATUS(byte[] command)
    {
        var wire = await Wire.OpenAsync(Wire.Board("pybv11"));
        Assert.Equal(UsbControlStatus.Ack, (await wire.DnloadAsync(0, command)).Status);
        Assert.Equal((ErrUnknown, 0, Wire.Error), await wire.StatusAsync());
    }

    [Theory]
    [InlineData(0x21, 0x0810_0000u)] // just behind the flash memory
    [InlineData(0x21, 0x07FF_FFFFu)]
    [InlineData(0x21, 0x1FFF_7A10u)] // the unique device identifier
    [InlineData(0x21, 0xE004_2000u)] // DBGMCU_IDCODE
    [InlineData(0x41, 0x0810_0000u)]
    [InlineData(0x41, 0x1FFF_7800u)] // OTP has nothing to erase
    [InlineData(0x41, 0x1FFF_C000u)]
    public async Task An_address_outside_every_memory_is_refused(byte command, uint address)
    {
        var wire = await Wire.OpenAsync(Wire.Board("pybv11"));
        await wire.DnloadAsync(0, Wire.Address(command, address));
        Assert.Equal((ErrTarget, 0, Wire.Error), await wire.StatusAsync());
    }

    [Theory]
    [InlineData("pybv11", 2048)]
    [InlineData("nucleo-f767zi", 2048)]
    [InlineData("nucleo-h743zi", 1024)]
    public async Task A_transfer_longer_than_wTransferSize_stalls(string name, int size)
    {
        var board = Wire.Board(name);
        var wire = await Wire.OpenAsync(board);
        Assert.Equal(UsbControlStatus.Ack, (await wire.UploadAsync(2, size)).Status);
        Assert.Equal(UsbControlStatus.Stall, (await wire.UploadAsync(3, size + 1)).Status);
        Assert.Equal((ErrStalledPkt, 0, Wire.Error), await wire.StatusAsync());
        await wire.ClrStatusAsync();
        Assert.Equal((Ok, 0, Wire.DnloadIdle), await wire.DoAsync(2, new byte[size]));
        Assert.Equal(UsbControlStatus.Stall, (await wire.DnloadAsync(3, new byte[size + 1])).Status);
        Assert.Equal((ErrStalledPkt, 0, Wire.Error), await wire.StatusAsync());
        Assert.Equal(size, board.Chip.ProgrammedBytes);
    }

    [Fact]
    public async Task Block_1_is_reserved_both_ways()
    {
        var wire = await Wire.OpenAsync(Wire.Board("pybv11"));
        Assert.Equal(UsbControlStatus.Stall, (await wire.DnloadAsync(1, 1, 2, 3, 4)).Status);
        await wire.ClrStatusAsync();
        Assert.Equal(UsbControlStatus.Stall, (await wire.UploadAsync(1, 4)).Status);
        Assert.Equal(Wire.Error, await wire.StateAsync());
    }

    [Fact]
    public async Task The_pointer_begins_at_flash_memory_and_blocks_count_in_units_of_wTransferSize()
    {
        var board = Wire.Board("pybv11");
        board.Chip.WriteFlash(0x0800_0000, [1]);
        board.Chip.WriteFlash(0x0800_0800, [2]);
        board.Chip.WriteFlash(0x0801_0800, [3]);
        var wire = await Wire.OpenAsync(board);
        Assert.Equal(1, (await wire.UploadAsync(2, 16)).Data.Span[0]);
        Assert.Equal(2, (await wire.UploadAsync(3, 16)).Data.Span[0]);
        await wire.AbortAsync();
        await wire.SetAddressAsync(0x0801_0000);
        await wire.AbortAsync();
        Assert.Equal(3, (await wire.UploadAsync(3, 16)).Data.Span[0]);
        await wire.AbortAsync();
        await wire.DoAsync(4, 0x44);
        var found = new byte[1];
        board.Chip.ReadFlash(0x0801_1000, found);
        Assert.Equal([0x44], found);
    }

    [Fact]
    public async Task An_upload_ends_with_the_memory()
    {
        var wire = await Wire.OpenAsync(Wire.Board("pybv11"));
        await wire.SetAddressAsync(0x080F_FC00);
        await wire.AbortAsync();
        Assert.Equal(1024, (await wire.UploadAsync(2, 2048)).Data.Length);
        Assert.Equal(Wire.Idle, await wire.StateAsync());
        Assert.Equal(UsbControlStatus.Stall, (await wire.UploadAsync(3, 2048)).Status);
        Assert.Equal((ErrTarget, 0, Wire.Error), await wire.StatusAsync());
    }

    [Fact]
    public async Task A_block_that_crosses_the_end_of_memory_is_refused_whole()
    {
        var board = Wire.Board("pybv11");
        var wire = await Wire.OpenAsync(board);
        await wire.SetAddressAsync(0x080F_FC00);
        Assert.Equal((ErrTarget, 0, Wire.Error), await wire.DoAsync(2, new byte[2048]));
        Assert.Equal(0, board.Chip.ProgrammedBytes);
    }

    [Fact]
    public async Task Every_byte_of_option_bytes_OTP_and_device_feature_is_readable_and_none_beyond()
    {
        foreach (var (name, address, size) in new[]
        {
            ("pybv11", 0x1FFF_C000u, 16), ("pybv11", 0x1FFF_7800u, 528), ("pybv11", 0xFFFF_0000u, 4),
            ("nucleo-f767zi", 0x1FFF_0000u, 48), ("nucleo-f767zi", 0x1FF0_F000u, 1040), ("nucleo-h743zi", 0x5200_201Cu, 128),
        })
        {
            var wire = await Wire.OpenAsync(Wire.Board(name));
            await wire.SetAddressAsync(address);
            await wire.AbortAsync();
            Assert.Equal(size, (await wire.UploadAsync(2, name == "nucleo-h743zi" ? 1024 : 2048)).Data.Length);
        }
    }

    private static async Task<Wire> InStateAsync(string board, byte state)
    {
        var wire = await Wire.OpenAsync(Wire.Board(board));
        switch (state)
        {
            case Wire.DnloadSync:
                await wire.DnloadAsync(0, Wire.Address(0x41, 0x0800_0000));
                break;
            case Wire.DnBusy:
                await wire.DnloadAsync(0, Wire.Address(0x41, 0x0800_0000));
                await wire.StatusAsync();
                break;
            case Wire.DnloadIdle:
                await wire.SetAddressAsync(0x0800_0000);
                break;
            case Wire.ManifestSync:
                await wire.DnloadAsync(0);
                break;
            case Wire.UploadIdle:
                await wire.UploadAsync(2, 64);
                break;
            case Wire.Error:
                await wire.DoAsync(0, Wire.Address(0x21, 0));
                break;
            default:
                break;
        }

        Assert.Equal(state, await wire.StateAsync());
        return wire;
    }
}
