using System.CommandLine;
using Defuse.Cli.Json;
using Defuse.Cli.Output;
using Defuse.Entering;
using Defuse.Planning;

namespace Defuse.Cli;

/// <summary>Runs a command that was parsed: sets up its output, and turns whatever it ends with into an exit code.</summary>
internal sealed class CommandRunner(CliEnvironment environment, CommonOptions common)
{
    private const string Asked = "the program had been asked for its bootloader, so the board may run that now, or its program from the start; its memory was not changed";

    private volatile CommandContext? _current;

    public CliEnvironment Environment => environment;

    public CommonOptions Common => common;

    public async Task<int> RunAsync(ParseResult parse, Func<CommandContext, Task<ResultLine>> run)
    {
        var verbosity = parse.GetValue(common.Quiet) ? Verbosity.Quiet
            : parse.GetValue(common.Verbose) ? Verbosity.Verbose
            : Verbosity.Normal;
        var printer = new Printer(environment, parse.GetValue(common.Color), verbosity, parse.GetValue(common.Json), parse.GetValue(common.NoProgress));
        var context = new CommandContext(parse.CommandResult.Command.Name, environment, printer);
        _current = context;
        ResultLine line;
        try
        {
            line = await TracedAsync(context, parse.GetValue(common.Trace), run).ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            printer.Talk($"Cancelled; {context.ScratchText ?? (context is { AskedProgram: true, LeftProgram: false } ? Asked : "nothing was changed")}.");
            line = context.Failed(Failure.Of(e));
        }
#pragma warning disable CA1031 // The last result line and the exit code are promised for whatever happens.
        catch (Exception e)
#pragma warning restore CA1031
        {
            var failure = Failure.Of(e);
            printer.Error(
                failure,
                e is PlanRefusedException ? ["nothing was changed"]
                : context.Input is { } input ? [$"in {input}"]
                : context.ScratchText is { } scratch ? [scratch]
                : null);
            if (e is EntryException { IsByHand: true } entry)
            {
                await ByHand.TellAsync(context, entry, CancellationToken.None).ConfigureAwait(false);
            }

            for (var inner = e.InnerException; inner is not null; inner = inner.InnerException)
            {
                printer.Detail($"  because: {inner.Message}");
            }

            if (e is not DefuseException and not IOException)
            {
                printer.Detail(e.StackTrace?.ReplaceLineEndings(" | ") ?? "");
            }

            line = context.Failed(failure);
        }

        if (context.StaysInBootloader(line) is { } stays)
        {
            printer.Talk(stays);
        }

        printer.Result(line);
        return line.ExitCode;
    }

    private static async Task<ResultLine> TracedAsync(CommandContext context, string? file, Func<CommandContext, Task<ResultLine>> run)
    {
        if (file is null)
        {
            return await run(context).ConfigureAwait(false);
        }

        var trace = TraceFile.Open(file);
        await using var closing = trace.ConfigureAwait(false);
        context.Trace = new TraceOptions(trace.Stream)
        {
            Program = $"defuse {context.Environment.Version}",
            Failed = e => context.Printer.Warning($"the trace ends here: {file} cannot be written: {e.Message.TrimEnd('.')}"),
        };
        return await run(context).ConfigureAwait(false);
    }

    /// <summary>Says what is known, for a process that ends without waiting for the work in flight.</summary>
    public void Abandon()
    {
        if (_current is not { } context)
        {
            return;
        }

        var hurt = context.AtWork.Values.Any(x => !x.Known.InFlight.IsEmpty);
        foreach (var (board, work) in context.AtWork)
        {
            var ranges = work.Known.InFlight;
            if (!ranges.IsEmpty)
            {
                context.Printer.Talk($"On {board} the state of {string.Join(" and ", ranges)} is unknown: it was being erased or written.");
            }

            if (work.Rescue is { } saved)
            {
                context.Printer.Talk($"What the erased sectors of {board} held is in {saved}.");
            }

        }

        lock (context.Telling)
        {
            foreach (var (board, _) in context.AtWork)
            {
                if (context.AtWork.TryRemove(board, out var work))
                {
                    var line = RecordLine.OfAbandoned(board, work, context);
                    context.Printer.Json(line, CliJsonContext.Lines.RecordLine);
                    context.Boards?.Add(line);
                }
            }
        }

        var inFlight = context.Known.InFlight;
        context.Printer.Talk(
            context.ScratchText is { } scratch ? $"Quit at once; {scratch}."
            : hurt ? "Quit at once."
            : inFlight.IsEmpty ? "Quit at once; nothing was being erased or written."
            : $"Quit at once; the state of {string.Join(" and ", inFlight)} is unknown: it was being erased or written.");
        if (context.Rescue is { } rescue)
        {
            context.Printer.Talk($"What the erased sectors held is in {rescue}.");
        }

        context.Printer.Result(context.Abandoned());
    }
}
