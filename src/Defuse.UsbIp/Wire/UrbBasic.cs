namespace Defuse.UsbIp.Wire;

/// <summary>usbip_header_basic without the command.</summary>
internal readonly record struct UrbBasic(uint SeqNum, uint DevId, uint Direction, uint Endpoint);
