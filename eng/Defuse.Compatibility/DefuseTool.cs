using Defuse.Connections;
using Defuse.Formats;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Targets;

namespace Defuse.Compatibility;

/// <summary>Defuse's own library, through libusb and the kernel's USB stack.</summary>
internal sealed class DefuseTool : ITool
{
    public string Name => "Defuse";

    private static CancellationToken Never => CancellationToken.None;

    public async Task<Verdict> RunAsync(Operation operation, Stand stand)
    {
        if (stand.Row.TakesWholeImages && operation is Operation.Read or Operation.ReadOthers or Operation.EraseSector or Operation.EraseChip or Operation.Start or Operation.Unprotect)
        {
            return Verdict.None;
        }

        if (operation == Operation.Read)
        {
            stand.PutImage();
        }
        else if (operation == Operation.Unprotect)
        {
            stand.Board.Chip.ReadProtectionLevel = 1;
        }

        try
        {
            var catalog = DefuseBoards.CreateCatalog(new DefuseBoardsOptions());
            var address = ConnectionAddress.Parse($"dfu:usb-{await stand.Vhci.AttachAsync().ConfigureAwait(false)}");
            if (operation == Operation.List)
            {
                var boards = await catalog.ListAsync(null, Never).ConfigureAwait(false);
                return Verdict.Of(true, boards.Any(x => x.Address == address && x.Problem is null), "not listed");
            }

            using var cable = new CancellationTokenSource();
            var plugged = stand.Vhci.KeepPluggedInAsync(() => stand.Board.Peripheral is { IsConnected: true }, cable.Token);
            try
            {
                var target = await catalog.OpenAsync(address, Never).ConfigureAwait(false);
                await using var closing = target.ConfigureAwait(false);
                return await RunAsync(operation, stand, target).ConfigureAwait(false);
            }
            finally
            {
                await cable.CancelAsync().ConfigureAwait(false);
                await plugged.ConfigureAwait(false);
            }
        }
        catch (DefuseException e)
        {
            return new Verdict("no", e.Message);
        }
        finally
        {
            await stand.Vhci.DetachAsync().ConfigureAwait(false);
        }
    }

    private static async Task<Verdict> RunAsync(Operation operation, Stand stand, ITarget target)
    {
        var programmer = new Programmer(target);
        var image = FirmwareImage.FromBytes(stand.Address, stand.Image);
        var options = FlashOptions.Default with { Start = operation == Operation.Start, AlternateSetting = stand.Row.AlternateSetting };
        switch (operation)
        {
            case Operation.Flash:
            case Operation.Start:
                var report = await programmer.FlashAsync(image, options, null, Never).ConfigureAwait(false);
                var flashed = Of(report, stand.HoldsImage());
                var left = report.Started is not null && stand.Board.RunningFrom == stand.Address;
                return operation != Operation.Start || left || flashed.Word == "no" ? flashed
                    : new Verdict("flashes, does not start", report.Warnings.FirstOrDefault(x => x.Contains("not started", StringComparison.Ordinal)));
            case Operation.FlashDfu:
                stand.WriteDfu(target.Description.VendorId!.Value, target.Description.ProductId!.Value);
                var file = FirmwareFile.Parse(await File.ReadAllBytesAsync(stand.DfuPath, Never).ConfigureAwait(false));
                return Of(await programmer.FlashAsync(file.Image, options, null, Never).ConfigureAwait(false), stand.HoldsImage());
            case Operation.Read:
            case Operation.ReadOthers:
                var found = await programmer.ReadAsync(image.Segments[0].Range, null, Never).ConfigureAwait(false);
                return Verdict.Of(true, found.Equals(image), "other bytes");
            case Operation.EraseSector:
                return Of(await programmer.EraseAsync(image.Segments[0].Range, options, null, Never).ConfigureAwait(false), stand.SectorErased());
            case Operation.EraseChip:
                return Of(await programmer.EraseAsync(null, options, null, Never).ConfigureAwait(false), stand.AllErased());
            default:
                return Of(
                    await programmer.UnprotectAsync(null, Never).ConfigureAwait(false),
                    stand.Board.Chip.ReadProtectionLevel == 0 && stand.AllErased());
        }
    }

    // A device that gives nothing back is as well served as it can be.
    private static Verdict Of(FlashReport report, bool isDone)
    {
        var verdict = Verdict.Of(report.IsSuccess, isDone, report.Error?.Message ?? "");
        return verdict.Word == "yes" && report.Outcome == FlashOutcome.WrittenUnverified ? new Verdict("yes, unverified") : verdict;
    }
}
