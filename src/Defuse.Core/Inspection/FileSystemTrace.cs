namespace Defuse.Inspection;

/// <summary>The start of a file system.</summary>
/// <param name="Name">"FAT12", "FAT16", "FAT32" or "littlefs".</param>
/// <param name="Address">Where its first block starts.</param>
public readonly record struct FileSystemTrace(string Name, uint Address);
