using Microsoft.Win32.SafeHandles;

namespace Defuse.Cli.Output;

/// <summary>A pipe whose reader has had enough, as head has: an end for what goes on for ever, and no failure.</summary>
internal static class BrokenPipe
{
    private const int Epipe = 32;
    private const int StandardOutput = 1;

    /// <summary>Whether this is what writing to one fails with. Windows has other numbers, and its console hides them.</summary>
    public static bool Is(Exception exception) => !OperatingSystem.IsWindows() && exception is IOException { HResult: Epipe };

    /// <summary>Standard output; null if it is no pipe, for which the console's own writer serves: on Unix that one hides that nobody reads any more.</summary>
    public static TextWriter? OpenStandardOutput() =>
        OpenPipe() is { } stream ? TextWriter.Synchronized(new StreamWriter(stream, Console.Out.Encoding, bufferSize: 256) { AutoFlush = true }) : null;

    /// <summary>The same as bytes.</summary>
    public static Stream? OpenPipe()
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected)
        {
            return null;
        }

        try
        {
            var stream = new FileStream(new SafeFileHandle(StandardOutput, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            if (!stream.CanSeek)
            {
                return stream;
            }

            stream.Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Closed, perhaps: the console's writer copes with that.
        }

        return null;
    }
}
