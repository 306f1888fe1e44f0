using System.Runtime.Versioning;
using System.Text;
using Defuse.Transports;
using FsCheck;
using FsCheck.Fluent;

namespace Defuse.Platform.Tests.Serial;

/// <summary>Serial ports by termios, over pseudo-terminals of the kernel.</summary>
[SupportedOSPlatform("linux")]
public class UnixSerialTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ISerialHost _host = PlatformSerial.CreateHost();

    private static CancellationToken Soon => new CancellationTokenSource(Patience).Token;

    [Theory]
    [InlineData(1200, 0x9u)]
    [InlineData(9600, 0xDu)]
    [InlineData(115_200, 0x1002u)]
    [InlineData(4_000_000, 0x100Fu)]
    public async Task The_baud_rate_is_the_one_that_was_asked_for(int baudRate, uint code)
    {
        using var pty = new Pty();
        await using var port = await OpenAsync(pty, new SerialSettings { BaudRate = baudRate });
        Assert.Equal(code, pty.Speed);
        Assert.Equal(baudRate, port.Settings.BaudRate);
    }

    [Theory]
    [InlineData(50)]
    [InlineData(31_250)]
    [InlineData(74_880)]
    [InlineData(12_000_000)]
    public async Task A_baud_rate_without_a_code_is_set_all_the_same(int baudRate)
    {
        using var pty = new Pty();
        await using var port = await OpenAsync(pty, new SerialSettings { BaudRate = baudRate });
        Assert.Equal(baudRate, pty.BaudRate);
    }

    [Fact]
    public async Task A_port_that_nobody_lists_is_known_by_its_name_and_by_a_link_to_it()
    {
        using var pty = new Pty();
        var link = Path.Combine(Path.GetTempPath(), $"defuse-{Guid.NewGuid():N}");
        File.CreateSymbolicLink(link, pty.Name);
        try
        {
            Assert.Equal(pty.Name, (await _host.FindAsync(pty.Name, Soon))?.Name);
            Assert.Equal(link, (await _host.FindAsync(link, Soon))?.Name);
        }
        finally
        {
            File.Delete(link);
        }

        Assert.Null(await _host.FindAsync(link, Soon));
    }

    [Fact]
    public async Task An_open_port_changes_its_settings()
    {
        using var pty = new Pty();
        await using var port = await OpenAsync(pty);
        await port.ConfigureAsync(new SerialSettings { BaudRate = 1200, StopBits = SerialStopBits.Two }, Soon);
        Assert.Equal((0x9u, 0x40u), (pty.Speed, pty.ControlFlags & 0x40));
        await port.ConfigureAsync(SerialSettings.Default, Soon);
        Assert.Equal((0x1002u, 0u), (pty.Speed, pty.ControlFlags & 0x40));
        Assert.Equal(SerialSettings.Default, port.Settings);
    }

    [Fact]
    public async Task Every_byte_goes_through_as_it_is()
    {
        byte[] all = [.. Enumerable.Range(0, 256).Select(x => (byte)x)];
        using var pty = new Pty();
        await using var port = await OpenAsync(pty);
        pty.Write(all);
        Assert.Equal(all, await ReadAsync(port, all.Length));
        await port.WriteAsync(all, Soon);
        Assert.Equal(all, pty.Read(all.Length));
    }

    [Fact]
    public async Task Whatever_is_sent_is_what_arrives()
    {
        using var pty = new Pty();
        await using var port = await OpenAsync(pty);
        var property = Prop.ForAll(ArbMap.Default.ArbFor<NonEmptyArray<byte>>(), async sent =>
        {
            pty.Write(sent.Get);
            await port.WriteAsync(sent.Get, Soon);
            return (await ReadAsync(port, sent.Get.Length)).SequenceEqual(sent.Get) && pty.Read(sent.Get.Length).SequenceEqual(sent.Get);
        });
        await Task.Run(() => property.QuickCheckThrowOnFailure(), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_megabyte_goes_both_ways_at_once_without_loss()
    {
        var sent = new byte[1 << 20];
        new Random(1).NextBytes(sent);
        using var pty = new Pty();
        await using var port = await OpenAsync(pty);
        var boardReads = Task.Run(() => pty.Read(sent.Length));
        var boardWrites = Task.Run(() => pty.Write(sent));
        var writes = port.WriteAsync(sent, Soon).AsTask();
        Assert.Equal(sent, await ReadAsync(port, sent.Length));
        await Task.WhenAll(writes, boardWrites);
        Assert.Equal(sent, await boardReads);
    }

    [Fact]
    public async Task What_nobody_reads_waits_with_the_system_and_is_not_lost()
    {
        // More than the port itself keeps.
        var sent = new byte[300_000];
        new Random(2).NextBytes(sent);
        using var pty = new Pty();
        await using var port = await OpenAsync(pty);
        var writing = Task.Run(() => pty.Write(sent));
        await Task.WhenAny(writing, Task.Delay(100));
        Assert.False(writing.IsCompleted, "all of it was taken, however much it is");
        Assert.Equal(sent, await ReadAsync(port, sent.Length));
    }

    [Fact]
    public async Task A_read_that_is_cancelled_loses_nothing()
    {
        using var pty = new Pty();
        await using var port = await OpenAsync(pty);
        var read = new List<byte>();
        for (var i = 0; i < 200; i++)
        {
            using var cancellation = new CancellationTokenSource();
            var reading = port.ReadAsync(new byte[1], cancellation.Token).AsTask();
            pty.Write([(byte)i]);
            await cancellation.CancelAsync();
            try
            {
                await reading;
                read.Add((byte)i);
            }
            catch (OperationCanceledException)
            {
                read.AddRange(await ReadAsync(port, 1));
            }
        }

        Assert.Equal(Enumerable.Range(0, 200).Select(x => (byte)x), read);
    }

    [Fact]
    public async Task A_read_waits_for_the_first_byte_and_for_no_more()
    {
        using var pty = new Pty();
        await using var port = await OpenAsync(pty);
        var reading = port.ReadAsync(new byte[100], Soon).AsTask();
        await Task.Delay(30);
        Assert.False(reading.IsCompleted);
        pty.Write("abc"u8);
        Assert.Equal(3, await reading);
    }

    [Fact]
    public async Task A_write_waits_until_all_is_taken_and_can_be_given_up()
    {
        using var pty = new Pty();
        await using var port = await OpenAsync(pty);
        using var cancellation = new CancellationTokenSource();
        var writing = port.WriteAsync(new byte[1 << 20], cancellation.Token).AsTask();
        await Task.WhenAny(writing, Task.Delay(50));
        Assert.False(writing.IsCompleted, "nobody reads at the other end");
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
    }

    [Fact]
    public async Task A_board_that_is_unplugged_ends_what_waits_for_it()
    {
        var pty = new Pty();
        await using var port = await OpenAsync(pty);
        pty.Write("last words"u8);
        Assert.Equal("last words", Text(await ReadAsync(port, 10)));
        var reading = port.ReadAsync(new byte[10], Soon).AsTask();
        pty.Dispose();
        Assert.Equal(TransportFailure.Disconnected, (await Assert.ThrowsAsync<TransportException>(() => reading)).Failure);
        Func<Task>[] all =
        [
            () => port.ReadAsync(new byte[1], Soon).AsTask(),
            () => port.WriteAsync("x"u8.ToArray(), Soon).AsTask(),
            () => port.ConfigureAsync(SerialSettings.Default, Soon).AsTask(),
            () => port.SetLinesAsync(true, null, Soon).AsTask(),
            () => port.SendBreakAsync(TimeSpan.FromMilliseconds(1), Soon).AsTask(),
            () => port.DiscardInputAsync(Soon).AsTask(),
            () => Task.FromResult(port.InputLines),
        ];
        foreach (var one in all)
        {
            var exception = await Assert.ThrowsAsync<TransportException>(one);
            Assert.Equal(TransportFailure.Disconnected, exception.Failure);
            Assert.Contains(pty.Name, exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_board_that_is_unplugged_ends_a_write_that_waits_for_room()
    {
        var pty = new Pty();
        await using var port = await OpenAsync(pty);
        var writing = port.WriteAsync(new byte[1 << 20], Soon).AsTask();
        await Task.Delay(30);
        pty.Dispose();
        Assert.Equal(TransportFailure.Disconnected, (await Assert.ThrowsAsync<TransportException>(() => writing)).Failure);
    }

    [Fact]
    public async Task What_was_thrown_away_does_not_come_back()
    {
        using var pty = new Pty();
        await using var port = await OpenAsync(pty);
        for (var i = 0; i < 100; i++)
        {
            pty.Write("old"u8);
            if (i % 2 == 0)
            {
                await port.ReadAsync(new byte[1], Soon);
            }

            // The kernel hands bytes from one side to the other by a worker of its own.
            await Task.Delay(1);
            await port.DiscardInputAsync(Soon);
            pty.Write("new"u8);
            Assert.Equal("new", Text(await ReadAsync(port, 3)));
        }
    }

    [Fact]
    public async Task Two_ports_have_nothing_to_do_with_each_other()
    {
        using var one = new Pty();
        using var other = new Pty();
        await using var portOfOne = await OpenAsync(one);
        await using var portOfOther = await OpenAsync(other, new SerialSettings { BaudRate = 1200 });
        one.Write("one"u8);
        other.Write("other"u8);
        Assert.Equal("other", Text(await ReadAsync(portOfOther, 5)));
        Assert.Equal("one", Text(await ReadAsync(portOfOne, 3)));
        Assert.Equal((0x1002u, 0x9u), (one.Speed, other.Speed));
    }

    [Fact]
    public async Task A_port_is_opened_by_one_only_and_again_after_that()
    {
        using var pty = new Pty();
        await using (await OpenAsync(pty))
        {
            var exception = await Assert.ThrowsAsync<TransportException>(() => OpenAsync(pty).AsTask());
            Assert.Equal(TransportFailure.CannotOpen, exception.Failure);
            Assert.Contains("another program has", exception.Message, StringComparison.Ordinal);
            Assert.NotNull(exception.Remedy);
        }

        await using var again = await OpenAsync(pty);
        pty.Write("x"u8);
        Assert.Equal("x", Text(await ReadAsync(again, 1)));
    }

    [Fact]
    public async Task What_was_written_last_is_sent_before_the_port_closes()
    {
        using var pty = new Pty();
        await using (var port = await OpenAsync(pty))
        {
            await port.WriteAsync("machine.bootloader()\r"u8.ToArray(), Soon);
        }

        Assert.Equal("machine.bootloader()\r"u8, pty.Read(21));
    }

    [Fact]
    public async Task A_pseudo_terminal_has_no_lines_and_says_so()
    {
        using var pty = new Pty();
        await using var port = await OpenAsync(pty, new SerialSettings { DataTerminalReady = false });
        Assert.Equal(SerialInputLines.None, port.InputLines);
        var exception = await Assert.ThrowsAsync<TransportException>(() => port.SetLinesAsync(false, true, Soon).AsTask());
        Assert.Equal(TransportFailure.Fault, exception.Failure);
    }

    [Fact]
    public async Task A_break_takes_its_time_and_leaves_the_port_as_it_was()
    {
        using var pty = new Pty();
        await using var port = await OpenAsync(pty);
        var started = TimeProvider.System.GetTimestamp();
        await port.SendBreakAsync(TimeSpan.FromMilliseconds(20), Soon);
        Assert.True(TimeProvider.System.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(19));
        await port.WriteAsync("x"u8.ToArray(), Soon);
        Assert.Equal("x"u8, pty.Read(1));
    }

    [Theory]
    [InlineData("/dev/ttyACM250", TransportFailure.Disconnected, "there is no serial port /dev/ttyACM250")]
    [InlineData("/dev/null", TransportFailure.CannotOpen, "/dev/null is no serial port")]
    public async Task What_is_no_port_is_not_opened(string name, TransportFailure failure, string reason)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "these are Linux's names");
        var exception = await Assert.ThrowsAsync<TransportException>(() => _host.OpenAsync(name, SerialSettings.Default, Soon).AsTask());
        Assert.Equal((failure, reason), (exception.Failure, exception.Message));
        Assert.NotNull(exception.Remedy);
    }

    [Fact]
    public async Task A_closed_port_is_used_no_more()
    {
        using var pty = new Pty();
        var port = await OpenAsync(pty);
        var reading = port.ReadAsync(new byte[1], Soon).AsTask();
        await port.DisposeAsync();
        await port.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => reading);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => port.WriteAsync("x"u8.ToArray(), Soon).AsTask());
    }

    private static string Text(byte[] bytes) => Encoding.Latin1.GetString(bytes);

    private static async Task<byte[]> ReadAsync(ISerialPort port, int count)
    {
        var all = new byte[count];
        for (var done = 0; done < count;)
        {
            done += await port.ReadAsync(all.AsMemory(done), Soon);
        }

        return all;
    }

    private ValueTask<ISerialPort> OpenAsync(Pty pty, SerialSettings? settings = null) => _host.OpenAsync(pty.Name, settings ?? SerialSettings.Default, Soon);
}
