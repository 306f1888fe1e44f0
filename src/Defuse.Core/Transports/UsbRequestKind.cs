namespace Defuse.Transports;

/// <summary>The type of a control request, bits 6-5 of bmRequestType (USB 2.0, table 9-2).</summary>
public enum UsbRequestKind
{
    /// <summary>Defined by USB itself.</summary>
    Standard = 0,

    /// <summary>Defined by the interface's class.</summary>
    Class = 1,

    /// <summary>Defined by the vendor.</summary>
    Vendor = 2,

    /// <summary>Reserved.</summary>
    Reserved = 3,
}
