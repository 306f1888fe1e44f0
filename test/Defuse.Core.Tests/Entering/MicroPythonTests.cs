using Defuse.Entering;

namespace Defuse.Core.Tests.Entering;

public class MicroPythonTests
{
    private readonly FakeComputer _computer = FakeComputer.With(FakeComputer.MicroPython(), FakeComputer.Port());
    private readonly Said _said = new();

    [Fact]
    public async Task Its_running_script_is_interrupted_and_machine_bootloader_called()
    {
        var ran = new List<string>();
        _computer.OnOpened = port => _ = new FakeRepl(port, code => Run(ran, code));
        var entry = await EnterAsync();
        Assert.Equal(("1-4", (ushort)0xDF11), (entry.Device.Location, entry.Device.ProductId));
        Assert.Equal(EntryWay.MicroPythonRepl, entry.Way);
        Assert.Equal("import machine; machine.bootloader()", ran[^1]);
        Assert.Equal(
            """
            asking MicroPython at /dev/ttyACM0 for its bootloader
            waiting for MicroPython to come back in DFU mode
            the board that ran MicroPython is in DFU mode at USB port 1-4
            """.ReplaceLineEndings("\n"),
            _said.Text);
        Assert.All(_computer.Opened, x => Assert.True(x.IsClosed));
    }

    [Fact]
    public async Task An_early_version_is_asked_by_pyb()
    {
        var ran = new List<string>();
        _computer.OnOpened = port => _ = new FakeRepl(port, code => code.StartsWith("import machine", StringComparison.Ordinal)
            ? "Traceback (most recent call last):\r\n  File \"<stdin>\", line 1, in <module>\r\nAttributeError: 'module' object has no attribute 'bootloader'\r\n"
            : Run(ran, code));
        await EnterAsync();
        Assert.Equal("import pyb; pyb.bootloader()", ran[^1]);
    }

    [Fact]
    public async Task A_script_that_takes_no_interrupt_is_said_to_keep_it_busy()
    {
        _computer.OnOpened = port => _ = new FakeRepl(port, _ => null) { IgnoresInterrupts = true };
        var e = await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync());
        Assert.Equal("MicroPython at /dev/ttyACM0 did not enter DFU mode: it gives no answer: a script may keep it busy, or have switched Ctrl-C off", e.Message);
        Assert.Contains("BOOT0 high", e.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_hears_nothing_for_a_while_is_interrupted_again()
    {
        var isDeaf = true;
        _computer.After(TimeSpan.FromSeconds(3.5), () => isDeaf = false);
        _computer.OnOpened = port =>
        {
            _ = new FakeRepl(port, code => Run([], code));
            var answer = port.OnReceived;
            port.OnReceived = x => isDeaf ? default : answer(x);
        };
        Assert.Equal("1-4", (await EnterAsync()).Device.Location);
    }

    [Fact]
    public async Task A_script_that_prints_without_end_and_takes_no_interrupt_ends_nobodys_patience()
    {
        _computer.OnOpened = port => port.OnReceived = _ =>
        {
            for (var i = 0; i < 1000; i++)
            {
                port.Say("temperature 21.5\r\n");
            }

            return default;
        };
        var e = await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync());
        Assert.Contains("it prints, and offers no prompt", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_takes_no_bytes_is_given_up()
    {
        _computer.OnOpened = port => port.OnReceived = _ => new ValueTask(Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken));
        var e = await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync());
        Assert.Contains("it takes no bytes from its serial port", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MicroPython_on_another_chip_is_left_as_it_was()
    {
        FakeRepl? repl = null;
        _computer.OnOpened = port => repl = new FakeRepl(port, code => { port.Say("rp2\r\n"); return ""; });
        var e = await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync());
        Assert.Contains("it is MicroPython for rp2", e.Message, StringComparison.Ordinal);
        Assert.True(repl!.IsRunning);
    }

    [Fact]
    public async Task One_that_does_not_tell_its_chip_has_its_script_go_on()
    {
        FakeRepl? repl = null;
        _computer.OnOpened = port => repl = new FakeRepl(port, _ => "Traceback (most recent call last):\r\nMemoryError: \r\n");
        var e = await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync());
        Assert.Contains("does not run what it is sent: MemoryError:", e.Message, StringComparison.Ordinal);
        Assert.True(repl!.IsRunning);
    }

    [Fact]
    public async Task Cancelling_has_its_script_go_on()
    {
        FakeRepl? repl = null;
        using var source = new CancellationTokenSource();
        _computer.OnOpened = port => repl = new FakeRepl(port, _ => { source.Cancel(); return ""; });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _computer.Entrance().EnterAsync(
            FakeComputer.Board(EntryWay.MicroPythonRepl), EntryOptions.Default, _said, source.Token));
        Assert.True(repl!.IsRunning);
    }

    [Fact]
    public async Task One_that_answers_too_late_is_left_at_its_usual_prompt()
    {
        _computer.OnOpened = port => port.OnReceived = _ => default;
        await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync());
        Assert.EndsWith("\u0002", Assert.Single(_computer.Opened).Received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_build_without_a_bootloader_call_says_so_and_its_script_goes_on()
    {
        FakeRepl? repl = null;
        _computer.OnOpened = port => repl = new FakeRepl(port, code =>
        {
            if (code.Contains("platform", StringComparison.Ordinal))
            {
                port.Say("pyboard\r\n");
                return "";
            }

            return "Traceback (most recent call last):\r\nImportError: no module named 'pyb'\r\n";
        });
        var e = await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync());
        Assert.Contains("it answered ImportError: no module named 'pyb'; its script was started again", e.Message, StringComparison.Ordinal);
        Assert.True(repl!.IsRunning);
    }

    private ValueTask<DfuEntry> EnterAsync() =>
        _computer.Entrance().EnterAsync(FakeComputer.Board(EntryWay.MicroPythonRepl), EntryOptions.Default, _said, TestContext.Current.CancellationToken);

    private string? Run(List<string> ran, string code)
    {
        ran.Add(code);
        if (code.Contains("platform", StringComparison.Ordinal))
        {
            _computer.Opened[^1].Say("pyboard\r\n");
            return "";
        }

        _computer.Reenumerate("1-4", FakeComputer.Dfu());
        return null;
    }
}
