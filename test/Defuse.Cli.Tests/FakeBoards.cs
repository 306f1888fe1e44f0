using Defuse.Connections;
using Defuse.Targets;

namespace Defuse.Cli.Tests;

/// <summary>Boards that are there as a test wants them.</summary>
internal sealed class FakeBoards(params BoardInfo[] boards) : IConnectionProvider
{
    public string Scheme { get; init; } = "dfu";

    public FakeTarget Target { get; } = new("dfu:usb-1-4");

    /// <summary>How often opening finds nothing, before the board is there.</summary>
    public int MissingAtFirst { get; set; }

    /// <summary>What opening fails with.</summary>
    public DefuseException? Failure { get; init; }

    public static BoardInfo Board(string address, string? problem = null, string? remedy = null) => new()
    {
        Address = ConnectionAddress.Parse(address),
        Name = "STM32  BOOTLOADER",
        UsbId = "0483:df11",
        SerialNumber = "205B33875532",
        Problem = problem,
        Remedy = remedy,
    };

    /// <summary>The usual one, open to be flashed.</summary>
    public static FakeBoards One() => new(Board("dfu:usb-1-4"));

    public ValueTask<IReadOnlyList<BoardInfo>> ListAsync(ConnectionAddress? scope, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<BoardInfo>>(boards);

    public ValueTask<ITarget> OpenAsync(ConnectionAddress address, CancellationToken cancellationToken)
    {
        if (Failure is not null)
        {
            throw Failure;
        }

        if (MissingAtFirst-- > 0)
        {
            throw new ConnectionException(ConnectionFailure.NoDevice, $"{address} is not there");
        }

        return ValueTask.FromResult<ITarget>(Target);
    }
}
