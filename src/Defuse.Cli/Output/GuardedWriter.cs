using System.Text;

namespace Defuse.Cli.Output;

/// <summary>A stream that may fail without ending what is under way: a board is not left half done for a line of output.</summary>
internal sealed class GuardedWriter(TextWriter inner) : TextWriter
{
    private readonly CancellationTokenSource _failing = new();

    /// <summary>The first thing that went wrong; nothing is written after it.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Cancelled when something went wrong.</summary>
    public CancellationToken Failing => _failing.Token;

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Try(() => inner.Write(value));

    public override void Write(string? value) => Try(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    public override void WriteLine() => Try(inner.WriteLine);

    public override void WriteLine(string? value) => Try(() => inner.WriteLine(value));

    public override void Flush() => Try(inner.Flush);

    private void Try(Action write)
    {
        if (Failure is not null)
        {
            return;
        }

        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            Failure = e;

            // What waits for it may want to write, too.
            _ = _failing.CancelAsync();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _failing.Dispose();
        }

        base.Dispose(disposing);
    }
}
