namespace Defuse.Compatibility;

/// <summary>What a tool is asked to do with a board; a column of the table.</summary>
internal enum Operation
{
    List,
    Flash,
    FlashDfu,
    Read,
    ReadOthers,
    EraseSector,
    EraseChip,
    Start,
    Unprotect,
}
