namespace Defuse.Diagnostics;

/// <summary>What a text of an inventory is, as far as it matters to who must not know it.</summary>
internal enum InventoryText
{
    /// <summary>What a device or a driver calls itself: the same for all of a kind.</summary>
    Name,

    /// <summary>A serial number.</summary>
    SerialNumber,

    /// <summary>An mbed identifier, whose first four digits name a board, and whose others one of them.</summary>
    MbedId,

    /// <summary>Where something is: a port, a path, an instance id.</summary>
    Place,

    /// <summary>The address of a board.</summary>
    Address,

    /// <summary>A user's group.</summary>
    Group,

    /// <summary>A program that has something open, as "name (pid)".</summary>
    Holder,

    /// <summary>Words.</summary>
    Talk,
}
