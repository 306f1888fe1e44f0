using System.Threading.Channels;

namespace Defuse.Cli.Tests;

/// <summary>Output that a test reads while it comes.</summary>
internal sealed class LineWriter : StringWriter
{
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    public override void WriteLine(string? value)
    {
        lock (_lines)
        {
            Write(value + "\n");
        }

        _lines.Writer.TryWrite(value ?? "");
    }

    /// <summary>Waits for the next line that says this.</summary>
    public async Task<string> SaysAsync(string what)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await foreach (var line in _lines.Reader.ReadAllAsync(patience.Token))
        {
            if (line.Contains(what, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException("There is no end of lines.");
    }
}
