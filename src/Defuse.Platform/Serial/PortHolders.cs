using System.Globalization;

namespace Defuse.Platform.Serial;

/// <summary>The programs that have a port open, as Linux's /proc tells (proc(5)): those of this user, or all of them for root.</summary>
internal static class PortHolders
{
    private const string Processes = "/proc";

    /// <summary>Their names and process ids, "picocom (1234)"; not this process. Empty if none is seen.</summary>
    /// <param name="port">The port's node.</param>
    public static IReadOnlyList<string> Find(string port) => Find(port, Processes);

    /// <summary>The same, of another tree.</summary>
    internal static IReadOnlyList<string> Find(string port, string processes)
    {
        var found = new List<string>();
        foreach (var process in Entries(processes))
        {
            var name = Path.GetFileName(process);
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && id != Environment.ProcessId
                && Entries(Path.Combine(process, "fd")).Any(x => Leads(x, port)))
            {
                found.Add($"{NameOf(process) ?? "a program"} ({name})");
            }
        }

        return found;
    }

    // Processes end while they are looked at, and those of others are closed.
    private static string[] Entries(string folder)
    {
        try
        {
            return Directory.GetFileSystemEntries(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static bool Leads(string link, string port)
    {
        try
        {
            return new FileInfo(link).LinkTarget == port;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string? NameOf(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "comm")).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
