namespace Defuse.Planning;

/// <summary>A file carries no addresses, and nothing tells where its bytes belong.</summary>
public sealed class AddressNeededException : DefuseException
{
    /// <param name="why">Why the start of flash is not it, as half a sentence.</param>
    public AddressNeededException(string why)
        : base(
            $"the file holds raw bytes without addresses, and {why}",
            remedy: "say where its first byte goes with --address, for example --address 0x08000000; what built the file knows")
    {
    }
}
