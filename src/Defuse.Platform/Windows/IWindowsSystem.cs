namespace Defuse.Platform.Windows;

/// <summary>What Windows tells of itself and of its drives, apart from the tree of devices.</summary>
internal interface IWindowsSystem
{
    /// <summary>Its version (RtlGetVersion).</summary>
    Version Version { get; }

    /// <summary>Whether this process runs with an administrator's full token.</summary>
    bool IsElevated { get; }

    /// <summary>The drives that have letters.</summary>
    IReadOnlyList<WindowsDrive> Drives();

    /// <summary>A drive's label and size; null if it holds no medium, or does not tell.</summary>
    (string? Label, long Size)? Describe(WindowsDrive drive);
}
