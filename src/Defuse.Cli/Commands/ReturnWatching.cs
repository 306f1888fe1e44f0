using Defuse.Cli.Json;
using Defuse.Cli.Output;
using Defuse.Targets;

namespace Defuse.Cli.Commands;

/// <summary>Tells what comes back after a board was started.</summary>
internal static class ReturnWatching
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <remarks>The work is done by then: neither what comes nor Ctrl-C makes it a failure.</remarks>
    public static async Task RunAsync(CommandContext context, ITarget target, CancellationToken cancellationToken)
    {
        try
        {
            if (context.Catalog is { } catalog && await catalog.WatchReturnAsync(target, Patience, cancellationToken).ConfigureAwait(false) is { } back)
            {
                context.Printer.Json(ReturnedLine.Of(back), CliJsonContext.Lines.ReturnedLine);
                context.Printer.Talk(ReturnText.Of(back, target.Description, Patience));
            }
        }
        catch (OperationCanceledException)
        {
            context.Printer.Detail("What comes back was not waited for.");
        }
        catch (DefuseException e)
        {
            context.Printer.Detail($"What comes back could not be looked at: {e.Message}.");
        }
    }
}
