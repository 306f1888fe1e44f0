using System.Text;
using Defuse.Transports;

namespace Defuse.Simulator.Tests;

/// <summary>A board with its serial port open, in virtual time.</summary>
internal sealed class SerialBench : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private SerialBench(SimulatedBoard board, UsbPeripheralSerialHost host, ISerialPort port)
    {
        Board = board;
        Host = host;
        Port = port;
    }

    public SimulatedBoard Board { get; }

    public UsbPeripheralSerialHost Host { get; }

    public ISerialPort Port { get; private set; }

    public static async Task<SerialBench> OpenAsync(string program, string name = "nucleo-f767zi", SerialSettings? settings = null)
    {
        var board = Wire.Board(name, 0, ("program", program));
        var host = new UsbPeripheralSerialHost([board]);
        return new SerialBench(board, host, await host.OpenAsync(board.Location, settings ?? SerialSettings.Default, TestContext.Current.CancellationToken));
    }

    public async Task ReopenAsync(SerialSettings? settings = null)
    {
        await Port.DisposeAsync();
        Port = await Host.OpenAsync(Board.Location, settings ?? SerialSettings.Default, TestContext.Current.CancellationToken);
    }

    public Task WriteAsync(string text) => WriteAsync(Encoding.Latin1.GetBytes(text));

    public async Task WriteAsync(byte[] bytes) => await Port.WriteAsync(bytes, TestContext.Current.CancellationToken);

    /// <summary>What comes until a text does, that included; a failure if it does not come in ten seconds of the board's.</summary>
    public async Task<string> UntilAsync(string end)
    {
        var text = new StringBuilder();
        using var patience = new CancellationTokenSource(Patience, Port.Time);
        var buffer = new byte[1];
        while (!text.ToString().EndsWith(end, StringComparison.Ordinal))
        {
            try
            {
                await Port.ReadAsync(buffer, patience.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or TransportException)
            {
                Assert.Fail($"Instead of '{end}' came '{text}', then {e.Message}");
            }

            text.Append((char)buffer[0]);
        }

        return text.ToString();
    }

    public async Task<string> AskAsync(string text, string end)
    {
        await WriteAsync(text);
        return await UntilAsync(end);
    }

    /// <summary>What comes within a second of the board's.</summary>
    public async Task<byte[]> WithinASecondAsync()
    {
        var bytes = new List<byte>();
        using var second = new CancellationTokenSource(TimeSpan.FromSeconds(1), Port.Time);
        var buffer = new byte[256];
        try
        {
            while (true)
            {
                var count = await Port.ReadAsync(buffer, second.Token);
                bytes.AddRange(buffer[..count]);
            }
        }
        catch (OperationCanceledException)
        {
            return [.. bytes];
        }
    }

    /// <summary>The port goes, and what comes then is the ROM.</summary>
    public async Task BecomesTheRomAsync()
    {
        await GoesAsync();
        Assert.Equal(0xDF11, await ProductIdAsync());
    }

    /// <summary>The port goes within ten seconds of the board's.</summary>
    public async Task GoesAsync()
    {
        using var patience = new CancellationTokenSource(Patience, Port.Time);
        var gone = await Assert.ThrowsAsync<TransportException>(async () =>
        {
            var buffer = new byte[64];
            while (true)
            {
                await Port.ReadAsync(buffer, patience.Token);
            }
        });
        Assert.Equal(TransportFailure.Disconnected, gone.Failure);
    }

    public async Task<int> ProductIdAsync()
    {
        var peripheral = await Board.AttachAsync(TestContext.Current.CancellationToken);
        var info = await UsbDescriptorReader.DescribeAsync(peripheral, Board.Location, TestContext.Current.CancellationToken);
        return info.ProductId;
    }

    public async ValueTask DisposeAsync()
    {
        await Port.DisposeAsync();
        Board.Dispose();
    }
}
