namespace Defuse;

/// <summary>How the bytes failed to get through.</summary>
public enum TransportFailure
{
    /// <summary>The device answered STALL: it does not take this request, or not now (USB 2.0, section 8.5.3.4).</summary>
    Stall,

    /// <summary>The device did not answer in the time it was given.</summary>
    Timeout,

    /// <summary>The device is no longer there.</summary>
    Disconnected,

    /// <summary>The host or the bus failed in some other way.</summary>
    Fault,

    /// <summary>The answer makes no sense: a malformed descriptor, more bytes than asked for.</summary>
    Protocol,

    /// <summary>The device is there, but this host may not or cannot open it.</summary>
    CannotOpen,
}
