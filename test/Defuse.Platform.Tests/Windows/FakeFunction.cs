using Defuse.Transports;

namespace Defuse.Platform.Tests.Windows;

/// <summary>What a device answers to a control transfer, with Windows' error for it.</summary>
/// <param name="Error">The error; 0 if there is none.</param>
/// <param name="Data">What comes.</param>
internal sealed record FakeAnswer(int Error, byte[] Data)
{
    /// <summary>The device is still silent when the driver gives up; the pipe is dead then.</summary>
    public static readonly FakeAnswer SemaphoreTimeout = new(121, []);

    /// <summary>Nothing happens until the transfer is cancelled.</summary>
    public static readonly FakeAnswer Never = new(0, []);

    public static FakeAnswer Of(params byte[] data) => new(0, data);

    public static FakeAnswer Failed(int error) => new(error, []);
}

/// <summary>What a driver lets programs at: one or several interfaces, and what answers there.</summary>
internal sealed class FakeFunction(string service)
{
    public string Service => service;

    public byte[] InterfaceNumbers { get; set; } = [0];

    /// <summary>Answers a transfer; gets the packet and what was sent.</summary>
    public Func<UsbSetupPacket, byte[], FakeAnswer> Answer { get; set; } = (_, _) => FakeAnswer.Of();

    /// <summary>Called with the interface and the alternate setting that is selected.</summary>
    public Action<byte, byte>? Selecting { get; set; }

    /// <summary>What opening fails with; 0 if it does not.</summary>
    public int OpenError { get; set; }

    /// <summary>What WinUsb_Initialize fails with; 0 if it does not.</summary>
    public int InitializeError { get; set; }

    /// <summary>Whether the driver takes times.</summary>
    public bool TakesTimeouts { get; set; } = true;

    /// <summary>Whether transfers end before the call returns.</summary>
    public bool IsSynchronous { get; set; }

    public List<(byte Interface, uint Milliseconds)> Timeouts { get; } = [];

    public List<(byte Interface, byte AlternateSetting)> Selected { get; } = [];

    public List<UsbSetupPacket> Transfers { get; } = [];

    public int Opened { get; set; }
}
