using Defuse.Simulator.Faults;
using Defuse.Transports;

namespace Defuse.Simulator.Tests;

public class FaultTests
{
    private const string F767 = "nucleo-f767zi";

    [Theory]
    [InlineData("unplug@write:12345", "unplug@write:12345")]
    [InlineData("stall@erase:2x3", "stall@erase:2x3")]
    [InlineData("stall@erasex3", "stall@erase:0x3")]
    [InlineData("bitrot@0x08001234.3", "bitrot@0x08001234.3")]
    [InlineData("bitrot@0x8000000", "bitrot@0x08000000.0")]
    [InlineData("late@status:4=2s", "late@status:4=2000ms")]
    [InlineData("busy@erase=1.5min", "busy@erase:0=90000ms")]
    [InlineData("serial@start=ABC", "serial@start:0=ABC")]
    [InlineData("reset@open,refuse@verify:7", "reset@open:0,refuse@verify:7")]
    [InlineData("", "")]
    public void A_script_is_read_and_written(string text, string written)
    {
        var script = FaultScript.Parse(text);
        Assert.Equal(written, script.ToString());
        Assert.Equal(script, FaultScript.Parse(written));
    }

    [Theory]
    [InlineData("stall")]
    [InlineData("stall@")]
    [InlineData("stall@write:")]
    [InlineData("stall@write:-1")]
    [InlineData("stall@write:99999999999999999999")]
    [InlineData("stall@write:9999999999999999999")]
    [InlineData("stall@writex0")]
    [InlineData("stall@writex9999999")]
    [InlineData("stall@write=1s")]
    [InlineData("stall@0x08000000")]
    [InlineData("bitrot@0x08000000.8")]
    [InlineData("bitrot@0x108000000")]
    [InlineData("late@status=soon")]
    [InlineData("late@status=1")]
    [InlineData("Stall@write")]
    [InlineData("explode@write")]
    [InlineData("stall@lunch")]
    [InlineData("stall@write,")]
    [InlineData(" stall@write")]
    public void What_is_no_script_is_refused_with_an_example(string text)
    {
        var error = Assert.Throws<SimulatedBoardException>(() => FaultScript.Parse(text));
        Assert.Contains("unplug@write:12345", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_kind_and_step_has_a_word()
    {
        foreach (var kind in Enum.GetValues<FaultKind>())
        {
            foreach (var step in Enum.GetValues<FaultStep>())
            {
                var word = kind == FaultKind.OtherSerial ? "serial" : kind.ToString().ToLowerInvariant();
                var fault = Assert.Single(FaultScript.Parse($"{word}@{step.ToString().ToLowerInvariant()}:3").Faults);
                Assert.Equal((kind, step, 3L), (fault.Kind, fault.Step, fault.At));
            }
        }
    }

    [Fact]
    public async Task A_stall_does_not_reach_the_bootloader()
    {
        var wire = await WithAsync("stall@address:1x2");
        await wire.SetAddressAsync(0x08000000);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(UsbControlStatus.Stall, (await wire.DnloadAsync(0, Wire.Address(0x21, 0x08000000))).Status);
            Assert.Equal(Wire.DnloadIdle, await wire.StateAsync());
        }

        await wire.SetAddressAsync(0x08000000);
    }

    [Fact]
    public async Task The_plug_is_pulled_at_the_very_byte()
    {
        using var board = Wire.Board(F767, 0, ("fault", "unplug@write:3000"));
        var wire = await Wire.OpenAsync(board);
        await wire.SetAddressAsync(0x08000000);
        var block = Enumerable.Repeat((byte)0x42, 2048).ToArray();
        await wire.DoAsync(2, block);
        Assert.Equal(UsbControlStatus.Ack, (await wire.DnloadAsync(3, block)).Status);
        Assert.Equal(Wire.DnloadSync, await wire.StateAsync());
        Assert.Equal(UsbControlStatus.Disconnected, (await wire.SendAsync(0xA1, 3, 0, 0, 6)).Status);

        Assert.Null(board.Peripheral);
        Assert.False(wire.Peripheral.IsConnected);
        var flash = new byte[4096];
        board.Chip.ReadFlash(0x08000000, flash);
        Assert.Equal(3000, flash.Count(x => x == 0x42));
        Assert.Equal(0x42, flash[2999]);

        // Counted anew, and happened: it is gone.
        wire = await Wire.OpenAsync(board);
        await wire.SetAddressAsync(0x08004000);
        await wire.DoAsync(2, block);
        Assert.Equal(((byte)0, 0, Wire.DnloadIdle), await wire.DoAsync(3, block));
        Assert.Equal(1, board.FaultsHappened);
    }

    [Theory]
    [InlineData("write", 3)]
    [InlineData("erase", 4)]
    [InlineData("address", 1)]
    public async Task A_refusal_is_an_error_that_is_cleared_and_nothing_was_done(string step, byte status)
    {
        using var board = Wire.Board(F767, 0, ("fault", $"refuse@{step}"));
        board.Chip.WriteFlash(0x08000000, [1, 2, 3, 4]);
        var wire = await Wire.OpenAsync(board);
        var ended = step switch
        {
            "write" => await wire.DoAsync(2, 0, 0, 0, 0),
            "erase" => await wire.DoAsync(0, Wire.Address(0x41, 0x08000000)),
            _ => await wire.DoAsync(0, Wire.Address(0x21, 0x08000000)),
        };

        Assert.Equal((status, 0, Wire.Error), ended);
        Assert.Equal(Wire.Error, await wire.StateAsync());
        Assert.Equal(UsbControlStatus.Stall, (await wire.DnloadAsync(2, 1)).Status);
        Assert.Equal(UsbControlStatus.Ack, await wire.ClrStatusAsync());
        Assert.Equal(Wire.Idle, await wire.StateAsync());
        var flash = new byte[4];
        board.Chip.ReadFlash(0x08000000, flash);
        Assert.Equal([1, 2, 3, 4], flash);
    }

    [Fact]
    public async Task Busy_ends_when_it_is_told_how_long()
    {
        using var board = Wire.Board(F767, 0, ("fault", "busy@address=3s"));
        var wire = await Wire.OpenAsync(board);
        var started = board.Clock.Elapsed;
        await wire.SetAddressAsync(0x08000000);
        Assert.InRange(board.Clock.Elapsed - started, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3.2));
    }

    [Theory]
    [InlineData("timeout@status", 60)]
    [InlineData("late@status", 2)]
    [InlineData("late@status=7s", 7)]
    public async Task An_answer_takes_its_time(string script, int seconds)
    {
        using var board = Wire.Board(F767, 0, ("fault", script));
        var wire = await Wire.OpenAsync(board);
        var started = board.Clock.Elapsed;
        var response = await wire.SendAsync(0xA1, 3, 0, 0, 6);
        Assert.InRange(board.Clock.Elapsed - started, TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(seconds + 0.1));
        Assert.Equal(seconds == 60 ? UsbControlStatus.Stall : UsbControlStatus.Ack, response.Status);
    }

    [Theory]
    [InlineData("reset@status", false)]
    [InlineData("serial@status", true)]
    [InlineData("serial@status=ELSE", true)]
    public async Task A_reset_brings_the_board_back_by_itself(string script, bool isOther)
    {
        using var board = Wire.Board(F767, 0, ("fault", script));
        var own = board.SerialNumber;
        var wire = await Wire.OpenAsync(board);
        using (board.Clock.Hold())
        {
            Assert.Equal(UsbControlStatus.Disconnected, (await wire.SendAsync(0xA1, 3, 0, 0, 6)).Status);
            Assert.Null(board.Peripheral);
        }

        await Task.Delay(TimeSpan.FromSeconds(1), board.Clock, TestContext.Current.CancellationToken);

        var info = await UsbDescriptorReader.DescribeAsync(board.Peripheral!, board.Location, TestContext.Current.CancellationToken);
        Assert.Equal(isOther, info.SerialNumber != own);
        Assert.Equal(board.SerialNumber, info.SerialNumber);
        Assert.Equal(script.EndsWith("ELSE", StringComparison.Ordinal), info.SerialNumber == "ELSE");
    }

    [Fact]
    public async Task A_bit_flips_each_time_after_its_byte_was_written()
    {
        using var board = Wire.Board(F767, 0, ("fault", "bitrot@0x08000005.3x2"));
        var wire = await Wire.OpenAsync(board);
        for (var i = 1; i <= 3; i++)
        {
            await wire.EraseAsync(0x08000000);
            await wire.SetAddressAsync(0x08000000);
            await wire.DoAsync(2, 1, 2, 3, 4, 5, 6, 7, 8);
            var cell = new byte[1];
            board.Chip.ReadFlash(0x08000005, cell);

            // The first erase and the first write take both; an erase leaves a bit at 0 that stays so.
            Assert.Equal(i == 1 ? 6 ^ 8 : 6, cell[0]);
        }

        Assert.Equal([0x08000005u, 0x08000005u], board.RottenBytes);
    }

    [Theory]
    [InlineData("bitrot@read:2", true)]
    [InlineData("bitrot@compare:2", true)]
    [InlineData("bitrot@verify:2", false)]
    public async Task Reading_is_a_comparison_before_anything_was_changed_and_verification_after(string script, bool beforehand)
    {
        using var board = Wire.Board(F767, 0, ("fault", script));
        board.Chip.WriteFlash(0x08000000, [10, 20, 30, 40]);
        var wire = await Wire.OpenAsync(board);
        Assert.Equal(beforehand ? [10, 20, 31, 40] : new byte[] { 10, 20, 30, 40 }, (await wire.UploadAsync(2, 4)).Data.ToArray());
        await wire.AbortAsync();
        await wire.EraseAsync(0x08008000);
        await wire.AbortAsync();
        Assert.Equal([10, 20, 31, 40], (await wire.UploadAsync(2, 4)).Data.ToArray());
    }

    private static async Task<Wire> WithAsync(string script) => await Wire.OpenAsync(Wire.Board(F767, 0, ("fault", script)));
}
