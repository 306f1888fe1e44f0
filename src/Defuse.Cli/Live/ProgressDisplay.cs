using Defuse.Programming;
using Spectre.Console;

namespace Defuse.Cli.Live;

/// <summary>Shows the progress of work in the way that the streams allow.</summary>
internal static class ProgressDisplay
{
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
        Task<T>? task = null;
        await printer.CreateTalkConsole().Live(display.Draw()).AutoClear(false).StartAsync(async live =>
        {
            // On a thread of its own: a simulated board may do all its work without ever waiting.
            task = Task.Run(() => work(new All(known, display, json)));
            while (!task.IsCompleted)
            {
                await Task.WhenAny(task, Task.Delay(Interval, context.Environment.Time)).ConfigureAwait(false);
                live.UpdateTarget(display.Draw());
            }

            live.UpdateTarget(display.Draw());
        }).ConfigureAwait(false);
        return await task!.ConfigureAwait(false);
    }

    private sealed class All(params IProgress<ProgrammingEvent>?[] takers) : IProgress<ProgrammingEvent>
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
