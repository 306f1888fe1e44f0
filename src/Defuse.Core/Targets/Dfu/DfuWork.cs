namespace Defuse.Targets.Dfu;

/// <summary>A piece of work that a device does behind a GETSTATUS, and how much of it: what takes about as long again.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Size">Bytes that are written, or that the sector has; 0 where that says nothing.</param>
internal readonly record struct DfuWork(DfuWorkKind Kind, long Size)
{
    /// <summary>What somebody else has begun.</summary>
    public static DfuWork Unknown { get; } = new(DfuWorkKind.MassErase, -1);

    /// <summary>How long a device may take over it, however often it asks for more time.</summary>
    /// <remarks>An F405 erases itself in up to 32 s; a 256 KB sector takes up to 4 s (DS11532).</remarks>
    public TimeSpan Budget => Kind switch
    {
        DfuWorkKind.Command => TimeSpan.FromSeconds(10),
        DfuWorkKind.Write => TimeSpan.FromSeconds(30),
        DfuWorkKind.Erase => TimeSpan.FromSeconds(60),
        _ => TimeSpan.FromMinutes(5),
    };
}
