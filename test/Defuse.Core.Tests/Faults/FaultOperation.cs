namespace Defuse.Core.Tests.Faults;

/// <summary>What a person asks for while a board has a fault.</summary>
public enum FaultOperation
{
    Flash,
    Verify,
    Read,
    Erase,
    Start,
    Unprotect,
}
