namespace Defuse.Entering;

/// <summary>How asking a program ended.</summary>
/// <param name="WasAsked">Whether the board may be leaving now.</param>
/// <param name="Reason">Why it will not, or what it said; as half a sentence.</param>
internal readonly record struct EntryAnswer(bool WasAsked, string Reason)
{
    public static EntryAnswer Asked(string said = "") => new(true, said);

    public static EntryAnswer Declined(string reason) => new(false, reason);

    /// <summary>It will not enter DFU mode, and restarts its program now.</summary>
    public static EntryAnswer Restarting(string reason) => new(true, reason) { IsRestarting = true };

    /// <summary>It is not to be asked in any other way either.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="remedy">What a person can do, instead of starting its bootloader by hand.</param>
    public static EntryAnswer Refused(string reason, string remedy) => new(false, reason) { Remedy = remedy };

    /// <summary>Whether a restart is what is expected of it, and <see cref="Reason"/> says more.</summary>
    public bool IsRestarting { get; private init; }

    /// <summary>What a person can do where nothing else is to be tried; null where the next way may be.</summary>
    public string? Remedy { get; private init; }
}
