using Defuse.Gangs;
using Defuse.Programming;
using Spectre.Console;
using Spectre.Console.Advanced;
using Spectre.Console.Rendering;

namespace Defuse.Cli.Live;

/// <summary>Shows the progress of work in the way that the streams allow.</summary>
internal static class ProgressDisplay
{
    private const string EraseLine = "\u001b[2K";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(80);

    /// <param name="context">The command.</param>
    /// <param name="title">What is done, in a few words.</param>
    /// <param name="work">Does it.</param>
    /// <param name="cancellationToken">The token that the work looks at: whoever cancels is told at once what is still finished.</param>
    public static async Task<T> RunAsync<T>(
        CommandContext context, string title, Func<IProgress<ProgrammingEvent>, Task<T>> work, CancellationToken cancellationToken)
    {
        var printer = context.Printer;
        var known = context.Known;
        var json = printer.IsJson ? new JsonProgress(printer, context.Environment.Time) : null;
        if (!printer.IsLive)
        {
            using var telling = cancellationToken.Register(() => printer.Talk(known.Stopping));
            return await work(new All(known, new PlainProgress(printer), json)).ConfigureAwait(false);
        }

        var display = new LiveDisplay(title, context.Environment.Width);
        using var noting = cancellationToken.Register(() => display.Note(known.Stopping));
        var result = await DrawAsync(context, display.Draw, () => work(new All(known, display, json))).ConfigureAwait(false);
        foreach (var warning in display.Warnings)
        {
            printer.KeepWarning(warning);
        }

        return result;
    }

    /// <summary>The same, of several boards.</summary>
    /// <param name="context">The command.</param>
    /// <param name="title">What is done, in a few words.</param>
    /// <param name="isWatching">Whether more boards may come.</param>
    /// <param name="work">Does it.</param>
    /// <param name="cancellationToken">The token that the work looks at.</param>
    public static async Task<GangReport> RunGangAsync(
        CommandContext context, string title, bool isWatching, Func<GangProgress, Task<GangReport>> work, CancellationToken cancellationToken)
    {
        var printer = context.Printer;
        if (!printer.IsLive)
        {
            using var telling = cancellationToken.Register(() => TellIfAtWork(context, printer.Talk));
            return await work(new GangProgress(context, display: null)).ConfigureAwait(false);
        }

        var display = new GangDisplay(title, context.Environment.Width, context.Environment.Height, isWatching);
        var progress = new GangProgress(context, display);
        using var noting = cancellationToken.Register(() => TellIfAtWork(context, display.Note));
        return await DrawAsync(context, display.Draw, () => work(progress), progress.NextUntold).ConfigureAwait(false);
    }

    private static void TellIfAtWork(CommandContext context, Action<string> tell)
    {
        if (!context.AtWork.IsEmpty)
        {
            tell("Stopping each board after the block or the sector in flight; Ctrl-C again quits at once and leaves them half done.");
        }
    }

    private static async Task<T> DrawAsync<T>(CommandContext context, Func<IRenderable> draw, Func<Task<T>> work, Func<string?>? untold = null)
    {
        Task<T>? task = null;
        var console = context.Printer.CreateTalkConsole();
        await console.Live(draw()).AutoClear(false).StartAsync(async live =>
        {
            // On a thread of its own: a simulated board may do all its work without ever waiting.
            task = Task.Run(work);
            while (!task.IsCompleted)
            {
                await Task.WhenAny(task, Task.Delay(Interval, context.Environment.Time)).ConfigureAwait(false);
                TellAbove(console, untold);
                live.UpdateTarget(draw());
            }

            TellAbove(console, untold);
            live.UpdateTarget(draw());
        }).ConfigureAwait(false);
        return await task!.ConfigureAwait(false);
    }

    // Above what is redrawn, which is over the old state of that.
    private static void TellAbove(IAnsiConsole console, Func<string?>? untold)
    {
        while (untold?.Invoke() is { } lines)
        {
            console.WriteAnsi(string.Concat(lines.TrimEnd('\n').Split('\n').Select(x => $"{EraseLine}{x}\n")));
        }
    }

    /// <summary>Tells several.</summary>
    internal sealed class All(params IProgress<ProgrammingEvent>?[] takers) : IProgress<ProgrammingEvent>
    {
        public void Report(ProgrammingEvent value)
        {
            foreach (var taker in takers)
            {
                taker?.Report(value);
            }
        }
    }
}
