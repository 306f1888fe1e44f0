namespace Defuse.Simulator.Roms;

/// <summary>What a request for the functional descriptor alone gets, rather than as a part of the configuration.</summary>
internal enum FunctionalDescriptorAnswer
{
    Stalls,
    Answers,

    /// <summary>No handshake at all, until the host gives up.</summary>
    NeverAnswers,
}
