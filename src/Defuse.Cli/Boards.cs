using Defuse.Cli.Output;
using Defuse.Connections;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Targets;

namespace Defuse.Cli;

/// <summary>Gets from --device to an open board.</summary>
internal static class Boards
{
    /// <summary>The scheme of boards that are there as long as this process uses them.</summary>
    public const string SimulatorScheme = "sim";

    private const string Variable = "DEFUSE_DEVICE";

    public static BoardCatalog CreateCatalog(CommandContext context, bool fresh = false, ProgramEntry entry = ProgramEntry.Named) =>
        context.Catalog = context.Environment.CreateCatalog(Options(context, fresh) with { Entry = entry, EntryProgress = new EntryTalk(context) });

    public static DefuseDoctor CreateDoctor(CommandContext context) =>
        new(CreateCatalog(context), context.Environment.CreateSource(Options(context, fresh: false)));

    public static async Task<ITarget> OpenAsync(
        CommandContext context, ConnectionAddress? device, CancellationToken cancellationToken, bool wait = false, bool fresh = false, ProgramEntry entry = ProgramEntry.Named)
    {
        var address = device ?? FromVariable(context);
        if (fresh && address is not { Scheme: SimulatorScheme })
        {
            throw new UsageException(
                "--fresh is for simulated boards, and blanks no other",
                address is null ? "name one: --device sim:nucleo-f767zi" : "leave --fresh out; erase --chip erases a real board");
        }

        var catalog = CreateCatalog(context, fresh, entry);
        var target = wait
            ? await WaitAsync(context, catalog, address, cancellationToken).ConfigureAwait(false)
            : await catalog.OpenAsync(address, cancellationToken).ConfigureAwait(false);
        var description = target.Description;
        context.Device = description;
        foreach (var line in DeviceText.Of(description))
        {
            context.Printer.Detail(line);
        }

        return target;
    }

    /// <summary>Refuses a board whose memory nobody can work on.</summary>
    /// <exception cref="PlanRefusedException">It takes whole images.</exception>
    public static void RequireMemory(ITarget target)
    {
        if (target is IImageSink)
        {
            throw new PlanRefusedException(
                [new Refusal(RefusalKind.Memory, "this device takes one whole image, and lets nobody at its memory", null, "flash it: nothing else can be done with it")]);
        }
    }

    /// <summary>Records how a board's bootloader behaves.</summary>
    public static async Task<int> CaptureAsync(
        CommandContext context, ConnectionAddress? device, Stream output, AddressRange? scratch, CancellationToken cancellationToken) =>
        await CreateCatalog(context).CaptureAsync(
            device ?? FromVariable(context),
            output,
            new CaptureOptions
            {
                Scratch = scratch,
                Program = $"defuse {context.Environment.Version}",
                Erasing = new Erasing(context),
                Sections = new Sections(context.Printer),
            },
            cancellationToken).ConfigureAwait(false);

    /// <summary>The main flash of a device, neighbours joined.</summary>
    /// <exception cref="UsageException">It names none.</exception>
    public static IReadOnlyList<AddressRange> MainFlash(TargetDescription target) =>
        target.Memory.Flash is { } flash ? AddressRange.Join(flash.Runs.Select(x => x.Range))
        : throw new UsageException("the device names no flash", "say what to read with --range");

    /// <summary>Reads ranges of a board into one image.</summary>
    public static async Task<FirmwareImage> ReadAsync(
        Programmer programmer, IEnumerable<AddressRange> ranges, IProgress<ProgrammingEvent> progress, CancellationToken cancellationToken)
    {
        var builder = new FirmwareImageBuilder();
        foreach (var range in ranges)
        {
            builder.Add(await programmer.ReadAsync(range, progress, cancellationToken).ConfigureAwait(false));
        }

        return builder.Build();
    }

    private static async Task<ITarget> WaitAsync(
        CommandContext context, BoardCatalog catalog, ConnectionAddress? address, CancellationToken cancellationToken)
    {
        try
        {
            return await catalog.OpenAsync(address, cancellationToken).ConfigureAwait(false);
        }
        catch (ConnectionException e) when (e.Failure == ConnectionFailure.NoDevice)
        {
            context.Printer.Talk(address is null ? "Waiting for a board in DFU mode; Ctrl-C stops." : $"Waiting for {address}; Ctrl-C stops.");
            return await catalog.WaitAsync(address, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What DEFUSE_DEVICE names; null if nothing.</summary>
    /// <exception cref="UsageException">It is no address.</exception>
    public static ConnectionAddress? FromVariable(CommandContext context)
    {
        if (context.Environment.GetVariable(Variable) is not { Length: > 0 } text)
        {
            return null;
        }

        try
        {
            return ConnectionAddress.Parse(text);
        }
        catch (ConnectionException e)
        {
            throw new UsageException($"{Variable}: {e.Message}", e.Remedy, e);
        }
    }

    private static DefuseBoardsOptions Options(CommandContext context, bool fresh) => new()
    {
        Time = context.Environment.Time,
        SimulatorFolder = context.Environment.SimulatorFolder,
        FreshSimulators = fresh,
        LoggerFactory = context.Log,
        Trace = context.Trace,
    };

    private sealed class Erasing(CommandContext context) : IProgress<AddressRange>
    {
        public void Report(AddressRange value) => context.Scratch = context.Scratch.Add(value);
    }

    private sealed class Sections(Printer printer) : IProgress<string>
    {
        public void Report(string value) => printer.Detail(value);
    }
}
