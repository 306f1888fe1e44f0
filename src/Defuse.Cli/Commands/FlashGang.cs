using Defuse.Cli.Json;
using Defuse.Cli.Live;
using Defuse.Cli.Output;
using Defuse.Connections;
using Defuse.Formats;
using Defuse.Gangs;
using Defuse.Programming;
using Defuse.Targets;

namespace Defuse.Cli.Commands;

/// <summary>defuse flash with several boards.</summary>
internal static class FlashGang
{
    public static async Task<ResultLine> RunAsync(CommandContext context, FlashArguments arguments, CancellationToken cancellationToken)
    {
        var scope = arguments.Devices.Length > 1 ? null : Scope(context, arguments);
        RefuseNames(arguments);
        context.WantsFileHash = true;
        var file = await FirmwareLoader.LoadAsync(context, arguments.File, arguments.Allow, arguments.Address, cancellationToken).ConfigureAwait(false);
        arguments = arguments with { Options = arguments.Options with { MadeFor = FirmwareLoader.MadeFor(file) } };
        if (arguments.Watch)
        {
            context.Printer.Talk(arguments.Count is { } count
                ? $"Flashing {Texts.Count(count, "board")}, each as it is plugged in; those that are there are flashed at once. Ctrl-C ends it."
                : "Flashing each board as it is plugged in; those that are there are flashed at once. Ctrl-C ends it.");
        }

        var report = await ProgressDisplay.RunGangAsync(
            context,
            $"{Path.GetFileName(FirmwareSource.NameOf(arguments.File))} to {Boardless(arguments)}",
            arguments.Watch,
            progress =>
            {
                var gang = new BoardGang(
                    Boards.CreateCatalog(context, arguments.Fresh),
                    (board, target, events, cancel) => FlashAsync(progress.SessionOf(board), target, events, file, arguments, cancel),
                    context.Environment.Time);
                return arguments.Watch ? gang.WatchAsync(scope, new GangOptions { Count = arguments.Count }, progress, cancellationToken)
                    : arguments.All ? gang.RunAllAsync(scope, progress, cancellationToken)
                    : gang.RunAsync([.. arguments.Devices.Select(x => new BoardInfo { Address = x, Name = x.ToString() })], progress, cancellationToken);
            },
            cancellationToken).ConfigureAwait(false);
        return End(context, report);
    }

    private static async ValueTask<FlashReport> FlashAsync(
        BoardSession session, ITarget target, IProgress<ProgrammingEvent> events, FirmwareFile file, FlashArguments arguments, CancellationToken cancellationToken)
    {
        FlashCommand.RefuseMismatch(target, arguments);
        var options = arguments.Options;
        var image = target is IImageSink ? file.Image : FirmwareLoader.Place(file, arguments.Address, target.Description);
        var save = options.KeepUnwritten || !options.Keep.IsEmpty ? BackupFile.Rescue(session.Context) : null;
        if (save is not null)
        {
            options = options with { Backup = (bytes, cancel) => save.SaveAsync(bytes, target.Description, cancel) };
        }

        var report = await new Programmer(target, session.Context.Log).FlashAsync(image, options, events, cancellationToken).ConfigureAwait(false);
        session.WayBack = save?.Close(report);
        return report;
    }

    private static ResultLine End(CommandContext context, GangReport report)
    {
        var outcomes = report.Records.Select(BoardOutcome.Of).ToList();
        var watching = report.Error is { } error ? Failure.Of(error) : null;
        if (watching is not null)
        {
            context.Printer.Error(watching);
        }

        var exitCode = report.IsCutShort ? ExitCode.Cancelled : ExitCode.Worst([.. outcomes.Select(x => x.ExitCode), watching?.ExitCode ?? ExitCode.Done]);
        var worst = report.Records.Zip(outcomes).FirstOrDefault(x => x.Second.ExitCode == exitCode);
        var failure = worst.Second is { Failure: { } reason } ? reason with { Reason = $"{worst.First.Board.Address}: {reason.Reason}" } : watching;
        Sum(context.Printer, report, outcomes);
        return context.Done() with
        {
            Outcome = exitCode switch
            {
                ExitCode.Done => Texts.Word(FlashOutcome.Verified),
                ExitCode.Cancelled => Texts.Word(FlashOutcome.Cancelled),
                _ => worst.Second?.Outcome ?? watching!.Outcome,
            },
            ExitCode = exitCode,
            Error = exitCode is ExitCode.Done or ExitCode.Cancelled || failure is null ? null : JsonError.Of(failure),
            Boards = JsonBoardCounts.Of(report.Records),
            BytesWritten = report.Records.Sum(x => x.Report?.BytesWritten ?? 0),
            BytesVerified = report.Records.Sum(x => x.Report?.BytesVerified ?? 0),
            SectorsErased = report.Records.Sum(x => x.Report?.SectorsErased ?? 0),
            Seconds = Math.Round(report.Elapsed.TotalSeconds, 3),
        };
    }

    private static void Sum(Printer printer, GangReport report, List<BoardOutcome> outcomes)
    {
        var all = Texts.Count(outcomes.Count, "board");
        var time = Texts.Time(report.Elapsed);
        if (outcomes.Count == 0)
        {
            printer.Talk("No board was flashed.");
        }
        else if (outcomes.All(x => x.ExitCode == ExitCode.Done))
        {
            printer.Success("Verified", $" {all} in {time}.");
        }
        else
        {
            var words = outcomes.OrderBy(x => x.ExitCode == ExitCode.Done ? 0 : 1).ThenBy(x => x.Outcome, StringComparer.Ordinal).CountBy(x => x.Outcome, StringComparer.Ordinal).Select(x => $"{x.Value} {x.Key}");
            printer.Talk($"{all} in {time}: {string.Join(", ", words)}.");
        }

        if (report.IsCutShort)
        {
            printer.Talk("Cancelled before all was done.");
        }
    }

    private static string Boardless(FlashArguments arguments) =>
        arguments.Watch ? "each board that is plugged in" : arguments.All ? "all boards" : Texts.Count(arguments.Devices.Length, "board");

    private static ConnectionAddress? Scope(CommandContext context, FlashArguments arguments)
    {
        var scope = arguments.Devices.FirstOrDefault() ?? Boards.FromVariable(context);
        return scope is not { Scheme: "sim" or "replay" } ? scope : throw new UsageException(
            $"{scope} is not plugged in anywhere, which is what --all and --watch look for",
            "name simulated boards one by one, --device for each, without --all; or serve them with defuse simulate, and give --device usbip://127.0.0.1/");
    }

    private static void RefuseNames(FlashArguments arguments)
    {
        if (arguments.Devices.Length > 1 && arguments.Devices.Distinct().Count() != arguments.Devices.Length)
        {
            throw new UsageException("a board is named twice", "name each board once: --device sim:nucleo-f767zi --device sim:nucleo-f767zi#1");
        }

        if (arguments.Fresh && arguments.Devices.FirstOrDefault(x => !string.Equals(x.Scheme, "sim", StringComparison.Ordinal)) is { } real)
        {
            throw new UsageException($"--fresh is for simulated boards, and {real} is none", "leave --fresh out");
        }
    }
}
