namespace Defuse.Simulator;

/// <summary>There is no such simulated board, or it cannot be had like that.</summary>
public sealed class SimulatedBoardException : DefuseException
{
    /// <param name="reason">What is wrong, as one plain sentence without a full stop at its end.</param>
    /// <param name="remedy">What a person can do about it.</param>
    public SimulatedBoardException(string reason, string remedy)
        : base(reason, remedy: remedy)
    {
    }
}
