namespace Defuse.Cli.Tests;

/// <summary>A pipe whose writer never stops sending zeros, or says nothing: then a read waits until the pipe is closed, whoever cancels.</summary>
internal sealed class FakePipe(bool isSilent) : Stream
{
    private readonly ManualResetEventSlim _closed = new();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (isSilent)
        {
            _closed.Wait();
            return 0;
        }

        buffer.AsSpan(offset, count).Clear();
        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _closed.Set();
        base.Dispose(disposing);
    }
}
