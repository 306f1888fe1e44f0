namespace Defuse.Diagnostics;

/// <summary>An interface of a USB device.</summary>
/// <param name="Number">bInterfaceNumber.</param>
/// <param name="Class">bInterfaceClass.</param>
/// <param name="SubClass">bInterfaceSubClass.</param>
/// <param name="Protocol">bInterfaceProtocol.</param>
/// <param name="Driver">The driver that is bound to it; null if none is, or it is not known.</param>
/// <param name="Name">iInterface's text, where it can be read without opening the device.</param>
public sealed record SeenInterface(byte Number, byte Class, byte SubClass, byte Protocol, string? Driver = null, string? Name = null);
