namespace Defuse.Platform.Linux;

/// <summary>What udev's rules made of a device: its database in /run/udev/data, one file a device node, "c166:0" or "b8:16".</summary>
internal static class UdevRecords
{
    /// <summary>The properties of a device; empty if udev knows none.</summary>
    /// <param name="place">The Linux.</param>
    /// <param name="kind">'c' for a character device, 'b' for a block device.</param>
    /// <param name="number">MAJOR:MINOR, as sysfs has it.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public static async ValueTask<IReadOnlyDictionary<string, string>> ReadAsync(LinuxPlace place, char kind, string? number, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        if (number is not null && number.All(x => char.IsAsciiDigit(x) || x == ':'))
        {
            foreach (var line in await LinuxFiles.LinesAsync(place.At($"run/udev/data/{kind}{number}"), cancellationToken).ConfigureAwait(false))
            {
                if (line.StartsWith("E:", StringComparison.Ordinal) && line.IndexOf('=', StringComparison.Ordinal) is > 2 and var at)
                {
                    found[line[2..at]] = line[(at + 1)..];
                }
            }
        }

        return found;
    }
}
