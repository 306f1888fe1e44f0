namespace Defuse.Targets.Dfu;

/// <summary>An alternate setting of a DFU interface: one memory of the device.</summary>
/// <param name="Number">bAlternateSetting.</param>
/// <param name="NameIndex">iInterface: the string that holds its name and memory layout; 0 if it has none.</param>
internal readonly record struct DfuAlternateSetting(byte Number, byte NameIndex);
