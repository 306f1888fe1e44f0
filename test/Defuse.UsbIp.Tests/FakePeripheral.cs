using System.Collections.Concurrent;
using System.Text;
using Defuse.Transports;

namespace Defuse.UsbIp.Tests;

/// <summary>A DFU-like device: real descriptors and standard requests; what class requests do is a test's script.</summary>
internal sealed class FakePeripheral : IUsbPeripheral
{
    private static readonly byte[] Device =
        [18, 1, 0x00, 0x01, 0, 0, 0, 64, 0x83, 0x04, 0x11, 0xDF, 0x00, 0x22, 1, 2, 3, 1];

    private static readonly byte[] Configuration =
    [
        9, 2, 36, 0, 1, 1, 0, 0xC0, 50,
        9, 4, 0, 0, 0, 0xFE, 1, 2, 4,
        9, 4, 0, 1, 0, 0xFE, 1, 2, 5,
        9, 0x21, 0x0B, 0xFF, 0x00, 0x00, 0x08, 0x1A, 0x01,
    ];

    private readonly string[] _strings =
        ["STMicroelectronics", "STM32  BOOTLOADER", "FFFFFFFEFFFF", "@Internal Flash  /0x08000000/04*032Kg", "@Option Bytes  /0x1FFF0000/01*032 e"];

    private int _inside;

    public UsbSpeed Speed { get; init; } = UsbSpeed.Full;

    public bool IsConnected { get; set; } = true;

    public TimeProvider Time => TimeProvider.System;

    public byte ConfigurationValue { get; set; }

    public byte Alternate { get; private set; }

    /// <summary>Standard requests that answer STALL.</summary>
    public Func<UsbSetupPacket, bool> Refuses { get; init; } = _ => false;

    /// <summary>What class and vendor requests do.</summary>
    public Func<UsbSetupPacket, ReadOnlyMemory<byte>, CancellationToken, ValueTask<UsbControlResponse>> Script { get; set; } =
        (_, _, _) => new(UsbControlResponse.Stall);

    /// <summary>What bulk and interrupt transfers do; null for a device that has no endpoints but 0.</summary>
    public Func<byte, int, CancellationToken, ValueTask<UsbControlResponse>>? In { get; set; }

    public Func<byte, ReadOnlyMemory<byte>, CancellationToken, ValueTask<UsbControlResponse>>? Out { get; set; }

    public ConcurrentQueue<UsbSetupPacket> Requests { get; } = [];

    /// <summary>Whether a host ever sent a request before the last one was answered.</summary>
    public bool Overlapped { get; private set; }

    public async ValueTask<UsbControlResponse> ControlAsync(UsbSetupPacket setup, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        Requests.Enqueue(setup);
        Overlapped |= Interlocked.Increment(ref _inside) > 1;
        try
        {
            if (!IsConnected)
            {
                return UsbControlResponse.Disconnected;
            }

            return setup.Kind == UsbRequestKind.Standard ? Standard(setup) : await Script(setup, data, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }

    public ValueTask<UsbControlResponse> TransferInAsync(byte endpoint, int length, CancellationToken cancellationToken) =>
        In?.Invoke(endpoint, length, cancellationToken) ?? new(UsbControlResponse.Stall);

    public ValueTask<UsbControlResponse> TransferOutAsync(byte endpoint, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        Out?.Invoke(endpoint, data, cancellationToken) ?? new(UsbControlResponse.Stall);

    private static UsbControlResponse Send(ReadOnlyMemory<byte> bytes, UsbSetupPacket setup) =>
        new(UsbControlStatus.Ack, bytes[..Math.Min(bytes.Length, setup.Length)]);

    private UsbControlResponse Standard(UsbSetupPacket setup)
    {
        if (Refuses(setup))
        {
            return UsbControlResponse.Stall;
        }

        switch (setup.Request)
        {
            case UsbStandardRequest.GetDescriptor when setup.Value == 0x0100:
                return Send(Device, setup);
            case UsbStandardRequest.GetDescriptor when setup.Value == 0x0200:
                return Send(Configuration, setup);
            case UsbStandardRequest.GetDescriptor when setup.Value == 0x0300:
                return Send(new byte[] { 4, 3, 0x09, 0x04 }, setup);
            case UsbStandardRequest.GetDescriptor when setup.Value >> 8 == 3 && (setup.Value & 0xFF) <= _strings.Length:
                var text = Encoding.Unicode.GetBytes(_strings[(setup.Value & 0xFF) - 1]);
                return Send((byte[])[(byte)(2 + text.Length), 3, .. text], setup);
            case UsbStandardRequest.SetConfiguration:
                ConfigurationValue = (byte)setup.Value;
                return UsbControlResponse.Ack;
            case UsbStandardRequest.GetConfiguration:
                return Send(new[] { ConfigurationValue }, setup);
            case UsbStandardRequest.SetInterface when setup.Value <= 1:
                Alternate = (byte)setup.Value;
                return UsbControlResponse.Ack;
            case UsbStandardRequest.GetInterface:
                return Send(new[] { Alternate }, setup);
            case UsbStandardRequest.GetStatus:
                return Send(new byte[] { 1, 0 }, setup);
            default:
                return UsbControlResponse.Stall;
        }
    }
}
