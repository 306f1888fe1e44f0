using System.Net;

namespace Defuse.UsbIp;

/// <summary>Something that happened at a USB/IP server.</summary>
/// <param name="Kind">What.</param>
/// <param name="BusId">The bus id it is about; null if none is known. As a client spelled it when it was refused.</param>
/// <param name="Location">The <see cref="Transports.IUsbSocket.Location"/> behind the bus id; null if there is none.</param>
/// <param name="Client">Whom it is about.</param>
/// <param name="Detail">Why, in plain words; null if there is nothing to say.</param>
public sealed record UsbIpServerEvent(UsbIpServerEventKind Kind, string? BusId, string? Location, EndPoint? Client, string? Detail);
