using System.Collections.Immutable;

namespace Defuse.Diagnostics;

/// <summary>Refuses what no computer has, and gives members that a file left out the values that they have by themselves.</summary>
internal static class HostInventoryCheck
{
    // Rules compare every device with every other one.
    private const int MostThings = 1024;
    private const int LongestText = 4096;

    // A flash of 8 MB in sectors of 128 bytes has more; none that can protect them one by one has.
    private const int MostSectors = 8192;

    public static HostInventoryFile Checked(HostInventoryFile file)
    {
        var inventory = file.Inventory;
        inventory = inventory with
        {
            System = inventory.System with { Groups = Texts(inventory.System.Groups, "groups") },
            UsbDevices = [.. Few(inventory.UsbDevices, "usbDevices").Select(Checked)],
            SerialPorts = [.. Few(inventory.SerialPorts, "serialPorts").Select(x => x with { HeldBy = Texts(x.HeldBy, "heldBy") })],
            Volumes = Few(inventory.Volumes, "volumes"),
            Dfu = [.. Few(inventory.Dfu, "dfu").Select(Checked)],
            Unseen = Texts(inventory.Unseen, "unseen"),
        };
        file = file with { Inventory = inventory };
        if (file.Program?.Length > LongestText || file.Address?.Length > LongestText)
        {
            throw TooLong();
        }

        // Every other text is passed here.
        HostInventoryTexts.Map(inventory, (_, text) => text.Length <= LongestText ? text : throw TooLong());
        return file;
    }

    private static SeenUsbDevice Checked(SeenUsbDevice device) => device with
    {
        Interfaces = Few(device.Interfaces, "interfaces", 256),
        HeldBy = Texts(device.HeldBy, "heldBy"),
    };

    private static DfuCondition Checked(DfuCondition condition) => condition with
    {
        Memories = Texts(condition.Memories, "memories"),
        Chips = Texts(condition.Chips, "chips"),
        WriteProtected = Few(condition.WriteProtected, "writeProtected", MostSectors),
    };

    private static ImmutableArray<string> Texts(ImmutableArray<string> texts, string name) =>
        Few(texts, name).Any(x => x is null) ? throw new HostInventoryFormatException($"{name} has something that is no text", Remedy) : Few(texts, name);

    private static ImmutableArray<T> Few<T>(ImmutableArray<T> items, string name, int most = MostThings) =>
        items.IsDefault ? []
        : items.Length > most ? throw new HostInventoryFormatException($"{name} has {items.Length} entries, and no computer has more than {most}", Remedy)
        : items.Any(x => x is null) ? throw new HostInventoryFormatException($"{name} has an empty entry", Remedy)
        : items;

    private static HostInventoryFormatException TooLong() => new($"a text in the report has more than {LongestText} characters", Remedy);

    private const string Remedy = "write another report with defuse doctor --report FILE";
}
