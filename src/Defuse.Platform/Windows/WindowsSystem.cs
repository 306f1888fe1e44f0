using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Defuse.Platform.Windows;

/// <summary>The real calls. Written after Microsoft's documentation and never run on Windows.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe partial class WindowsSystem : IWindowsSystem
{
    public Version Version => Environment.OSVersion.Version;

    public bool IsElevated => Environment.IsPrivilegedProcess;

    public IReadOnlyList<WindowsDrive> Drives()
    {
        var found = new List<WindowsDrive>();
        foreach (var root in Environment.GetLogicalDrives())
        {
            if (Target(root.TrimEnd('\\')) is { } device)
            {
                found.Add(new WindowsDrive(root, device, root));
            }
        }

        return found;
    }

    public (string? Label, long Size)? Describe(WindowsDrive drive)
    {
        try
        {
            var info = new DriveInfo(drive.Root);
            return info.IsReady ? (info.VolumeLabel, info.TotalSize) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? Target(string letter)
    {
        const int longest = 1024;
        var buffer = stackalloc char[longest];
        return QueryDosDevice(letter, buffer, longest) > 0 ? new string(buffer) : null;
    }

    [LibraryImport("kernel32.dll", EntryPoint = "QueryDosDeviceW", StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint QueryDosDevice(string name, char* target, uint length);
}
