using System.IO.Pipelines;
using System.Text;
using Defuse.Transports;

namespace Defuse.Cli.Tests;

/// <summary>defuse monitor, from its arguments to its exit code, with boards that come and go.</summary>
public sealed class MonitorTests : IDisposable
{
    private const string Name = "/dev/ttyACM0";

    private readonly FakeSerialHost _host = new();
    private readonly Pipe _typed = new();
    private readonly CancellationTokenSource _interrupt = new();
    private readonly RecordingStream _screen = new();
    private readonly LineWriter _talk = new();
    private readonly Cli _cli;

    public MonitorTests() => _cli = new Cli
    {
        InIsTerminal = true,
        Talk = _talk,
        Keyboard = _typed.Reader.AsStream(),
        Screen = _screen,
        SerialHost = _host,
        Interrupt = _interrupt.Token,
    };

    public void Dispose()
    {
        _cli.Dispose();
        _interrupt.Dispose();
    }

    [Fact]
    public async Task What_the_board_says_comes_out_byte_by_byte_as_it_comes()
    {
        var port = _host.Plug(Name);
        var running = _cli.RunAsync("monitor");
        await port.Opened;

        // Half a letter of UTF-8, what is none, and NUL.
        foreach (var part in (byte[][])[[0xC3], [0xA9, 0xFF], [0x00], "\r\n>>> "u8.ToArray()])
        {
            port.Say(part);
            await _screen.HasAsync(part);
        }

        await TypeAsync("\u001d");
        var result = await running;
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("", result.Out);
        Assert.Equal("Connected to /dev/ttyACM0 at 115200 baud, 8N1. Ctrl-] ends; Ctrl-C goes to the board.\n", result.Error);
        Assert.Equal([0xC3, 0xA9, 0xFF, 0x00, .. "\r\n>>> "u8], _screen.All);
        Assert.True(port.IsClosed);
    }

    [Fact]
    public async Task What_is_typed_goes_to_the_board_Ctrl_C_too_and_Ctrl_bracket_ends_it()
    {
        var port = _host.Plug(Name);
        var running = _cli.RunAsync("monitor", "--device", "uart:" + Name);
        await port.Opened;
        await TypeAsync("1");
        Assert.Equal("1"u8.ToArray(), await port.HearAsync(1));
        await TypeAsync("\u0003\u0004é\rexit()\u001dnot this");
        Assert.Equal("\u0003\u0004é\rexit()"u8.ToArray(), await port.HearAsync(11));
        Assert.Equal(0, (await running).ExitCode);
    }

    [Fact]
    public async Task It_ends_even_when_the_board_takes_nothing()
    {
        var port = _host.Plug(Name);
        port.Listens = false;
        var running = _cli.RunAsync("monitor");
        await port.Opened;
        await TypeAsync("ls\r");
        await TypeAsync("\u001d");
        Assert.Equal(0, (await running.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken)).ExitCode);
    }

    [Fact]
    public async Task What_a_program_sends_is_sent_as_it_is_and_Ctrl_C_ends_it()
    {
        var port = _host.Plug(Name);
        using var cli = new Cli { SerialHost = _host, Input = [0x1D, 0x03, 0xFF], Screen = _screen, Interrupt = _interrupt.Token };
        var running = cli.RunAsync("monitor");
        Assert.Equal([0x1D, 0x03, 0xFF], await port.HearAsync(3));

        // The end of stdin is not the end: the answer is still to come.
        port.Say("answer"u8.ToArray());
        await _screen.HasAsync("answer"u8.ToArray());
        await _interrupt.CancelAsync();
        var result = await running;
        Assert.Equal((0, "Connected to /dev/ttyACM0 at 115200 baud, 8N1. Ctrl-C ends.\n"), (result.ExitCode, result.Error));
    }

    [Theory]
    [InlineData(Name, null)]
    [InlineData(Name, "1-4.2")]
    [InlineData("/dev/ttyACM7", "1-4.2")]
    public async Task It_goes_on_when_the_board_comes_back(string nameAfter, string? location)
    {
        var before = _host.Plug(Name, location, "Board in FS mode");
        var running = _cli.RunAsync("monitor");
        await before.Opened;
        before.Say("one "u8.ToArray());
        await _screen.HasAsync("one "u8.ToArray());
        _host.Unplug(before);
        await _talk.SaysAsync("is gone");
        Assert.True(before.IsClosed, "its name is not free as long as it is open");
        await TypeAsync("to nobody");
        var after = _host.Plug(nameAfter, location, "Board in FS mode");
        await after.Opened;
        after.Say("two"u8.ToArray());
        await _screen.HasAsync("two"u8.ToArray());
        await _talk.SaysAsync("again");
        await TypeAsync("x\u001d");
        Assert.Equal("x"u8.ToArray(), await after.HearAsync(1));
        var result = await running;
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(
            $"Connected to {Name} (Board in FS mode) at 115200 baud, 8N1. Ctrl-] ends; Ctrl-C goes to the board.\n"
            + $"{Name} (Board in FS mode) is gone; waiting until it is back. Ctrl-] ends.\n"
            + $"Connected to {nameAfter} (Board in FS mode) again.\n",
            result.Error);
    }

    [Fact]
    public async Task Another_board_that_got_its_name_is_not_taken_for_it_and_it_is_found_at_another_place()
    {
        var before = _host.Plug(Name, "1-4", "Board in FS mode", "3257");
        var running = _cli.RunAsync("monitor");
        await before.Opened;
        _host.Unplug(before);
        await _talk.SaysAsync("is gone");
        var other = _host.Plug(Name, "1-7", "a modem", "1");
        await Task.Delay(TimeSpan.FromMilliseconds(600), TestContext.Current.CancellationToken);
        Assert.False(other.Opened.IsCompleted);
        var same = _host.Plug("/dev/ttyACM5", "1-8", "Board in FS mode", "3257");
        await same.Opened;
        await TypeAsync("\u001d");
        Assert.Equal(0, (await running).ExitCode);
    }

    [Fact]
    public async Task A_board_at_another_place_is_another_board()
    {
        var before = _host.Plug(Name, "1-4.2");
        var running = _cli.RunAsync("monitor");
        await before.Opened;
        _host.Unplug(before);
        await _talk.SaysAsync("is gone");
        var other = _host.Plug("/dev/ttyACM1", "1-4.3");
        var same = _host.Plug("/dev/ttyACM2", "1-4.2");
        await same.Opened;
        Assert.False(other.Opened.IsCompleted);
        await TypeAsync("\u001d");
        Assert.Equal(0, (await running).ExitCode);
    }

    [Fact]
    public async Task What_a_program_sends_waits_for_a_board_that_is_away()
    {
        var before = _host.Plug(Name);
        using var cli = new Cli { SerialHost = _host, In = _typed.Reader.AsStream(), Talk = _talk, Interrupt = _interrupt.Token };
        var running = cli.RunAsync("monitor");
        await before.Opened;
        _host.Unplug(before);
        await _talk.SaysAsync("is gone");
        await TypeAsync("patience");
        await Task.Delay(50, TestContext.Current.CancellationToken);
        var after = _host.Plug(Name);
        Assert.Equal("patience"u8.ToArray(), await after.HearAsync(8));
        await _interrupt.CancelAsync();
        Assert.Equal(0, (await running).ExitCode);
    }

    [Fact]
    public async Task What_a_program_sends_while_the_board_leaves_is_sent_to_it_when_it_is_back()
    {
        var before = _host.Plug(Name);
        using var cli = new Cli { SerialHost = _host, In = _typed.Reader.AsStream(), Talk = _talk, Interrupt = _interrupt.Token };
        var running = cli.RunAsync("monitor");
        await before.Opened;
        before.RefuseWrites();
        foreach (var part in (string[])["pati", "ence"])
        {
            await TypeAsync(part);
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        _host.Unplug(before);
        await _talk.SaysAsync("is gone");
        var after = _host.Plug(Name);
        Assert.Equal("patience"u8.ToArray(), await after.HearAsync(8));
        await _interrupt.CancelAsync();
        Assert.Equal(0, (await running).ExitCode);
    }

    [Fact]
    public async Task A_board_that_came_back_and_cannot_be_opened_is_told_of_and_tried_on()
    {
        var before = _host.Plug(Name);
        var running = _cli.RunAsync("monitor");
        await before.Opened;
        _host.Unplug(before);
        _host.Refusal = new TransportException(TransportFailure.CannotOpen, "this user may not open it", "Join the group");
        var after = _host.Plug(Name);
        Assert.Equal("warning: this user may not open it; Join the group", await _talk.SaysAsync("may not"));
        _host.Refusal = null;
        await after.Opened;
        await TypeAsync("\u001d");
        Assert.Equal(0, (await running).ExitCode);
    }

    [Fact]
    public async Task Without_reconnecting_it_ends_with_the_board()
    {
        var port = _host.Plug(Name);
        var running = _cli.RunAsync("monitor", "--no-reconnect");
        await port.Opened;
        _host.Unplug(port);
        var result = await running;
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("error: /dev/ttyACM0 is gone", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_are_those_that_were_asked_for()
    {
        var port = _host.Plug("COM5");
        var running = _cli.RunAsync("monitor", "-d", "COM5", "--baud", "57600", "--frame", "8e2", "--dtr", "off", "--rts", "on");
        Assert.Equal(
            new SerialSettings { BaudRate = 57600, Parity = SerialParity.Even, StopBits = SerialStopBits.Two, DataTerminalReady = false },
            await port.Opened);
        await TypeAsync("\u001d");
        Assert.Equal(0, (await running).ExitCode);
    }

    [Theory]
    [InlineData("'9N1' is no frame", "--frame", "9N1")]
    [InlineData("--baud takes 50 to 12000000", "--baud", "49")]
    [InlineData("'dfu:usb-1-4' is no serial port", "--device", "dfu:usb-1-4")]
    [InlineData("on", "--dtr", "maybe")]
    public async Task Wrong_usage_is_told(string reason, params string[] args)
    {
        var result = await _cli.RunAsync(["monitor", .. args]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(reason, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_several_ports_one_is_to_be_named()
    {
        _host.Plug("/dev/ttyACM0", "1-4", "STM32 STLink");
        _host.Plug("/dev/ttyACM1", "1-3");
        _host.Plug("/dev/ttyS0");
        var result = await _cli.RunAsync("monitor");
        Assert.Equal(3, result.ExitCode);
        Assert.Equal(
            "error: 2 serial ports were found\n  help: name one: --device uart:/dev/ttyACM0 (STM32 STLink), or --device uart:/dev/ttyACM1\n", result.Error);
    }

    [Fact]
    public async Task A_PCs_own_port_is_not_meant_where_a_board_is()
    {
        _host.Plug("/dev/ttyS0");
        var port = _host.Plug(Name, "1-4");
        var running = _cli.RunAsync("monitor");
        await port.Opened;
        await TypeAsync("\u001d");
        Assert.Equal(0, (await running).ExitCode);
    }

    [Fact]
    public async Task Without_a_port_it_says_so()
    {
        Assert.Equal(3, (await _cli.RunAsync("monitor")).ExitCode);
        _host.Plug(Name);
        var result = await _cli.RunAsync("monitor", "--device", "uart:/dev/ttyACM1");
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("there is no serial port /dev/ttyACM1\n  help: name one that is there: --device uart:/dev/ttyACM0\n", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_cannot_be_opened_has_its_own_exit_code()
    {
        _host.Plug(Name);
        _host.Refusal = new TransportException(TransportFailure.CannotOpen, "another program has it", "Close it");
        var result = await _cli.RunAsync("monitor");
        Assert.Equal(4, result.ExitCode);
        Assert.Contains("another program has it\n  help: Close it\n", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("uart:/dev/ttyACM1", "/dev/ttyACM1")]
    [InlineData("sim:nucleo-f767zi", null)]
    public async Task The_usual_device_is_taken_if_it_is_a_port(string usual, string? expected)
    {
        _host.Plug("/dev/ttyACM0", "1-4");
        var port = _host.Plug("/dev/ttyACM1", "1-3");
        _cli.Variables["DEFUSE_DEVICE"] = usual;
        await TypeAsync("\u001d");
        var result = await _cli.RunAsync("monitor");
        Assert.Equal((expected is null ? 3 : 0, expected == port.Info.Name), (result.ExitCode, port.Opened.IsCompleted));
    }

    [Fact]
    public async Task A_screen_that_nobody_looks_at_any_more_ends_it()
    {
        var port = _host.Plug(Name);
        using var cli = new Cli { SerialHost = _host, In = _typed.Reader.AsStream(), Screen = new FullStream(), Interrupt = _interrupt.Token };
        var running = cli.RunAsync("monitor");
        await port.Opened;
        port.Say(1);
        var result = await running.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("No space left on device", result.Error, StringComparison.Ordinal);
    }

    private async Task TypeAsync(string keys) => await _typed.Writer.WriteAsync(Encoding.UTF8.GetBytes(keys), TestContext.Current.CancellationToken);

    /// <summary>Keeps what is written, and tells when it is there.</summary>
    private sealed class RecordingStream : MemoryStream
    {
        private readonly SemaphoreSlim _flushed = new(0);
        private int _seen;

        public byte[] All
        {
            get
            {
                lock (_flushed)
                {
                    return ToArray();
                }
            }
        }

        /// <summary>Waits until these bytes have come, and nothing else, and were flushed.</summary>
        public async Task HasAsync(byte[] bytes)
        {
            while (All.Length < _seen + bytes.Length)
            {
                Assert.True(await _flushed.WaitAsync(TimeSpan.FromSeconds(20)), "nothing came");
            }

            Assert.Equal(bytes, All[_seen..]);
            _seen += bytes.Length;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            lock (_flushed)
            {
                Write(buffer.Span);
            }

            return ValueTask.CompletedTask;
        }

        public override Task FlushAsync(CancellationToken cancellationToken)
        {
            _flushed.Release();
            return Task.CompletedTask;
        }
    }

    private sealed class FullStream : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("No space left on device");
    }
}
