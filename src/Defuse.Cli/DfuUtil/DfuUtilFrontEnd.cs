using System.Globalization;
using Defuse.Connections;
using Defuse.Targets;

namespace Defuse.Cli.DfuUtil;

/// <summary>dfu-util 0.11's command line over this library: its arguments, the lines that its callers look for, its exit codes.</summary>
internal sealed class DfuUtilFrontEnd(CliEnvironment environment)
{
    /// <summary>The command's name, and that of the program that it stands for.</summary>
    public const string Name = "dfu-util";

    private const string Variable = "DEFUSE_DEVICE";

    private readonly DfuUtilConsole _console = new(environment);
    private volatile DfuUtilSession? _session;

    /// <param name="args">The arguments, without the command's name.</param>
    /// <param name="cancellationToken">Ctrl-C: what is in flight is finished.</param>
    public async Task<int> RunAsync(IReadOnlyList<string> args, CancellationToken cancellationToken)
    {
        try
        {
            await RunGuardedAsync(args, cancellationToken).ConfigureAwait(false);
            return SysExit.Ok;
        }
        catch (DfuUtilException e)
        {
            _console.Error(e);
            return e.ExitCode;
        }
        catch (OperationCanceledException)
        {
            _console.EndLine();
            TellHalfDone("cancelled");
            return ExitCode.Cancelled;
        }
        catch (ConnectionException e) when (e.Failure == ConnectionFailure.BadAddress)
        {
            _console.Error(new DfuUtilException(SysExit.Usage, $"{Variable}: {e.Message}", e.Remedy));
            return SysExit.Usage;
        }
        catch (DefuseException e)
        {
            var failure = DfuUtilSession.Failed(e);
            _console.Error(failure);
            TellHalfDone("the work is half done");
            return failure.ExitCode;
        }
#pragma warning disable CA1031 // A caller that knows dfu-util's exit codes gets one of them, whatever happens.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _console.Error(new DfuUtilException(SysExit.Software, e.Message));
            TellHalfDone("the work is half done");
            return SysExit.Software;
        }
    }

    /// <summary>Says what is known, for a process that ends without waiting for the work in flight.</summary>
    public void Abandon() => TellHalfDone("quit at once");

    private void TellHalfDone(string how)
    {
        if (_session?.HalfDone is { } ranges)
        {
            _console.Error($"{how}: {ranges}; run it again");
        }
    }

    private async Task RunGuardedAsync(IReadOnlyList<string> args, CancellationToken cancellationToken)
    {
        var options = DfuUtilOptions.Parse(args);
        if (options.ShowsHelp)
        {
            DfuUtilHelp.Write(environment.Error);
            return;
        }

        // The first line is what callers look for: the version whose ways these are.
        _console.Line($"{Name} 0.11\n\nThis is Defuse {environment.Version}, which takes dfu-util's place.\n");
        switch (options.Mode)
        {
            case DfuUtilMode.Version:
                return;
            case DfuUtilMode.None when options.DfuSe is null:
                throw new DfuUtilException(SysExit.Usage, "You need to specify one of -D or -U") { ShowsUsage = true, HasPrefix = false };
            case DfuUtilMode.Download:
                var file = await FirmwareBytes.LoadAsync(environment, options.File, cancellationToken).ConfigureAwait(false);
                await WorkAsync(Told(options, file), file, cancellationToken).ConfigureAwait(false);
                return;
            default:
                await WorkAsync(options, null, cancellationToken).ConfigureAwait(false);
                return;
        }
    }

    private DfuUtilOptions Told(DfuUtilOptions options, FirmwareBytes file)
    {
        if (file.Warning is { } warning)
        {
            _console.Error($"Warning: {warning}");
        }

        if (options.Ids.IsOpenToVendor && file.VendorId is { } vendor)
        {
            _console.Line(string.Create(CultureInfo.InvariantCulture, $"Match vendor ID from file: {vendor:x4}"));
        }

        if (options.Ids.IsOpenToProduct && file.ProductId is { } product)
        {
            _console.Line(string.Create(CultureInfo.InvariantCulture, $"Match product ID from file: {product:x4}"));
        }

        return options with { Ids = options.Ids.For(file.VendorId, file.ProductId) };
    }

    private async Task WorkAsync(DfuUtilOptions options, FirmwareBytes? file, CancellationToken cancellationToken)
    {
        var catalog = environment.CreateCatalog(new DefuseBoardsOptions { Time = environment.Time, SimulatorFolder = environment.SimulatorFolder });
        var search = new DeviceSearch(_console, environment, catalog, Scope());
        if (options.Wait)
        {
            _console.Line("Waiting for device, exit with ctrl-C");
        }

        if (options.Mode == DfuUtilMode.List)
        {
            await search.ListAsync(options, cancellationToken).ConfigureAwait(false);
            return;
        }

        var isDfuSe = file is { IsDfuSe: true };
        var (device, memory) = await search.OnlyOneAsync(isDfuSe ? options with { Alternate = null } : options, isDfuSe, cancellationToken).ConfigureAwait(false);
        if (isDfuSe)
        {
            _console.Line("Multiple alternate interfaces for DfuSe file");
        }

        var target = await OpenAsync(search, device, memory, options, cancellationToken).ConfigureAwait(false);
        await using var closing = target.ConfigureAwait(false);
        var session = new DfuUtilSession(_console, target, device, device.RunsProgram ? null : memory, options);
        _session = session;
        await session.RunAsync(file, cancellationToken).ConfigureAwait(false);
        if (options.Reset)
        {
            _console.Error("-R: no reset of the bus is given; if the program does not run, plug the board in again");
        }
    }

    private async Task<ITarget> OpenAsync(DeviceSearch search, DfuListing device, DfuMemoryName memory, DfuUtilOptions options, CancellationToken cancellationToken)
    {
        _console.Line("Opening DFU capable USB device...");
        _console.Line(string.Create(CultureInfo.InvariantCulture, $"Device ID {device.VendorId:x4}:{device.ProductId:x4}"));
        _console.Line(string.Create(CultureInfo.InvariantCulture, $"Device DFU version {device.DfuVersion:x4}"));
        if (options.Verbosity > 0)
        {
            _console.Line(Attributes(device));
            _console.Line(string.Create(CultureInfo.InvariantCulture, $"Detach timeout {device.DetachTimeout} ms"));
        }

        if (device.RunsProgram)
        {
            _console.Line("Claiming USB DFU (Run-Time) Interface...");
            _console.Line("Device really in Run-Time Mode, send DFU detach request...");
            _console.Line("Device will detach and reattach...");
        }

        var target = await search.OpenAsync(device.Address, cancellationToken).ConfigureAwait(false);
        if (device.RunsProgram)
        {
            _console.Line("Opening DFU USB Device...");
        }

        // Opening a device brings it to dfuIDLE, or fails.
        _console.Line("Claiming USB DFU Interface...");
        _console.Line(string.Create(CultureInfo.InvariantCulture, $"Setting Alternate Interface #{(device.RunsProgram ? 0 : memory.Number)} ..."));
        _console.Line("Determining device status...");
        _console.Line("DFU state(2) = dfuIDLE, status(0) = No error condition is present");
        var version = !device.RunsProgram ? device.DfuVersion : target is IMemoryTarget ? 0x011A : 0x0110;
        _console.Line(string.Create(CultureInfo.InvariantCulture, $"DFU mode device DFU version {version:x4}"));
        if (options.DfuSe is not null && target is IImageSink)
        {
            _console.Line("Warning: DfuSe option used on non-DfuSe device");
        }

        _console.Line(string.Create(CultureInfo.InvariantCulture, $"Device returned transfer size {target.Description.BlockSize}"));
        return target;
    }

    private static string Attributes(DfuListing device) => string.Create(CultureInfo.InvariantCulture, $"DFU attributes: (0x{device.Attributes:x2})")
        + (device.CanDownload ? " bitCanDnload" : "")
        + (device.CanUpload ? " bitCanUpload" : "")
        + (device.IsManifestationTolerant ? " bitManifestationTolerant" : "")
        + (device.WillDetach ? " bitWillDetach" : "");

    private ConnectionAddress? Scope() => environment.GetVariable(Variable) is { Length: > 0 } text ? ConnectionAddress.Parse(text) : null;
}
