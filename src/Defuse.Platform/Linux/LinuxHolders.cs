using System.Collections.Immutable;
using System.Globalization;

namespace Defuse.Platform.Linux;

/// <summary>Which programs have which device nodes open: /proc/PID/fd, proc_pid_fd(5). Those of other users show to root only.</summary>
internal sealed class LinuxHolders
{
    private const int LongestName = 16;

    private readonly ILookup<string, string> _byNode;

    private LinuxHolders(ILookup<string, string> byNode, bool isComplete)
    {
        _byNode = byNode;
        IsComplete = isComplete;
    }

    /// <summary>Whether every program could be looked at.</summary>
    public bool IsComplete { get; }

    /// <summary>Looks for programs that have one of these open; this one is left out.</summary>
    /// <param name="processes">The folder of all processes: /proc.</param>
    /// <param name="ownId">The id of this process.</param>
    /// <param name="nodes">The device nodes.</param>
    /// <param name="cancellationToken">Stops looking.</param>
    public static LinuxHolders Find(string processes, int ownId, IReadOnlySet<string> nodes, CancellationToken cancellationToken)
    {
        var found = new List<(string Node, string Program)>();
        var isComplete = true;
        foreach (var process in nodes.Count == 0 ? [] : LinuxFiles.Names(processes))
        {
            if (!int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id == ownId)
            {
                continue;
            }

            cancellationToken.ThrowIfCancellationRequested();
            var links = Path.Combine(processes, process, "fd");
            if (!CanList(links, out var names))
            {
                isComplete = false;
                continue;
            }

            var held = names.Select(x => LinuxFiles.Target(Path.Combine(links, x))).OfType<string>().Where(nodes.Contains).ToHashSet(StringComparer.Ordinal);
            if (held.Count > 0)
            {
                var name = Inventory.DriveFiles.Clean(NameOf(Path.Combine(processes, process, "comm")), LongestName) ?? "a program";
                found.AddRange(held.Select(x => (x, $"{name} ({process})")));
            }
        }

        return new LinuxHolders(found.ToLookup(x => x.Node, x => x.Program, StringComparer.Ordinal), isComplete);
    }

    /// <summary>The programs that have a node open, as "name (pid)".</summary>
    public ImmutableArray<string> Of(string? node) => node is null ? [] : [.. _byNode[node]];

    private static bool CanList(string folder, out IReadOnlyList<string> names)
    {
        names = [];
        try
        {
            names = [.. Directory.EnumerateFileSystemEntries(folder).Select(x => Path.GetFileName(x))];
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            // It ended.
            return true;
        }
    }

    private static string? NameOf(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
