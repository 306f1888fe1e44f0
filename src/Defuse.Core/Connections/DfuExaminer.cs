using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Diagnostics;
using Defuse.Targets.Dfu;
using Defuse.Transports;

namespace Defuse.Connections;

/// <summary>Asks a bootloader in which condition it and its chip are, and leaves it as it was.</summary>
/// <remarks>
/// Only one that is in dfuIDLE is asked for its option bytes, and comes back there. In any other state somebody left something that
/// the questions would throw away: what failed, a block that was stored and not written.
/// </remarks>
internal static class DfuExaminer
{
    /// <returns>What was found; null if nothing is there any more.</returns>
    public static async ValueTask<ExaminedDevice?> ExamineAsync(
        IUsbHost host, string location, ConnectionAddress address, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        var notes = new Notes();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var asking = AskAsync(host, location, address, notes, ending.Token);
        try
        {
            await asking.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // A request that hangs is waited for elsewhere: it holds the device until its own time is up.
            await ending.CancelAsync().ConfigureAwait(false);
            notes.Fail($"it does not answer within {timeout.TotalSeconds:0} s", "unplug it, plug it in again with BOOT0 high, and look again");
        }
        catch (TransportException e) when (e.Failure == TransportFailure.Disconnected && notes.Device is null)
        {
            return null;
        }
        catch (DefuseException e) when (e is TransportException || notes.Device is not null)
        {
            notes.Fail(e.Message, e.Remedy);
        }

        var device = notes.Device ?? await ListedAsync(host, location, cancellationToken).ConfigureAwait(false);
        return device is null ? null : new ExaminedDevice(SeenUsbDevice.Of(device), notes.Condition(location, address, device));
    }

    private static async Task AskAsync(IUsbHost host, string location, ConnectionAddress address, Notes notes, CancellationToken cancellationToken)
    {
        var device = await host.OpenAsync(location, cancellationToken).ConfigureAwait(false);
        await using var closing = device.ConfigureAwait(false);
        notes.Device = device.Info;
        var configuration = await DfuTargetOpener.ConfigurationAsync(device, cancellationToken).ConfigureAwait(false);
        if (DfuInterface.Find(configuration.Span) is not { Protocol: DfuInterface.DfuModeProtocol } dfu)
        {
            notes.RunsNoBootloader = true;
            return;
        }

        // The strings change nothing.
        var names = await DfuTargetOpener.NamesAsync(device, dfu, cancellationToken).ConfigureAwait(false);
        notes.Names = [.. names.Select(x => x.Name).Where(x => x.Length > 0)];
        var regions = names.Select(x => MemoryLayoutString.TryParse(x.Name, x.AlternateSetting)).OfType<MemoryRegion>().ToImmutableArray();
        notes.Chips = regions.IsEmpty ? [] : [.. ChipDatabase.Default.Identify(regions, device.Info.DeviceRelease).Select(x => x.Chip.Name)];
        await device.ClaimInterfaceAsync(dfu.Number, cancellationToken).ConfigureAwait(false);
        var requests = new DfuRequests(device, dfu.Number);
        var state = await requests.GetStateAsync().ConfigureAwait(false);
        notes.State = state;
        if (state == DfuState.Error)
        {
            // In dfuERROR a GETSTATUS starts nothing, and stays there (USB DFU 1.1, table A.2.11).
            notes.Status = (await requests.GetStatusAsync(DfuRequests.DataTimeout).ConfigureAwait(false)).Code;
        }

        if (state == DfuState.Idle && !regions.IsEmpty)
        {
            await DescribeAsync(device, address, notes, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task DescribeAsync(IUsbDevice device, ConnectionAddress address, Notes notes, CancellationToken cancellationToken)
    {
        if (await DfuTargetOpener.OpenAsync(device, host: null, address.ToString(), ChipDatabase.Default, cancellationToken).ConfigureAwait(false) is DfuTarget target)
        {
            notes.Target = target.Description;
            notes.Chips = [.. target.Description.Candidates.Select(x => x.Chip.Name)];
            await target.SettleAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static async ValueTask<UsbDeviceInfo?> ListedAsync(IUsbHost host, string location, CancellationToken cancellationToken)
    {
        try
        {
            var devices = await host.ListAsync(cancellationToken).ConfigureAwait(false);
            return devices.FirstOrDefault(x => string.Equals(x.Location, location, StringComparison.Ordinal));
        }
        catch (TransportException)
        {
            return null;
        }
    }

    /// <summary>What was found out so far: what fails later takes nothing away.</summary>
    private sealed class Notes
    {
        private string? _problem;
        private string? _remedy;

        public UsbDeviceInfo? Device { get; set; }

        public bool RunsNoBootloader { get; set; }

        public ImmutableArray<string> Names { get; set; } = [];

        public ImmutableArray<string> Chips { get; set; } = [];

        public DfuState? State { get; set; }

        public DfuStatusCode? Status { get; set; }

        public TargetDescription? Target { get; set; }

        public void Fail(string problem, string? remedy) => (_problem, _remedy) = (problem, remedy);

        public DfuCondition? Condition(string location, ConnectionAddress address, UsbDeviceInfo device)
        {
            if (RunsNoBootloader || (_problem is not null && !DfuTarget.IsDfu(device)))
            {
                return null;
            }

            var protection = Target?.Protection;
            return new DfuCondition
            {
                Location = location,
                Address = address.ToString(),
                State = (int?)State,
                Status = (int?)Status,
                Memories = Names,
                Chips = Chips,
                ReadOut = protection is null or { ReadOut: ReadOutProtection.Unknown } ? null : protection.ReadOut,
                WriteProtected = Target is null ? [] : [.. ProtectedSectors(Target)],
                IsDualBank = Target is null ? null : DualBank(Target),
                IsBankModeInDoubt = Target is { IsBankModeSettled: false } && HasChoice(Target),
                Problem = _problem,
                Remedy = _remedy,
            };
        }

        private static IEnumerable<int> ProtectedSectors(TargetDescription target) => target.Memory.Flash is { } flash
            ? flash.Runs.SelectMany(x => target.Memory.SectorsIn(x.Range)).Where(x => target.Protection.IsWriteProtected(x.Range)).Select(x => x.Number).Distinct()
            : [];

        private static bool HasChoice(TargetDescription target) => target.Candidates.Any(x => x.Chip.BankMode is not null);

        // Null also where a layout in one bank and one in two have the same sectors, and the bit makes no difference to them.
        private static bool? DualBank(TargetDescription target) =>
            target.IsBankModeSettled && HasChoice(target) && target.Memory.Flash is { } flash
            && target.Candidates
                .SelectMany(x => x.Chip.Layouts)
                .Where(x => x.ByteCount == flash.ByteCount && x.HasSectorsOf(flash.Runs))
                .Select(x => x.DualBank)
                .Distinct()
                .ToList() is [var dual]
                ? dual
                : null;
    }
}
