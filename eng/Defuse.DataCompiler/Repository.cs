namespace Defuse.DataCompiler;

/// <summary>Where things are in the repository.</summary>
internal static class Repository
{
    public const string Artefact = "src/Defuse.Core/Devices/Data/devices.bin";
    public const string OptionArtefact = "src/Defuse.Core/Devices/Data/options.bin";
    public const string Quirks = "src/Defuse.Core/Targets/Dfu/quirks.tsv";
    public const string UsbIds = "src/Defuse.Core/Devices/Data/usb-ids.tsv";
    public const string QuirkDocument = "docs/quirks.md";

    /// <summary>The folder with Defuse.slnx, upwards from the program.</summary>
    public static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Defuse.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("no folder above the program has Defuse.slnx");
    }
}
