using System.Collections.Immutable;

namespace Defuse.Devices;

/// <summary>One way that a chip's main flash is cut into sectors.</summary>
/// <param name="Name">What distinguishes it ("2 MB in dual bank").</param>
/// <param name="DualBank">Whether flash is in two banks.</param>
/// <param name="Runs">The sectors; neighbours of one size are one run.</param>
public sealed record FlashLayout(string Name, bool DualBank, ImmutableArray<SectorRun> Runs)
{
    /// <summary>Where the second bank begins; null for a single bank. There may be a gap before it.</summary>
    public uint? SecondBank { get; init; }

    /// <summary>How many bytes all sectors have together.</summary>
    public long ByteCount => Runs.Sum(x => x.Range.Length);

    /// <summary>Whether a device that announces these runs has these sectors, however it groups them.</summary>
    internal bool HasSectorsOf(ImmutableArray<SectorRun> announced) => Joined(Runs).SequenceEqual(Joined(announced));

    /// <inheritdoc/>
    public bool Equals(FlashLayout? other) =>
        other is not null
        && string.Equals(Name, other.Name, StringComparison.Ordinal)
        && (DualBank, SecondBank) == (other.DualBank, other.SecondBank)
        && Runs.SequenceEqual(other.Runs);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Runs.Length);

    /// <summary>Runs with neighbours of one size and one access in one.</summary>
    internal static List<SectorRun> Joined(IEnumerable<SectorRun> runs)
    {
        var joined = new List<SectorRun>();
        foreach (var run in runs)
        {
            if (joined.Count > 0 && joined[^1] is var last && last.Range.End == run.Range.Start && (last.SectorSize, last.Access) == (run.SectorSize, run.Access))
            {
                joined[^1] = new SectorRun(last.Range.Start, last.Count + run.Count, last.SectorSize, last.Access);
            }
            else
            {
                joined.Add(run);
            }
        }

        return joined;
    }
}
