using System.Collections.Immutable;
using Defuse.Transports;

namespace Defuse.Diagnostics;

/// <summary>Goes through all texts of an inventory.</summary>
internal static class HostInventoryTexts
{
    /// <summary>The inventory with every text replaced by what a function makes of it.</summary>
    public static HostInventory Map(HostInventory inventory, Func<InventoryText, string, string> map)
    {
        string Text(InventoryText kind, string text) => map(kind, text);
        string? Maybe(InventoryText kind, string? text) => text is null ? null : map(kind, text);
        ImmutableArray<string> All(InventoryText kind, ImmutableArray<string> texts) => [.. texts.Select(x => map(kind, x))];
        AccessProblem? Problem(AccessProblem? problem) => problem is null ? null : problem with
        {
            Reason = Text(InventoryText.Talk, problem.Reason),
            Remedy = Text(InventoryText.Talk, problem.Remedy),
            Driver = Maybe(InventoryText.Name, problem.Driver),
        };
        return inventory with
        {
            System = inventory.System with
            {
                Version = Text(InventoryText.Name, inventory.System.Version),
                Container = Maybe(InventoryText.Name, inventory.System.Container),
                Groups = All(InventoryText.Group, inventory.System.Groups),
            },
            UsbDevices =
            [
                .. inventory.UsbDevices.Select(x => x with
                {
                    Location = Text(InventoryText.Place, x.Location),
                    Manufacturer = Maybe(InventoryText.Name, x.Manufacturer),
                    Product = Maybe(InventoryText.Name, x.Product),
                    SerialNumber = Maybe(InventoryText.SerialNumber, x.SerialNumber),
                    Interfaces = [.. x.Interfaces.Select(y => y with { Driver = Maybe(InventoryText.Name, y.Driver), Name = Maybe(InventoryText.Name, y.Name) })],
                    Driver = Maybe(InventoryText.Name, x.Driver),
                    SystemName = Maybe(InventoryText.Name, x.SystemName),
                    SystemClass = Maybe(InventoryText.Name, x.SystemClass),
                    Problem = Problem(x.Problem),
                    HeldBy = All(InventoryText.Holder, x.HeldBy),
                    HostController = Maybe(InventoryText.Name, x.HostController),
                }),
            ],
            SerialPorts =
            [
                .. inventory.SerialPorts.Select(x => x with
                {
                    Name = Text(InventoryText.Place, x.Name),
                    UsbLocation = Maybe(InventoryText.Place, x.UsbLocation),
                    Driver = Maybe(InventoryText.Name, x.Driver),
                    Group = Maybe(InventoryText.Group, x.Group),
                    Problem = Problem(x.Problem),
                    HeldBy = All(InventoryText.Holder, x.HeldBy),
                }),
            ],
            Volumes =
            [
                .. inventory.Volumes.Select(x => x with
                {
                    Path = Maybe(InventoryText.Talk, x.Path),
                    Label = Maybe(InventoryText.Talk, x.Label),
                    UsbLocation = Maybe(InventoryText.Place, x.UsbLocation),
                    MbedId = Maybe(InventoryText.MbedId, x.MbedId),
                    Uf2Board = Maybe(InventoryText.Name, x.Uf2Board),
                    Failure = Maybe(InventoryText.Talk, x.Failure),
                }),
            ],
            Dfu =
            [
                .. inventory.Dfu.Select(x => x with
                {
                    Location = Text(InventoryText.Place, x.Location),
                    Address = Text(InventoryText.Address, x.Address),
                    Memories = All(InventoryText.Name, x.Memories),
                    Chips = All(InventoryText.Name, x.Chips),
                    Problem = Maybe(InventoryText.Talk, x.Problem),
                    Remedy = Maybe(InventoryText.Talk, x.Remedy),
                }),
            ],
            Unseen = All(InventoryText.Talk, inventory.Unseen),
        };
    }
}
