using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Defuse.Transports;

namespace Defuse.Platform.Serial;

/// <summary>Who may open a port's node.</summary>
/// <param name="Name">The node.</param>
/// <param name="Group">The group that it belongs to; null if that cannot be told.</param>
/// <param name="IsForGroup">Whether that group may read and write it.</param>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
internal sealed partial record SerialNode(string Name, string? Group, bool IsForGroup)
{
    private const int FromHere = -100;
    private const uint WantGroup = 0x10;
    private const int StatusSize = 256;
    private const int GroupOffset = 24;

    /// <summary>Looks at a node; what cannot be told is taken for what is usual.</summary>
    public static SerialNode Read(string name)
    {
        const UnixFileMode Both = UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
        try
        {
            return new(name, GroupOf(name), (File.GetUnixFileMode(name) & Both) == Both);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(name, null, true);
        }
    }

    /// <summary>What stands in the way of a user who is not let at it.</summary>
    public AccessProblem Denied() => OperatingSystem.IsMacOS()
        ? new(AccessFailure.PermissionDenied, $"this user may not open {Name}", $"Allow it until the board is plugged in again: `sudo chmod a+rw {Name}`")
        : IsForGroup && Group is not "root"
            ? new(
                AccessFailure.PermissionDenied,
                Group is null ? $"this user may not open {Name}" : $"this user may not open {Name}: only root and the group {Group} may",
                $"Join the group: `sudo usermod -aG {Group ?? "dialout"} $USER`, then log out and in again")
            : new(
                AccessFailure.PermissionDenied,
                $"this user may not open {Name}: only root may",
                $"Allow it until the board is plugged in again: `sudo chmod a+rw {Name}`");

    // The structure that statx(2) fills is the same on all of Linux's architectures, and that of stat(2) is not.
    private static unsafe string? GroupOf(string name)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            var status = stackalloc byte[StatusSize];
            if (StatX(FromHere, name, 0, WantGroup, status) != 0)
            {
                return null;
            }

            var id = (*(uint*)(status + GroupOffset)).ToString(CultureInfo.InvariantCulture);

            // NAME:PASSWORD:ID:MEMBERS (group(5)).
            return File.ReadLines("/etc/group").Select(x => x.Split(':')).FirstOrDefault(x => x.Length >= 3 && x[2] == id)?[0];
        }
        catch (Exception e) when (e is EntryPointNotFoundException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int StatX(int folder, string path, int flags, uint mask, byte* status);
}
