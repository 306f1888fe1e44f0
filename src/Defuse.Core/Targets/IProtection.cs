namespace Defuse.Targets;

/// <summary>A device whose read-out protection can be removed; <see cref="ITarget.Description"/> says what is known of it.</summary>
public interface IProtection : ITarget
{
    /// <summary>Removes read-out protection. The chip erases all of its flash, resets, and is found again where it was.</summary>
    /// <remarks>Afterwards <see cref="ITarget.Description"/> is what the device says then.</remarks>
    /// <param name="cancellationToken">Stops before it is begun, and waiting for the device; what was begun goes on.</param>
    /// <exception cref="DeviceRefusedException">The device refused.</exception>
    /// <exception cref="TransportException">It did not come back; whether its flash is erased is not known.</exception>
    ValueTask RemoveReadOutProtectionAsync(CancellationToken cancellationToken);
}
