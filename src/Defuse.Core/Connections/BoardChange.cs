namespace Defuse.Connections;

/// <summary>A board that came, went, or is not as it was.</summary>
/// <remarks>
/// A board is its address (a port), its serial number, its VID:PID, whether it runs its program, and the address that the bus
/// gave it. When one of them is another one, one board left and another one came; what is not known tells no two apart.
/// </remarks>
/// <param name="Kind">What happened.</param>
/// <param name="Board">What is known of it now; of one that left, what was known last.</param>
public sealed record BoardChange(BoardChangeKind Kind, BoardInfo Board)
{
    /// <summary>What changed from one list to another; what left comes first.</summary>
    internal static IEnumerable<BoardChange> Between(IReadOnlyList<BoardInfo> before, IReadOnlyList<BoardInfo> after)
    {
        foreach (var old in before.Where(x => !after.Any(y => AreSame(x, y))))
        {
            yield return new BoardChange(BoardChangeKind.Left, old);
        }

        foreach (var board in after)
        {
            var old = before.FirstOrDefault(x => AreSame(x, board));
            if (old is null)
            {
                yield return new BoardChange(BoardChangeKind.Arrived, board);
            }
            else if (old != board)
            {
                yield return new BoardChange(BoardChangeKind.Changed, board);
            }
        }
    }

    private static bool AreSame(BoardInfo one, BoardInfo other) =>
        one.Address == other.Address
        && one.RunsProgram == other.RunsProgram
        && string.Equals(one.UsbId, other.UsbId, StringComparison.Ordinal)
        && (one.SerialNumber is null || other.SerialNumber is null || string.Equals(one.SerialNumber, other.SerialNumber, StringComparison.Ordinal))
        && (one.DeviceAddress is null || other.DeviceAddress is null || one.DeviceAddress == other.DeviceAddress);
}
