using System.Collections.Immutable;
using System.Globalization;

namespace Defuse.Platform.Linux;

/// <summary>The programs that have device nodes open, as /proc tells (proc(5)): those of this user, or all of them for root.</summary>
internal sealed class LinuxHolders
{
    private readonly ILookup<string, string> _byNode;

    private LinuxHolders(ILookup<string, string> byNode, bool isComplete)
    {
        _byNode = byNode;
        IsComplete = isComplete;
    }

    /// <summary>Whether all programs could be looked at.</summary>
    public bool IsComplete { get; }

    /// <summary>Looks once for all nodes.</summary>
    public static async ValueTask<LinuxHolders> FindAsync(LinuxPlace place, IReadOnlySet<string> nodes, CancellationToken cancellationToken)
    {
        var found = new List<(string Node, string Program)>();
        var isComplete = true;
        foreach (var process in nodes.Count == 0 ? [] : LinuxFiles.Names(place.At("proc")))
        {
            if (!int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id == place.ProcessId)
            {
                continue;
            }

            cancellationToken.ThrowIfCancellationRequested();
            var links = place.At($"proc/{process}/fd");
            if (!CanList(links, out var names))
            {
                isComplete = false;
                continue;
            }

            var held = names.Select(x => LinuxFiles.Target(Path.Combine(links, x))).OfType<string>().Where(nodes.Contains).ToHashSet(StringComparer.Ordinal);
            if (held.Count > 0)
            {
                var name = Inventory.DriveFiles.Clean(await LinuxFiles.TextAsync(place.At($"proc/{process}/comm"), cancellationToken).ConfigureAwait(false), 16) ?? "a program";
                found.AddRange(held.Select(x => (x, $"{name} ({process})")));
            }
        }

        return new LinuxHolders(found.ToLookup(x => x.Node, x => x.Program, StringComparer.Ordinal), isComplete);
    }

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
}
