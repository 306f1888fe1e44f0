using System.Collections.Immutable;
using System.Globalization;
using Defuse.Diagnostics;

namespace Defuse.Platform.Linux;

/// <summary>What kind of Linux this process runs in, and what it may do there.</summary>
internal static class LinuxSystem
{
    private const int LongestName = 80;

    public static async ValueTask<HostSystem> DescribeAsync(LinuxPlace place, bool lookAtPrograms, CancellationToken cancellationToken)
    {
        var status = await LinuxFiles.LinesAsync(place.At("proc/self/status"), cancellationToken).ConfigureAwait(false);
        var user = Words(status, "Uid:").ElementAtOrDefault(1);
        return new HostSystem
        {
            Kind = HostKind.Linux,
            Version = await NameAsync(place, cancellationToken).ConfigureAwait(false),
            IsWsl = place.Variable("WSL_INTEROP") is { Length: > 0 }
                || ((await LinuxFiles.TextAsync(place.At("proc/version"), cancellationToken).ConfigureAwait(false))?.Contains("microsoft", StringComparison.OrdinalIgnoreCase) ?? false),
            Container = await ContainerAsync(place, cancellationToken).ConfigureAwait(false),
            IsElevated = user == "0",
            Groups = await GroupsAsync(place, status, cancellationToken).ConfigureAwait(false),
            HasUdev = Exists(place.At("run/udev/control")),
            GivesUserAccess = await SitsHereAsync(place, user, cancellationToken).ConfigureAwait(false),
            HasModemManager = lookAtPrograms && await RunsAsync(place, "ModemManager", cancellationToken).ConfigureAwait(false),
            HasUsb = LinuxFiles.Names(place.At("sys/bus/usb/devices")).Any(x => x.StartsWith("usb", StringComparison.Ordinal)),
        };
    }

    // os-release(5).
    private static async ValueTask<string> NameAsync(LinuxPlace place, CancellationToken cancellationToken)
    {
        foreach (var path in (string[])["etc/os-release", "usr/lib/os-release"])
        {
            foreach (var line in await LinuxFiles.LinesAsync(place.At(path), cancellationToken).ConfigureAwait(false))
            {
                const string key = "PRETTY_NAME=";
                if (line.StartsWith(key, StringComparison.Ordinal) && Inventory.DriveFiles.Clean(line[key.Length..].Trim().Trim('"', '\''), LongestName) is { } name)
                {
                    return name;
                }
            }
        }

        return "Linux";
    }

    private static async ValueTask<string?> ContainerAsync(LinuxPlace place, CancellationToken cancellationToken)
    {
        if (Exists(place.At(".dockerenv")))
        {
            return "docker";
        }

        if (Exists(place.At("run/.containerenv")))
        {
            return "podman";
        }

        // systemd's container interface: what makes the container says its name.
        const string variable = "container=";
        var named = await LinuxFiles.TextAsync(place.At("run/systemd/container"), cancellationToken).ConfigureAwait(false)
            ?? (await LinuxFiles.TextAsync(place.At("proc/1/environ"), cancellationToken).ConfigureAwait(false))?.Split('\0')
                .FirstOrDefault(x => x.StartsWith(variable, StringComparison.Ordinal))?[variable.Length..]
            ?? place.Variable("container");
        if (Inventory.DriveFiles.Clean(named, 32) is { } name && name != "wsl")
        {
            return name;
        }

        var groups = await LinuxFiles.TextAsync(place.At("proc/1/cgroup"), cancellationToken).ConfigureAwait(false) ?? "";
        return ((string[])["docker", "kubepods", "lxc"]).FirstOrDefault(x => groups.Contains($"/{x}", StringComparison.Ordinal));
    }

    // The groups of this process, which are those of when its user logged in.
    private static async ValueTask<ImmutableArray<string>> GroupsAsync(LinuxPlace place, string[] status, CancellationToken cancellationToken)
    {
        var numbers = Words(status, "Groups:").Concat(Words(status, "Gid:").Skip(1).Take(1)).ToHashSet(StringComparer.Ordinal);
        var lines = await LinuxFiles.LinesAsync(place.At("etc/group"), cancellationToken).ConfigureAwait(false);
        return [.. lines.Select(x => x.Split(':')).Where(x => x.Length >= 3 && numbers.Contains(x[2])).Select(x => x[0]).Order(StringComparer.Ordinal)];
    }

    // logind gives devices tagged uaccess to the user whose session is in front at a seat.
    private static async ValueTask<bool> SitsHereAsync(LinuxPlace place, string? user, CancellationToken cancellationToken)
    {
        var sitting = user == "0" ? place.Variable("SUDO_UID") ?? user : user;
        foreach (var seat in LinuxFiles.Names(place.At("run/systemd/seats")))
        {
            var lines = await LinuxFiles.LinesAsync(place.At($"run/systemd/seats/{seat}"), cancellationToken).ConfigureAwait(false);
            if (sitting is not null && lines.Contains($"ACTIVE_UID={sitting}", StringComparer.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static async ValueTask<bool> RunsAsync(LinuxPlace place, string program, CancellationToken cancellationToken)
    {
        foreach (var process in LinuxFiles.Names(place.At("proc")).Where(x => int.TryParse(x, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            if ((await LinuxFiles.TextAsync(place.At($"proc/{process}/comm"), cancellationToken).ConfigureAwait(false))?.Trim() == program)
            {
                return true;
            }
        }

        return false;
    }

    private static string[] Words(string[] lines, string key) =>
        lines.FirstOrDefault(x => x.StartsWith(key, StringComparison.Ordinal))?[key.Length..].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries) ?? [];

    // A socket is no file to File.Exists on every runtime.
    private static bool Exists(string path) => Path.Exists(path);
}
