using Defuse.Devices;

namespace Defuse.Planning;

/// <summary>Holds what is to be changed against what the chip is known to protect.</summary>
internal static class ProtectionCheck
{
    private const int MostNamed = 4;
    private const string Removal = "defuse unprotect removes the protection and wipes the chip";
    private const string AllTheSame = "try all the same with --allow protected";

    /// <summary>What stands against reading a chip that is known to be read-out protected; null if nothing does.</summary>
    public static Refusal? Reading(TargetDescription target) => ReadOut(target) is { } closed
        ? target.Protection.ReadOut == ReadOutProtection.Permanent ? closed : closed with { Remedy = Removal }
        : null;

    /// <summary>What stands against reading a chip that refused it as a protected one does.</summary>
    public static Refusal ReadingWasRefused() => new(
        RefusalKind.Protected, "the chip is read-out protected: it refused to have its memory read (errVENDOR)", null, Removal);

    /// <summary>What stands against any work on a chip that is known to be read-out protected; null if nothing does.</summary>
    public static Refusal? ReadOut(TargetDescription target) => target.Protection switch
    {
        { ReadOut: ReadOutProtection.Permanent } protection => new Refusal(
            RefusalKind.Protected,
            $"the chip is closed for good, read-out protection level 2 or the like: {protection.Evidence}",
            null,
            "this cannot be undone; the chip stays as it is"),
        { ReadOut: ReadOutProtection.Level1 } protection => new Refusal(
            RefusalKind.Protected,
            $"the chip is read-out protected, {protection.ReadOutText}: {protection.Evidence}",
            null,
            $"{Removal}; or {AllTheSame}"),
        _ => null,
    };

    /// <summary>What stands against changing sectors that are known to be write-protected; null if none is.</summary>
    /// <param name="sectors">The sectors to be changed.</param>
    /// <param name="target">The device.</param>
    /// <param name="around">What a person can do to leave them alone.</param>
    public static Refusal? Write(IEnumerable<Sector> sectors, TargetDescription target, string around) =>
        Locked(sectors, target) is { Count: > 0 } locked
            ? new Refusal(
                RefusalKind.Protected,
                $"{Name(locked)} {(locked.Count == 1 ? "is" : "are")} write-protected, its option bytes say",
                locked[0].Range,
                $"{around}, remove the write protection with STM32CubeProgrammer, or {AllTheSame}")
            : null;

    /// <summary>What a person should know of sectors that are write-protected, and change only if they differ; null if there are none.</summary>
    /// <param name="sectors">The sectors that may be changed.</param>
    /// <param name="target">The device.</param>
    public static string? Warning(IEnumerable<Sector> sectors, TargetDescription target) =>
        Locked(sectors, target) is { Count: > 0 } locked
            ? $"{Name(locked)} {(locked.Count == 1 ? "is" : "are")} write-protected: where the device holds something else there, all is refused"
            : null;

    private static List<Sector> Locked(IEnumerable<Sector> sectors, TargetDescription target) =>
        [.. sectors.Where(x => target.Protection.IsWriteProtected(x.Range)).OrderBy(x => x.Range)];

    private static string Name(List<Sector> sectors)
    {
        var more = sectors.Count > MostNamed ? $" and {sectors.Count - MostNamed} more sectors" : "";
        return string.Join(", ", sectors.Take(MostNamed)) + more;
    }
}
