using System.Runtime.Versioning;
using System.Text;
using Defuse.Platform.Serial;
using Microsoft.Win32.SafeHandles;

namespace Defuse.Platform.Tests.Serial;

/// <summary>A terminal that lets every key through, over a pseudo-terminal of the kernel: its master is the person.</summary>
[SupportedOSPlatform("linux")]
public class KeyboardTests
{
    [Fact]
    public async Task Every_key_comes_as_it_is_typed_and_is_not_echoed()
    {
        using var person = new Pty();
        using var terminal = person.OpenTerminal();
        await using (var keyboard = Open(terminal)!)
        {
            person.Write("a\u0003\u0004\u001d\r\u001aé"u8);
            Assert.Equal("a\u0003\u0004\u001d\r\u001aé", await ReadAsync(keyboard, 8));
            Assert.False(person.HasOutput);
        }

        Assert.False(terminal.IsClosed);
    }

    [Fact]
    public async Task The_terminal_is_given_back_as_it_was()
    {
        using var person = new Pty();
        using var terminal = person.OpenTerminal();
        var before = person.AllAttributes;
        var keyboard = Open(terminal)!;
        Assert.NotEqual(before, person.AllAttributes);
        await keyboard.DisposeAsync();
        await keyboard.DisposeAsync();
        Assert.Equal(before, person.AllAttributes);
    }

    [Fact]
    public async Task A_read_that_is_cancelled_loses_nothing_and_closing_ends_one()
    {
        using var person = new Pty();
        using var terminal = person.OpenTerminal();
        var keyboard = Open(terminal)!;
        using var cancellation = new CancellationTokenSource(20);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => keyboard.ReadAsync(new byte[1], cancellation.Token).AsTask());
        person.Write("x"u8);
        Assert.Equal("x", await ReadAsync(keyboard, 1));
        var reading = keyboard.ReadAsync(new byte[1], TestContext.Current.CancellationToken).AsTask();
        await keyboard.DisposeAsync();
        Assert.Equal(0, await reading.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_terminal_that_is_closed_is_the_end()
    {
        var person = new Pty();
        using var terminal = person.OpenTerminal();
        await using var keyboard = Open(terminal)!;
        person.Dispose();
        Assert.Equal(0, await keyboard.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
    }

    [Fact]
    public void What_is_no_terminal_is_no_keyboard()
    {
        using var file = File.OpenHandle("/dev/null");
        Assert.Null(Open(file));
    }

    private static UnixKeyboard? Open(SafeFileHandle terminal) => UnixKeyboard.Open(new LinuxTerminal(), (int)terminal.DangerousGetHandle());

    private static async Task<string> ReadAsync(Stream keyboard, int count)
    {
        var all = new byte[count];
        await keyboard.ReadExactlyAsync(all, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(all);
    }
}
