namespace Defuse.Entering;

/// <summary>Takes a whole frame off the front of what arrived.</summary>
/// <returns>Null if there is none yet; the bytes are shortened to what may still become one.</returns>
internal delegate TFrame? FrameTaker<TFrame>(ref ReadOnlySpan<byte> bytes)
    where TFrame : class;
