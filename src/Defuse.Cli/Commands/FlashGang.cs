using Defuse.Cli.Json;
using Defuse.Cli.Live;
using Defuse.Cli.Output;
using Defuse.Connections;
using Defuse.Formats;
using Defuse.Gangs;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Targets;

namespace Defuse.Cli.Commands;

/// <summary>defuse flash with several boards.</summary>
internal static class FlashGang
{
    // Where the main flash of all chips begins whose ROM bootloader has DFU.
    private const uint UsualFlashStart = 0x0800_0000;

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

        RefuseUnplaceable(arguments, file);
        context.Boards = new BoardTally();
        using var noMore = CancellationTokenSource.CreateLinkedTokenSource(context.Environment.OutFailing);
        var report = await ProgressDisplay.RunGangAsync(
            context,
            $"{Path.GetFileName(FirmwareSource.NameOf(arguments.File))} to {Boardless(arguments)}",
            arguments.Watch,
            progress =>
            {
                var gang = new BoardGang(
                    Boards.CreateCatalog(context, arguments.Fresh, arguments.Entry == ProgramEntry.Never ? ProgramEntry.Never : ProgramEntry.Named),
                    (board, target, events, cancel) => FlashAsync(progress.SessionOf(board), target, events, file, arguments, noMore, cancel),
                    context.Environment.Time);
                return arguments.Watch ? gang.WatchAsync(scope, new GangOptions { Count = arguments.Count, NoMore = noMore.Token }, progress, cancellationToken)
                    : arguments.All ? gang.RunAllAsync(scope, progress, cancellationToken)
                    : gang.RunAsync([.. arguments.Devices.Select(x => new BoardInfo { Address = x, Name = x.ToString() })], progress, cancellationToken);
            },
            cancellationToken).ConfigureAwait(false);
        return End(context, report, cancellationToken.IsCancellationRequested);
    }

    private static async ValueTask<FlashReport> FlashAsync(
        BoardSession session, ITarget target, IProgress<ProgrammingEvent> events, FirmwareFile file, FlashArguments arguments, CancellationTokenSource noMore, CancellationToken cancellationToken)
    {
        var options = arguments.Options;
        FirmwareImage image;
        try
        {
            FlashCommand.RefuseMismatch(target, arguments);
            image = target is IImageSink ? file.Image : FirmwareLoader.Place(file, arguments.Address, target.Description);
        }
        catch (Exception e) when (e is UsageException or AddressNeededException)
        {
            // A watch would find the same mistake in the command at every board.
            await noMore.CancelAsync().ConfigureAwait(false);
            throw;
        }

        var save = options.KeepUnwritten || !options.Keep.IsEmpty ? BackupFile.Rescue(session.Context) : null;
        if (save is not null)
        {
            options = options with { Backup = (bytes, cancel) => save.SaveAsync(bytes, target.Description, cancel) };
        }

        var report = await new Programmer(target, session.Context.Log).FlashAsync(image, options, events, cancellationToken).ConfigureAwait(false);
        session.WayBack = save?.Close(report);
        return report;
    }

    private static ResultLine End(CommandContext context, GangReport report, bool isInterrupted)
    {
        var boards = context.Boards!;
        var besides = report.Error is { } error ? Failure.Of(error) : null;
        if (besides is not null)
        {
            context.Printer.Error(besides);
        }

        var worst = ExitCode.Worst([.. boards.ExitCodes, besides?.ExitCode ?? ExitCode.Done]);
        var exitCode = !report.IsCutShort ? worst : isInterrupted ? ExitCode.Cancelled : worst == ExitCode.Done ? ExitCode.Failed : worst;
        var first = boards.FirstWith(exitCode);
        var failure = first?.Failure ?? besides;
        Sum(context.Printer, report, boards);
        return context.Done() with
        {
            Outcome = exitCode switch
            {
                ExitCode.Done => Texts.Word(FlashOutcome.Verified),
                ExitCode.Cancelled => Texts.Word(FlashOutcome.Cancelled),
                _ => first?.Outcome ?? besides?.Outcome ?? Texts.Word(FlashOutcome.Failed),
            },
            ExitCode = exitCode,
            Error = exitCode is ExitCode.Done or ExitCode.Cancelled || failure is null ? null : JsonError.Of(failure),
            Seconds = Math.Round(report.Elapsed.TotalSeconds, 3),
        };
    }

    private static void Sum(Printer printer, GangReport report, BoardTally boards)
    {
        var all = Texts.Count(boards.Count, "board");
        var time = Texts.Time(report.Elapsed);
        if (boards.Count == 0)
        {
            printer.Talk("No board was flashed.");
        }
        else if (!boards.HasOthers)
        {
            printer.Success("Verified", $" {all} in {time}.");
        }
        else
        {
            printer.Sum($"{all} in {time}: {boards.Words}.");
        }

        if (report.IsCutShort)
        {
            printer.Talk("Ended before all was done.");
        }
    }

    // A person who names no alternate setting may mean devices that have none; one who names one means devices that take images whole.
    private static void RefuseUnplaceable(FlashArguments arguments, FirmwareFile file)
    {
        if (!file.NeedsAddress || arguments.Address is not null || arguments.Options.AlternateSetting is not null || file.Image.Segments is not [var segment])
        {
            return;
        }

        try
        {
            BinaryPlacement.FindAddress(segment.Data.Span, UsualFlashStart, []);
        }
        catch (AddressNeededException e)
        {
            throw new UsageException(e.Message, $"{e.Remedy}; for plain DFU devices, which decide themselves where it goes, give --alt, such as --alt 0", e);
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
        if (arguments.Devices.Length > 1 && arguments.Devices.FirstOrDefault(x => x.Path.Length == 0 || (string.Equals(x.Scheme, "usbip", StringComparison.Ordinal) && (!x.Path.Contains('/', StringComparison.Ordinal) || x.Path.EndsWith('/')))) is { } place)
        {
            throw new UsageException($"{place} names no board, but a place with any number of them", "to flash all that are there, give it alone, with --all; or name its boards one by one");
        }

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
