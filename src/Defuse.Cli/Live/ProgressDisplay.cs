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
    public static async Task<T> RunAsync<T>(CommandContext context, string title, Func<IProgress<ProgrammingEvent>, Task<T>> work)
    {
        var printer = context.Printer;
        var json = printer.IsJson ? new JsonProgress(printer, context.Environment.Time) : null;
        if (!printer.IsLive)
        {
            return await work(new Both(new PlainProgress(printer), json)).ConfigureAwait(false);
        }

        var display = new LiveDisplay(title, context.Environment.Width);
        Task<T>? task = null;
        await printer.CreateTalkConsole().Live(display.Draw()).AutoClear(false).StartAsync(async live =>
        {
            // On a thread of its own: a simulated board may do all its work without ever waiting.
            task = Task.Run(() => work(new Both(display, json)));
            while (!task.IsCompleted)
            {
                await Task.WhenAny(task, Task.Delay(Interval, context.Environment.Time)).ConfigureAwait(false);
                live.UpdateTarget(display.Draw());
            }

            live.UpdateTarget(display.Draw());
        }).ConfigureAwait(false);
        return await task!.ConfigureAwait(false);
    }

    private sealed class Both(IProgress<ProgrammingEvent> first, IProgress<ProgrammingEvent>? second) : IProgress<ProgrammingEvent>
    {
        public void Report(ProgrammingEvent value)
        {
            first.Report(value);
            second?.Report(value);
        }
    }
}
