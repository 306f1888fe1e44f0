namespace Defuse.Entering;

/// <summary>How asking a program ended.</summary>
/// <param name="WasAsked">Whether the board may be leaving now.</param>
/// <param name="Reason">Why it will not, or what it said; as half a sentence.</param>
internal readonly record struct EntryAnswer(bool WasAsked, string Reason)
{
    public static EntryAnswer Asked(string said = "") => new(true, said);

    public static EntryAnswer Declined(string reason) => new(false, reason);
}
