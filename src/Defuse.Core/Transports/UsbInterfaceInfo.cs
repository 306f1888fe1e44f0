namespace Defuse.Transports;

/// <summary>What an interface says that it is.</summary>
/// <param name="Class">bInterfaceClass.</param>
/// <param name="SubClass">bInterfaceSubClass.</param>
/// <param name="Protocol">bInterfaceProtocol.</param>
public readonly record struct UsbInterfaceInfo(byte Class, byte SubClass, byte Protocol);
