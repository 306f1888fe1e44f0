using System.Text;

namespace Defuse.Platform.Linux;

/// <summary>The udev rules that the Debian package installs and that <see cref="UdevMender"/> writes: eng/release/60-defuse.rules.</summary>
internal static class UdevRuleFile
{
    /// <summary>Where it is written. The folder of a package's own rules is /usr/lib/udev/rules.d; a file of the same name here stands in for one there.</summary>
    public const string Path = "/etc/udev/rules.d/60-defuse.rules";

    /// <summary>The folders of packages.</summary>
    public const string PackagePath = "/usr/lib/udev/rules.d/60-defuse.rules";

    /// <summary>The group that the rules give boards to, where nobody sits at the machine.</summary>
    public const string Group = "plugdev";

    /// <summary>The file's text.</summary>
    public static string Text()
    {
        using var stream = typeof(UdevRuleFile).Assembly.GetManifestResourceStream("Defuse.Platform.Linux.60-defuse.rules")
            ?? throw new InvalidOperationException("The udev rules are not in this assembly.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
