using Defuse.Platform.Windows;

namespace Defuse.Platform.Tests.Windows;

/// <summary>Windows' drives and version; the files of a drive are in a folder of this machine's.</summary>
internal sealed class FakeWindowsSystem : IWindowsSystem, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("defuse-windows-").FullName;
    private readonly List<(WindowsDrive Drive, string? Label, long Size)> _drives = [];

    public Version Version { get; set; } = new(10, 0, 19045, 0);

    public bool IsElevated { get; set; }

    /// <summary>The drives that were asked for more than their letter.</summary>
    public List<string> Asked { get; } = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public FakeWindowsSystem Drive(char letter, int volume, string? label, long size, params (string Name, string Text)[] files)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, letter.ToString())).FullName;
        foreach (var (name, text) in files)
        {
            File.WriteAllText(Path.Combine(folder, name), text);
        }

        _drives.Add((new WindowsDrive($@"{letter}:\", $@"\Device\HarddiskVolume{volume}", folder), label, size));
        return this;
    }

    public IReadOnlyList<WindowsDrive> Drives() => [.. _drives.Select(x => x.Drive)];

    public (string? Label, long Size)? Describe(WindowsDrive drive)
    {
        Asked.Add(drive.Root);
        var (_, label, size) = _drives.Single(x => x.Drive == drive);
        return size < 0 ? null : (label, size);
    }
}
