using System.Runtime.InteropServices;
using Defuse.Transports;

namespace Defuse.Platform.LibUsb;

/// <summary>Where libusb-1.0 is looked for, and how it is installed.</summary>
internal static class LibUsbLibrary
{
    /// <summary>What the functions are imported from; <see cref="Candidates()"/> says which file that is.</summary>
    public const string Name = "libusb-1.0";

    /// <summary>The environment variable that names the library's file; no other is tried then.</summary>
    public const string Variable = "DEFUSE_LIBUSB";

    private const string OsRelease = "/etc/os-release";

    /// <summary>This machine's, in the order that they are tried.</summary>
    public static IReadOnlyList<string> Candidates() =>
        Candidates(OperatingSystem.IsWindows(), OperatingSystem.IsMacOS(), Environment.GetEnvironmentVariable(Variable), AppContext.BaseDirectory, Environment.SystemDirectory);

    /// <summary>A system's: the file that the variable names; else the application's folder, then the system's own search, then Homebrew's folders.</summary>
    /// <remarks>Windows' own search takes what lies in the current folder or on the PATH, where anybody may have put it: only its system folder counts there.</remarks>
    public static IReadOnlyList<string> Candidates(bool isWindows, bool isMacOS, string? variable, string applicationFolder, string systemFolder)
    {
        if (!string.IsNullOrWhiteSpace(variable))
        {
            return [variable];
        }

        var file = isWindows ? "libusb-1.0.dll" : isMacOS ? "libusb-1.0.0.dylib" : "libusb-1.0.so.0";
        string[] homebrew = isMacOS ? [$"/opt/homebrew/lib/{file}", $"/usr/local/lib/{file}"] : [];
        return [Path.Combine(applicationFolder, file), isWindows ? Path.Combine(systemFolder, file) : file, .. homebrew];
    }

    public static bool TryLoad(IReadOnlyList<string> candidates, out nint library)
    {
        library = 0;
        foreach (var candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, out library))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Null if it can be loaded.</summary>
    public static AccessProblem? WhyMissing()
    {
        if (TryLoad(Candidates(), out var library))
        {
            // What was loaded for the functions counts for itself.
            var isNewEnough = NativeLibrary.TryGetExport(library, nameof(NativeMethods.libusb_interrupt_event_handler), out _);
            NativeLibrary.Free(library);
            return isNewEnough ? null : Missing("the libusb that was found is older than 1.0.21");
        }

        return Environment.GetEnvironmentVariable(Variable) is var path && !string.IsNullOrWhiteSpace(path)
            ? new AccessProblem(
                AccessFailure.LibraryMissing, $"{Variable} names {path}, which cannot be loaded as libusb-1.0", $"Correct {Variable}, or unset it")
            : Missing("libusb-1.0, which opens USB devices, is not installed");
    }

    /// <summary>The command that installs libusb-1.0.</summary>
    /// <param name="isWindows">Whether the system is Windows.</param>
    /// <param name="isMacOS">Whether the system is macOS.</param>
    /// <param name="osRelease">What /etc/os-release says (os-release(5)); may be empty.</param>
    public static string HowToInstall(bool isWindows, bool isMacOS, string osRelease)
    {
        if (isWindows)
        {
            return $"Put libusb-1.0.dll into the program's folder, or name it in {Variable}";
        }

        if (isMacOS)
        {
            return "Install it with `brew install libusb`";
        }

        var names = osRelease.Split('\n')
            .Where(x => x.StartsWith("ID=", StringComparison.Ordinal) || x.StartsWith("ID_LIKE=", StringComparison.Ordinal))
            .SelectMany(x => x[(x.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim().Trim('"', '\'').Split(' '))
            .ToHashSet(StringComparer.Ordinal);
        return names switch
        {
            _ when names.Overlaps(["debian", "ubuntu"]) => "Install it with `sudo apt install libusb-1.0-0`",
            _ when names.Overlaps(["fedora", "rhel", "centos"]) => "Install it with `sudo dnf install libusb1`",
            _ when names.Overlaps(["suse", "opensuse"]) => "Install it with `sudo zypper install libusb-1_0-0`",
            _ when names.Contains("arch") => "Install it with `sudo pacman -S libusb`",
            _ when names.Contains("alpine") => "Install it with `sudo apk add libusb`",
            _ => "Install your system's package of libusb-1.0",
        };
    }

    private static AccessProblem Missing(string reason) => new(
        AccessFailure.LibraryMissing,
        reason,
        HowToInstall(OperatingSystem.IsWindows(), OperatingSystem.IsMacOS(), OperatingSystem.IsLinux() ? ReadOsRelease() : ""));

    private static string ReadOsRelease()
    {
        try
        {
            return File.ReadAllText(OsRelease);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
