using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Defuse.Diagnostics;
using Defuse.Platform.Inventory;

namespace Defuse.Platform.Linux;

/// <summary>The drives of boards and probes: block devices of USB devices, where they are mounted, and what their files say.</summary>
internal static class LinuxVolumes
{
    // Drives of boards are small; a disk is not woken to look for their files.
    private const long MostSectors = 1024 * 1024;
    private const int LongestLabel = 64;

    public static async ValueTask<ImmutableArray<SeenVolume>> ListAsync(LinuxPlace place, CancellationToken cancellationToken)
    {
        var mounts = await MountsAsync(place, cancellationToken).ConfigureAwait(false);
        var found = ImmutableArray.CreateBuilder<SeenVolume>();
        foreach (var name in LinuxFiles.Names(place.At("sys/class/block")))
        {
            var link = place.At($"sys/class/block/{name}");
            if (LocationIn(LinuxFiles.Final(link)) is not { } location
                || (long.TryParse((await LinuxFiles.TextAsync($"{link}/size", cancellationToken).ConfigureAwait(false))?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var sectors) && sectors > MostSectors))
            {
                continue;
            }

            var number = (await LinuxFiles.TextAsync($"{link}/dev", cancellationToken).ConfigureAwait(false))?.Trim();
            var properties = await UdevRecords.ReadAsync(place, 'b', number, cancellationToken).ConfigureAwait(false);
            var path = number is null ? null : mounts.GetValueOrDefault(number);
            var volume = new SeenVolume
            {
                Path = path,
                Label = DriveFiles.Clean(properties.GetValueOrDefault("ID_FS_LABEL"), LongestLabel),
                UsbLocation = location,
            };
            if (path is not null)
            {
                found.Add(await DriveFiles.ReadAsync(place.At(path), volume, cancellationToken).ConfigureAwait(false) ?? volume);
            }
            else if (volume.Label is not null)
            {
                found.Add(volume);
            }
        }

        return found.ToImmutable();
    }

    // .../usb1/1-4/1-4:1.1/host6/target6:0:0/6:0:0:0/block/sdb/sdb1
    private static string? LocationIn(string path) => path.Split('/').LastOrDefault(SysfsInventory.IsPortChain);

    // proc_pid_mountinfo(5); of several places the first.
    private static async ValueTask<Dictionary<string, string>> MountsAsync(LinuxPlace place, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in await LinuxFiles.LinesAsync(place.At("proc/self/mountinfo"), cancellationToken).ConfigureAwait(false))
        {
            var words = line.Split(' ');
            if (words.Length > 4 && words[3] == "/")
            {
                found.TryAdd(words[2], Unescape(words[4]));
            }
        }

        return found;
    }

    /// <summary>Blanks, tabs, line ends and backslashes stand there as a backslash and three octal digits.</summary>
    internal static string Unescape(string text)
    {
        var bytes = new List<byte>();
        var source = Encoding.UTF8.GetBytes(text);
        for (var i = 0; i < source.Length; i++)
        {
            if (source[i] == '\\' && i + 3 < source.Length && source.AsSpan(i + 1, 3).IndexOfAnyExceptInRange((byte)'0', (byte)'7') < 0)
            {
                bytes.Add(unchecked((byte)(((source[i + 1] - '0') << 6) | ((source[i + 2] - '0') << 3) | (source[i + 3] - '0'))));
                i += 3;
            }
            else
            {
                bytes.Add(source[i]);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
