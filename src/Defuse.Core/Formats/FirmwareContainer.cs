namespace Defuse.Formats;

/// <summary>The archive that a firmware file came out of.</summary>
/// <param name="Kind">The kind of archive.</param>
/// <param name="MemberName">The firmware file's name inside, with its folders, printable; null if the archive names none.</param>
/// <param name="MemberSize">The firmware file's size in bytes.</param>
public sealed record FirmwareContainer(ArchiveKind Kind, string? MemberName, long MemberSize);
