using Defuse.Transports;

namespace Defuse.Simulator.Tests;

/// <summary>The REPL, byte for byte, as MicroPython's documents and its own tools have it.</summary>
public sealed class MicroPythonTests
{
    private const string Banner = "MicroPython v1.22.2 on 2024-02-22; NUCLEO_F767ZI with STM32F767\r\nType \"help()\" for more information.\r\n>>> ";

    [Fact]
    public async Task It_greets_and_echoes_and_answers()
    {
        await using var bench = await SerialBench.OpenAsync("micropython");

        Assert.Equal(Banner, await bench.UntilAsync(">>> "));
        Assert.Equal("print('hello')\r\nhello\r\n>>> ", await bench.AskAsync("print('hello')\r", "\r\n>>> "));
        Assert.Equal("ab\b\x1b[K'\r\n", (await bench.AskAsync("ab\x7f'\r", "SyntaxError: invalid syntax\r\n>>> "))[..9]);
        Assert.Equal("\r\n>>> ", await bench.AskAsync("\x03", ">>> "));
        Assert.Equal("\r\n" + Banner, await bench.AskAsync("\x02", ">>> "));
        Assert.Equal("\r\nMPY: sync filesystems\r\nMPY: soft reboot\r\n" + Banner, await bench.AskAsync("\x04", ">>> "));
    }

    [Fact]
    public async Task The_raw_REPL_does_not_echo_and_marks_where_output_and_error_end()
    {
        await using var bench = await SerialBench.OpenAsync("micropython");
        await bench.UntilAsync(">>> ");

        Assert.Equal("\r\nraw REPL; CTRL-B to exit\r\n>", await bench.AskAsync("\x01", ">"));
        Assert.Equal("OK1\r\n\x04\x04>", await bench.AskAsync("print(1)\x04", "\x04>"));
        Assert.Equal("OK\x04Traceback (most recent call last):\r\n  File \"<stdin>\", line 1, in <module>\r\nNameError: name 'machine' isn't defined\r\n\x04>", await bench.AskAsync("machine.bootloader()\x04", "\x04>"));
        Assert.Equal("R\0", await bench.AskAsync("\x05" + "A\x01", "\0"));
        Assert.Equal("raw REPL; CTRL-B to exit\r\n>", await bench.AskAsync("\x01", ">"));
        Assert.Equal("OK\r\nMPY: sync filesystems\r\nMPY: soft reboot\r\nraw REPL; CTRL-B to exit\r\n>", await bench.AskAsync("\x04", "exit\r\n>"));
        Assert.Equal("\r\n" + Banner, await bench.AskAsync("\x02", ">>> "));
    }

    [Fact]
    public async Task Ctrl_A_in_a_line_that_is_begun_is_no_raw_REPL()
    {
        await using var bench = await SerialBench.OpenAsync("micropython");
        await bench.UntilAsync(">>> ");

        Assert.Equal("x", await bench.AskAsync("x\x01", "x"));
        Assert.Empty(await bench.WithinASecondAsync());
        Assert.Equal("\r\n>>> ", await bench.AskAsync("\x03", ">>> "));
        Assert.Contains("raw REPL", await bench.AskAsync("\x01", "exit\r\n>"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("micropython")]
    [InlineData("micropython-busy")]
    public async Task A_running_program_answers_nothing_but_Ctrl_C(string program)
    {
        await using var bench = await SerialBench.OpenAsync(program);
        if (program == "micropython")
        {
            await bench.UntilAsync(">>> ");
            await bench.AskAsync("while True: pass\r", "... ");
            await bench.AskAsync("\r", "\r\n");
        }

        await bench.WriteAsync("\x01print(1)\r");
        Assert.Empty(await bench.WithinASecondAsync());
        var answer = await bench.AskAsync("\x03", ">>> ");

        Assert.Contains("KeyboardInterrupt: \r\n", answer, StringComparison.Ordinal);
        Assert.Equal(program == "micropython-busy", answer.Contains(Banner, StringComparison.Ordinal));
        Assert.Contains("raw REPL", await bench.UntilAsync("exit\r\n>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_takes_its_time_on_the_boards_clock()
    {
        await using var bench = await SerialBench.OpenAsync("micropython");
        await bench.UntilAsync(">>> ");
        var before = bench.Board.Clock.Elapsed;

        Assert.EndsWith("1\r\n>>> ", await bench.AskAsync("import time; time.sleep(3); print(1)\r", "\r\n>>> "), StringComparison.Ordinal);

        Assert.InRange(bench.Board.Clock.Elapsed - before, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(11));
    }

    [Theory]
    [InlineData("import machine\rmachine.bootloader()\r")]
    [InlineData("import pyb; pyb.bootloader()\r")]
    [InlineData("\x01import machine\nmachine.bootloader()\x04")]
    public async Task It_leaves_for_the_ROM_on_the_same_socket(string text)
    {
        await using var bench = await SerialBench.OpenAsync("micropython");
        await bench.UntilAsync(">>> ");
        var before = bench.Board.Clock.Elapsed;

        await bench.WriteAsync(text);
        await bench.GoesAsync();
        Assert.Equal(0xDF11, await bench.ProductIdAsync());

        Assert.InRange(bench.Board.Clock.Elapsed - before, TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(11));
        Assert.Empty(await bench.Host.ListAsync(TestContext.Current.CancellationToken));
        Assert.Null(bench.Board.RunningFrom);
        await Assert.ThrowsAsync<TransportException>(() => bench.ReopenAsync());
    }

    [Fact]
    public async Task A_reset_brings_it_back()
    {
        await using var bench = await SerialBench.OpenAsync("micropython");
        await bench.UntilAsync(">>> ");

        await bench.WriteAsync("import machine; machine.reset()\r");
        await bench.GoesAsync();
        await bench.ReopenAsync();

        Assert.Equal(Banner, await bench.UntilAsync(">>> "));
    }

    [Theory]
    [InlineData("MicroPython v1.27.0-preview.3 on 2026-01-02")]
    [InlineData("v1.27.0-preview.3 on 2026-01-02")]
    public async Task The_banner_is_that_of_what_is_in_flash_memory(string version)
    {
        using var board = Wire.Board("pybv11", 0, ("program", "micropython"));
        // Over what the board came with.
        var image = new byte[4096];
        BitConverter.TryWriteBytes(image, 0x20020000u);
        BitConverter.TryWriteBytes(image.AsSpan(4), 0x08020101u);
        System.Text.Encoding.ASCII.GetBytes(version + '\0').CopyTo(image.AsSpan(16));
        "a port of ours, PYBLITEv1.0 with STM32F411RE\0"u8.CopyTo(image.AsSpan(72));
        "; PYBLITEv1.0 with STM32F411RE\0"u8.CopyTo(image.AsSpan(128));
        board.Chip.WriteFlash(0x08000000, image);
        var host = new UsbPeripheralSerialHost([board]);
        await using var port = await host.OpenAsync(board.Location, SerialSettings.Default, TestContext.Current.CancellationToken);

        var buffer = new byte[512];
        var count = await port.ReadAsync(buffer, TestContext.Current.CancellationToken);

        Assert.StartsWith("MicroPython v1.27.0-preview.3 on 2026-01-02; PYBLITEv1.0 with STM32F411RE\r\n", System.Text.Encoding.ASCII.GetString(buffer, 0, count), StringComparison.Ordinal);
    }
}
