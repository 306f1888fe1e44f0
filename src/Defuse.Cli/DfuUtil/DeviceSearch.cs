using System.Globalization;
using Defuse.Connections;
using Defuse.Targets;

namespace Defuse.Cli.DfuUtil;

/// <summary>Finds the devices that a command line means.</summary>
internal sealed class DeviceSearch(DfuUtilConsole console, CliEnvironment environment, BoardCatalog catalog, ConnectionAddress? scope)
{
    // A USB/IP server takes a moment to notice that a device was closed, which is busy until then.
    private const int Attempts = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan WaitInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>All of them, as -l shows them.</summary>
    public async Task ListAsync(DfuUtilOptions options, CancellationToken cancellationToken)
    {
        foreach (var device in await FindAsync(options, cancellationToken).ConfigureAwait(false))
        {
            // The last alternate setting comes first.
            foreach (var memory in device.Memories.Where(x => options.Matches(device, x)).Reverse())
            {
                console.Line(Describe(device, memory));
            }
        }
    }

    /// <summary>The only one, and its alternate setting.</summary>
    /// <param name="options">What it is known by.</param>
    /// <param name="anyAlternate">Whether the alternate setting is left open: a DfuSe file names it.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="DfuUtilException">There is none, or there are several.</exception>
    public async Task<(DfuListing Device, DfuMemoryName Memory)> OnlyOneAsync(DfuUtilOptions options, bool anyAlternate, CancellationToken cancellationToken)
    {
        while (true)
        {
            var devices = await FindAsync(options, cancellationToken).ConfigureAwait(false);
            var found = devices
                .SelectMany(x => x.RunsProgram ? x.Memories.Take(1) : x.Memories, (device, memory) => (device, memory))
                .Where(x => options.Matches(x.device, x.memory))
                .ToList();
            if (found.Count == 1 || (anyAlternate && found.Count > 0 && found.TrueForAll(x => x.device == found[0].device)))
            {
                return found[0];
            }

            if (found.Count > 1)
            {
                throw new DfuUtilException(
                    SysExit.InputOutput,
                    "More than one DFU capable USB device found! Try `--list' and specify the serial number or disconnect all but one device\n");
            }

            if (!options.Wait)
            {
                throw new DfuUtilException(SysExit.InputOutput, "No DFU capable USB device available");
            }

            await Task.Delay(WaitInterval, environment.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Opens a device that was found, and closed again.</summary>
    public async Task<ITarget> OpenAsync(ConnectionAddress address, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await catalog.OpenAsync(address, cancellationToken).ConfigureAwait(false);
            }
            catch (ConnectionException e) when (e.Failure == ConnectionFailure.CannotOpen && attempt < Attempts)
            {
                await Task.Delay(Pause, environment.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<List<DfuListing>> FindAsync(DfuUtilOptions options, CancellationToken cancellationToken)
    {
        var meant = await ListAsync(options).ConfigureAwait(false);
        for (var attempt = 1; attempt < Attempts && meant.Exists(x => x.Problem is not null); attempt++)
        {
            await Task.Delay(Pause, environment.Time, cancellationToken).ConfigureAwait(false);
            meant = await ListAsync(options).ConfigureAwait(false);
        }

        foreach (var device in meant.Where(x => x.Problem is not null))
        {
            console.Error(string.Create(
                CultureInfo.InvariantCulture,
                $"Cannot open DFU device {device.VendorId:x4}:{device.ProductId:x4} found on devnum {device.DeviceAddress ?? 0} ({device.Problem})"));
            if (device.Remedy is { } remedy)
            {
                console.Error(remedy);
            }
        }

        return [.. meant.Where(x => x.Problem is null)];

        async Task<List<DfuListing>> ListAsync(DfuUtilOptions options)
        {
            try
            {
                var devices = await catalog.ListDfuAsync(scope, options.MayMatch, cancellationToken).ConfigureAwait(false);
                return [.. devices.Where(options.Matches)];
            }
            catch (ConnectionException e) when (e.Failure == ConnectionFailure.NoDevice)
            {
                return [];
            }
        }
    }

    private static string Describe(DfuListing device, DfuMemoryName memory)
    {
        const string Unknown = "UNKNOWN";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Found {(device.RunsProgram ? "Runtime" : "DFU")}: [{device.VendorId:x4}:{device.ProductId:x4}] ver={device.DeviceRelease:x4}, devnum={device.DeviceAddress ?? 0}, "
            + $"cfg={device.Configuration}, intf={device.InterfaceNumber}, path=\"{device.Location}\", alt={memory.Number}, "
            + $"name=\"{memory.Name ?? Unknown}\", serial=\"{device.SerialNumber ?? Unknown}\"");
    }
}
