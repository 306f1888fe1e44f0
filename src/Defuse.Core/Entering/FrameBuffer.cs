namespace Defuse.Entering;

/// <summary>Cuts what a serial port brings into frames; what is no frame is left out.</summary>
internal sealed class FrameBuffer<TFrame>(FrameTaker<TFrame> take)
    where TFrame : class
{
    private byte[] _rest = [];

    /// <summary>How many bytes wait for the rest of their frame.</summary>
    public int Kept => _rest.Length;

    /// <summary>The frames that bytes complete.</summary>
    public List<TFrame> Add(ReadOnlySpan<byte> bytes)
    {
        var frames = new List<TFrame>();
        ReadOnlySpan<byte> left = (byte[])[.. _rest, .. bytes];
        while (take(ref left) is { } frame)
        {
            frames.Add(frame);
        }

        _rest = left.ToArray();
        return frames;
    }
}
