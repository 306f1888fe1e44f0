namespace Defuse.Devices;

/// <summary>Whether a chip's ROM has a USB DFU bootloader, and how that is known.</summary>
/// <param name="Presence">Whether.</param>
/// <param name="Evidence">Which parts, or why it is not known, in plain words.</param>
public sealed record UsbDfuSupport(UsbDfuPresence Presence, string Evidence);
