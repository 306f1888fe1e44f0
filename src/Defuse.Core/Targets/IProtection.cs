namespace Defuse.Targets;

/// <summary>A device whose read-out protection can be removed; <see cref="ITarget.Description"/> says what is known of it.</summary>
public interface IProtection : ITarget
{
    /// <summary>Asks the device whether it can remove its read-out protection at all.</summary>
    /// <param name="cancellationToken">Stops before it is begun.</param>
    /// <returns>False only where the device says so.</returns>
    /// <exception cref="TransportException">The device can no longer be reached.</exception>
    ValueTask<bool> OffersRemovalAsync(CancellationToken cancellationToken);

    /// <summary>Removes read-out protection. The chip erases all of its flash, resets, and is found again where it was.</summary>
    /// <remarks>Afterwards <see cref="ITarget.Description"/> is what the device says then.</remarks>
    /// <param name="cancellationToken">Stops before it is begun, and waiting for the device; what was begun goes on.</param>
    /// <exception cref="DeviceRefusedException">The device refused.</exception>
    /// <exception cref="TransportException">It did not come back; whether its flash is erased is not known.</exception>
    ValueTask RemoveReadOutProtectionAsync(CancellationToken cancellationToken);
}
