using Defuse.Transports;

namespace Defuse.Platform.Serial;

/// <summary>What goes wrong with a serial port, in words.</summary>
internal static class SerialErrors
{
    /// <summary>The port was open, and what is behind it is gone.</summary>
    public static TransportException Left(string name) =>
        new(TransportFailure.Disconnected, $"{name} is gone: the board was unplugged, or it restarted", "Plug it in again, or wait until it is back");

    /// <summary>There is no such port.</summary>
    public static TransportException Missing(string name) =>
        new(TransportFailure.Disconnected, $"there is no serial port {name}", "Plug the board in, or check the name");

    /// <summary>A call on an open port failed.</summary>
    /// <param name="name">The port.</param>
    /// <param name="what">What was to be done, as in "NAME cannot be read".</param>
    /// <param name="why">What the system says.</param>
    public static TransportException Failed(string name, string what, string why) =>
        new(TransportFailure.Fault, $"{name} cannot {what}: {why}");

    /// <summary>The port cannot be opened.</summary>
    public static TransportException CannotOpen(AccessProblem problem) => new(TransportFailure.CannotOpen, problem.Reason, problem.Remedy);

    /// <summary>The port is another program's.</summary>
    /// <param name="name">The port.</param>
    /// <param name="holders">The programs that have it, as far as that is known.</param>
    public static AccessProblem InUse(string name, IReadOnlyCollection<string> holders) => new(
        AccessFailure.InUse,
        holders.Count == 0 ? $"another program has {name} open" : $"another program has {name} open: {string.Join(", ", holders)}",
        "Close it (a serial monitor, an IDE; ModemManager lets go by itself after some seconds) and run the same command again");
}
