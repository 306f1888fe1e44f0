namespace Defuse.Formats;

/// <summary>A file of an archive, unpacked.</summary>
/// <param name="Kind">The kind of archive.</param>
/// <param name="Name">Its name, printable, at full length; null if the archive names none.</param>
/// <param name="Bytes">Its bytes.</param>
/// <param name="Warnings">What was tolerated.</param>
internal sealed record ArchiveMember(ArchiveKind Kind, string? Name, ReadOnlyMemory<byte> Bytes, Warnings Warnings);
