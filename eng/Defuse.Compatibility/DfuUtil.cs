using System.Globalization;
using Defuse.Targets.Dfu;
using Defuse.Transports;

namespace Defuse.Compatibility;

/// <summary>dfu-util, over the kernel's USB stack.</summary>
internal sealed class DfuUtil : ITool
{
    public string Name => "dfu-util";

    public async Task<Verdict> RunAsync(Operation operation, Stand stand)
    {
        if (operation == Operation.EraseSector || (stand.Row.TakesWholeImages && operation is Operation.EraseChip or Operation.Start or Operation.Unprotect))
        {
            return Verdict.None;
        }

        if (stand.Row.IsUnsteady)
        {
            return Verdict.Unsteady;
        }

        var device = await DescribeAsync(stand).ConfigureAwait(false);
        var vhci = stand.Vhci;
        try
        {
            var path = await vhci.AttachAsync().ConfigureAwait(false);
            if (DfuDevice.RunsProgram(device) && operation != Operation.List)
            {
                // USB/IP ends with the device that leaves: what comes back has to be attached again.
                await DfuUtilAsync(["-d", Id(device), "-p", path, "-e"]).ConfigureAwait(false);
                await vhci.LeavesAsync().ConfigureAwait(false);
                path = await vhci.AttachAsync().ConfigureAwait(false);
                device = await DescribeAsync(stand).ConfigureAwait(false);
            }

            stand.WriteDfu(device.VendorId, device.ProductId);
            return await RunAsync(operation, stand, vhci, ["-w", "-d", Id(device), "-p", path]).ConfigureAwait(false);
        }
        finally
        {
            await vhci.DetachAsync().ConfigureAwait(false);
        }
    }

    private static string Id(UsbDeviceInfo device) => $"{device.VendorId:x4}:{device.ProductId:x4}";

    private static ValueTask<UsbDeviceInfo> DescribeAsync(Stand stand) =>
        UsbDescriptorReader.DescribeAsync(stand.Board.Peripheral!, "", CancellationToken.None);

    private static async Task<Verdict> RunAsync(Operation operation, Stand stand, Vhci vhci, string[] device)
    {
        var at = string.Create(CultureInfo.InvariantCulture, $"0x{stand.Address:x8}");
        var alternate = (stand.Row.AlternateSetting ?? 0).ToString(CultureInfo.InvariantCulture);
        string[] memory = stand.Row.TakesWholeImages ? ["-a", alternate] : ["-a", alternate, "-s", at];
        var read = Path.Combine(stand.Folder, "read.bin");
        File.Delete(read);
        switch (operation)
        {
            case Operation.List:
                var (code, listing) = await DfuUtilAsync([.. device, "-l"]).ConfigureAwait(false);
                return Verdict.Of(code == 0, listing.Contains("Found ", StringComparison.Ordinal), "lists nothing");
            case Operation.Flash:
                return await DoAsync([.. device, .. memory, "-D", stand.BinPath], stand.HoldsImage).ConfigureAwait(false);
            case Operation.FlashDfu:
                return await DoAsync([.. device, "-a", alternate, "-D", stand.DfuPath], stand.HoldsImage).ConfigureAwait(false);
            case Operation.Read:
            case Operation.ReadOthers:
                if (operation == Operation.Read)
                {
                    stand.PutImage();
                }

                string[] size = stand.Row.TakesWholeImages ? [] : ["-s", $"{at}:{stand.Image.Length.ToString(CultureInfo.InvariantCulture)}"];
                return await DoAsync(
                    [.. device, "-a", alternate, .. size, "-U", read],
                    () => File.Exists(read) && File.ReadAllBytes(read).AsSpan().StartsWith(stand.Image)).ConfigureAwait(false);
            case Operation.EraseChip:
                return await DoAsync([.. device, "-a", alternate, "-s", $"{at}:mass-erase:force", "-D", stand.BinPath], stand.AllErased).ConfigureAwait(false);
            case Operation.Start:
                var flashed = await DoAsync([.. device, "-a", alternate, "-s", $"{at}:leave", "-D", stand.BinPath], stand.HoldsImage).ConfigureAwait(false);
                var left = await vhci.LeavesAsync().ConfigureAwait(false) && stand.Board.RunningFrom == stand.Address;
                return left || flashed.Word == "no" ? flashed : new Verdict("flashes, does not start");
            default:
                stand.Board.Chip.ReadProtectionLevel = 1;
                return await DoAsync(
                    [.. device, "-a", alternate, "-s", $"{at}:unprotect:force", "-D", stand.BinPath],
                    () => stand.Board.Chip.ReadProtectionLevel == 0 && stand.AllErased()).ConfigureAwait(false);
        }
    }

    private static async Task<Verdict> DoAsync(string[] arguments, Func<bool> isDone)
    {
        var (code, output) = await DfuUtilAsync(arguments).ConfigureAwait(false);
        return Verdict.Of(code == 0, isDone(), $"exit code {code}: {Reason(output)}");
    }

    private static Task<(int ExitCode, string Output)> DfuUtilAsync(string[] arguments) => Shell.RunAsync("dfu-util", arguments);

    // Its last line that is no progress bar and tells of a failure.
    private static string Reason(string output)
    {
        var lines = output.Split('\n', '\r').Select(x => x.Trim()).Where(x => x.Length > 0 && !x.Contains('[', StringComparison.Ordinal)).ToList();
        return lines.LastOrDefault(x => x.Contains("rror", StringComparison.Ordinal) || x.Contains("annot", StringComparison.Ordinal) || x.Contains("not ", StringComparison.Ordinal)
                || x.Contains("state", StringComparison.Ordinal) || x.Contains("Lost", StringComparison.Ordinal))
            ?? lines.LastOrDefault() ?? "says nothing";
    }
}
