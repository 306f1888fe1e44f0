using Defuse.Platform.Linux;

namespace Defuse.Platform.Serial;

/// <summary>Which programs have a serial port open, by /proc; on a system without it, none is known.</summary>
internal static class PortHolders
{
    private const string Processes = "/proc";

    /// <summary>The programs, as "name (pid)"; this one is left out.</summary>
    /// <param name="port">The port, or a link of udev's to it: what a program has open is told by the node itself.</param>
    public static IReadOnlyList<string> Find(string port) => Find(port, Processes);

    internal static IReadOnlyList<string> Find(string port, string processes)
    {
        var node = LinuxFiles.Final(port);
        return LinuxHolders.Find(processes, Environment.ProcessId, new HashSet<string>(StringComparer.Ordinal) { node }, CancellationToken.None).Of(node);
    }
}
