namespace Defuse.Connections;

/// <summary>Why a board could not be chosen or reached.</summary>
public enum ConnectionFailure
{
    /// <summary>The address is not one that Defuse understands.</summary>
    BadAddress,

    /// <summary>No such board is there.</summary>
    NoDevice,

    /// <summary>Several boards are there, and none was named.</summary>
    SeveralDevices,

    /// <summary>The board is there and cannot be opened.</summary>
    CannotOpen,
}
