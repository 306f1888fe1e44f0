namespace Defuse.Platform.Windows;

/// <summary>A drive with a letter.</summary>
/// <param name="Root">How people call it: "E:\".</param>
/// <param name="Device">The device behind the letter (QueryDosDevice): "\Device\HarddiskVolume7".</param>
/// <param name="Folder">Where its files are.</param>
internal sealed record WindowsDrive(string Root, string Device, string Folder);
