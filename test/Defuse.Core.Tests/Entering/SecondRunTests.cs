using Defuse.Entering;

namespace Defuse.Core.Tests.Entering;

/// <summary>After a run that failed, the same command run again finishes once what was in its way is gone.</summary>
public class SecondRunTests
{
    private readonly FakeComputer _computer = FakeComputer.With(FakeComputer.MicroPython(), FakeComputer.Port());

    [Fact]
    public async Task It_was_unplugged_in_the_middle()
    {
        _computer.OnOpened = port => _ = new FakeRepl(port, _ => { _computer.Unplug("1-4"); return ""; });
        await FailAsync("left while it was asked");
        _computer.Plug(FakeComputer.MicroPython(address: 8), FakeComputer.Port(name: "/dev/ttyACM1"));
        await FinishAsync("/dev/ttyACM1");
    }

    [Fact]
    public async Task Its_port_was_another_programs()
    {
        _computer.Failure = new TransportException(TransportFailure.CannotOpen, "another program has /dev/ttyACM0 open: minicom (77)");
        await FailAsync("minicom");
        _computer.Failure = null;
        await FinishAsync();
    }

    [Fact]
    public async Task Its_script_took_no_interrupt()
    {
        _computer.OnOpened = port => _ = new FakeRepl(port, _ => null) { IgnoresInterrupts = true };
        await FailAsync("a script may keep it busy");
        await FinishAsync();
    }

    [Fact]
    public async Task It_came_back_as_something_else()
    {
        _computer.OnOpened = port => _ = new FakeRepl(port, code =>
        {
            if (code.Contains("bootloader", StringComparison.Ordinal))
            {
                _computer.Reenumerate("1-4", FakeComputer.MicroPython(address: 6) with { VendorId = 0x0483, ProductId = 0x5720, Product = "a drive" });
                return null;
            }

            port.Say("pyboard\r\n");
            return "";
        });
        await FailAsync("it came back as a drive");
        _computer.Unplug("1-4");
        _computer.Plug(FakeComputer.MicroPython(address: 9), FakeComputer.Port());
        await FinishAsync();
    }

    private async Task FailAsync(string reason)
    {
        var e = await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync());
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.All(_computer.Opened, x => Assert.True(x.IsClosed));
    }

    private async Task FinishAsync(string port = "/dev/ttyACM0")
    {
        _computer.OnOpened = opened => _ = new FakeRepl(opened, code =>
        {
            if (code.Contains("bootloader", StringComparison.Ordinal))
            {
                _computer.Reenumerate("1-4", FakeComputer.Dfu(address: 20));
                return null;
            }

            opened.Say("pyboard\r\n");
            return "";
        });
        Assert.Equal("1-4", (await EnterAsync(port)).Device.Location);
    }

    // As the command does it: what is there is looked for anew.
    private async ValueTask<DfuEntry> EnterAsync(string port = "/dev/ttyACM0")
    {
        var board = await _computer.Entrance().FindBehindAsync(port, TestContext.Current.CancellationToken);
        return await _computer.Entrance().EnterAsync(board!, EntryOptions.Default, null, TestContext.Current.CancellationToken);
    }
}
