using Defuse.Devices;

namespace Defuse.Targets;

/// <summary>A device that shows its option bytes. They are not written: how a ROM takes them was captured of none.</summary>
public interface IOptionBytes : ITarget
{
    /// <summary>Reads the option bytes and tells what they mean.</summary>
    /// <returns>Their fields; bytes alone where nothing is known of them, and nothing where the bootloader shows none.</returns>
    /// <exception cref="TransportException">They did not get through.</exception>
    /// <exception cref="DeviceRefusedException">The device refuses to show them: read-out protection, as a rule.</exception>
    ValueTask<OptionBytes> ReadOptionBytesAsync(CancellationToken cancellationToken);
}
