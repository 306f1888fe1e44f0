using Defuse.Entering;

namespace Defuse.Core.Tests.Entering;

public class BetaflightTests
{
    private readonly FakeComputer _computer = FakeComputer.With(FakeComputer.MicroPython(), FakeComputer.Port());
    private string? _asked;

    [Fact]
    public async Task It_is_asked_by_MSP()
    {
        _computer.OnOpened = port => _ = new FakeBetaflight(port) { OnBootloader = Enter };
        await EnterAsync();
        Assert.Equal("MSP", _asked);
    }

    [Theory]
    [InlineData("INAV", 46, "dfu")]
    [InlineData("BTFL", 41, "bl")]
    [InlineData("CLFL", 39, "bl")]
    public async Task One_that_would_only_restart_is_asked_at_its_command_line(string variant, byte minor, string command)
    {
        _computer.OnOpened = port => _ = new FakeBetaflight(port)
        {
            Variant = variant,
            Minor = minor,
            Command = command,
            OnBootloader = Enter,
            OnRestart = () => Assert.Fail("It was restarted."),
        };
        await EnterAsync();
        Assert.Equal(command, _asked);
    }

    [Fact]
    public async Task One_that_stands_at_its_command_line_is_asked_there()
    {
        _computer.OnOpened = port => _ = new FakeBetaflight(port) { KnowsMsp = false, OnBootloader = Enter };
        await EnterAsync();
        Assert.Equal("bl", _asked);
    }

    [Fact]
    public async Task An_early_one_is_sent_the_byte_R()
    {
        _computer.OnOpened = port => _ = new FakeBetaflight(port) { KnowsMsp = false, HasPrompt = false, OnBootloader = Enter };
        await EnterAsync();
        Assert.Equal("R", _asked);
    }

    [Fact]
    public async Task An_armed_one_is_left_alone()
    {
        _computer.OnOpened = port => _ = new FakeBetaflight(port) { IsArmed = true, OnBootloader = Enter };
        var e = await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync());
        Assert.Contains("it is armed", e.Message, StringComparison.Ordinal);
        Assert.Contains("disarm it", e.Remedy, StringComparison.Ordinal);
        Assert.Null(_asked);
        Assert.All(_computer.Opened, x => Assert.Equal("$M<", x.Received[..3]));
        Assert.DoesNotContain(_computer.Opened, x => x.Received == "R");
    }

    [Fact]
    public async Task One_that_gives_no_answer_is_said_to_give_none()
    {
        var e = await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync());
        Assert.Contains("it gives no answer, neither to MSP nor at a command line; it does not react to the byte R", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UNKNOWN COMMAND, TRY 'HELP'")]
    [InlineData("Unknown command, try 'help'")]
    public async Task A_command_line_that_does_not_know_the_command_is_quoted(string complaint)
    {
        var started = _computer.Time.GetTimestamp();
        _computer.OnOpened = port => _ = new FakeBetaflight(port) { Variant = "CLFL", Minor = 3, Command = "none", Complaint = complaint, OnBootloader = Enter };
        var e = await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync());
        Assert.Contains("its command line does not know 'bl'", e.Message, StringComparison.Ordinal);
        Assert.All(_computer.Opened, x => Assert.DoesNotContain("exit\r\nR", x.Received, StringComparison.Ordinal));
        Assert.InRange(_computer.Time.GetElapsedTime(started), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task The_byte_R_is_sent_after_the_restart_with_which_a_command_line_is_left()
    {
        var isBack = false;
        _computer.OnOpened = port => _ = new FakeBetaflight(port)
        {
            KnowsMsp = !isBack,
            HasPrompt = !isBack,
            Variant = "CLFL",
            Minor = 3,
            Command = "none",
            Complaint = "Unknown command, try 'help'",
            OnRestart = () =>
            {
                _computer.Reenumerate("1-4", FakeComputer.MicroPython(address: 8), FakeComputer.Port());
                _computer.After(TimeSpan.FromMilliseconds(700), () => isBack = true);
            },
            OnBootloader = Enter,
        };
        await EnterAsync();
        Assert.Equal("R", _asked);
    }

    [Fact]
    public async Task What_its_command_line_said_is_told_although_it_restarted()
    {
        _computer.OnOpened = port => _ = new FakeBetaflight(port)
        {
            Variant = "INAV",
            Command = "none",
            OnRestart = () => _computer.Reenumerate("1-4", FakeComputer.MicroPython(address: 8), FakeComputer.Port()),
        };
        var e = await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync());
        Assert.Contains("its command line does not know 'dfu'", e.Message, StringComparison.Ordinal);
    }

    private void Enter(string how)
    {
        _asked = how;
        _computer.Reenumerate("1-4", FakeComputer.Dfu());
    }

    private ValueTask<DfuEntry> EnterAsync() => _computer.Entrance().EnterAsync(
        FakeComputer.Board(EntryWay.Betaflight, EntryWay.SerialR), EntryOptions.Default, null, TestContext.Current.CancellationToken);
}
