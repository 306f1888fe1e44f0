using Defuse.Entering;
using Defuse.Targets;

namespace Defuse.Connections;

/// <summary>Boards by the serial port of the program that they run: <c>uart:/dev/ttyACM0</c>, <c>uart:COM5</c>. Opening one takes it to DFU mode.</summary>
/// <param name="boards">Where they come back.</param>
/// <param name="entering">How they get there.</param>
public sealed class SerialConnectionProvider(DfuConnectionProvider boards, EntrySettings entering) : IEnteringConnectionProvider
{
    /// <inheritdoc/>
    public string Scheme => "uart";

    /// <inheritdoc/>
    public ProgramEntry Entry => entering.When;

    // Boards are listed by their USB port; what else has a serial port is none.
    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<BoardInfo>> ListAsync(ConnectionAddress? scope, CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<BoardInfo>>([]);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RunningBoardInfo>> ListRunningAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<RunningBoardInfo>>([]);

    /// <inheritdoc/>
    public async ValueTask<ITarget> OpenAsync(ConnectionAddress address, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        var board = await FindAsync(address, cancellationToken).ConfigureAwait(false);
        return await boards.OpenAsync(board, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<DfuReady> EnterDfuAsync(
        ConnectionAddress address, EntryOptions options, IProgress<EntryEvent>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        var board = await FindAsync(address, cancellationToken).ConfigureAwait(false);
        return await boards.EnterAsync(board, options, progress, cancellationToken).ConfigureAwait(false);
    }

    // What it opened, the other provider did.
    /// <inheritdoc/>
    public BoardPlace? PlaceOf(ITarget target) => null;

    private async ValueTask<RunningBoard> FindAsync(ConnectionAddress address, CancellationToken cancellationToken) =>
        await entering.Entrance.FindBehindAsync(address.Path, cancellationToken).ConfigureAwait(false)
        ?? throw new ConnectionException(
            ConnectionFailure.NoDevice, $"there is no serial port {address.Path}", "defuse list shows the boards that are there; one in DFU mode has no serial port");
}
