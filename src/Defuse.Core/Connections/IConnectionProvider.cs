using System.Runtime.CompilerServices;
using Defuse.Targets;

namespace Defuse.Connections;

/// <summary>One way to reach boards, known by the scheme of its addresses.</summary>
public interface IConnectionProvider
{
    /// <summary>The scheme: "sim", "usbip", "dfu".</summary>
    string Scheme { get; }

    /// <summary>The boards that are there; also those that cannot be opened, with the reason.</summary>
    /// <param name="scope">Where to look (a USB/IP server); null for wherever can be looked without being told.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="DefuseException">It cannot be looked there.</exception>
    ValueTask<IReadOnlyList<BoardInfo>> ListAsync(ConnectionAddress? scope, CancellationToken cancellationToken);

    /// <summary>The boards that are there, and again after every change, until it is cancelled.</summary>
    /// <remarks>A provider whose boards don't come and go lists them once: this is what happens unless a provider does better.</remarks>
    /// <param name="scope">Where to look; null for wherever can be looked without being told.</param>
    /// <param name="cancellationToken">Ends it, with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="DefuseException">It cannot be looked there.</exception>
    async IAsyncEnumerable<IReadOnlyList<BoardInfo>> WatchAsync(ConnectionAddress? scope, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return await ListAsync(scope, cancellationToken).ConfigureAwait(false);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a board.</summary>
    /// <param name="address">An address of this scheme.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="DefuseException">It is not there, or cannot be opened.</exception>
    ValueTask<ITarget> OpenAsync(ConnectionAddress address, CancellationToken cancellationToken);
}
