using System.Diagnostics;
using Defuse.Connections;

namespace Defuse.Compatibility.Stack;

/// <summary>Boards that cannot be opened, and why.</summary>
internal static class AccessChecks
{
    public static async Task RunAsync(Checks checks)
    {
        var folder = Directory.CreateTempSubdirectory("stack");
        var stand = new Stand(Rows.Of("nucleo-f767zi"), 0, folder.FullName, 0);
        await using (stand.ConfigureAwait(false))
        {
            var path = "";
            await checks.RunAsync(
                "a board that the kernel has is listed ready, with what sysfs tells of it",
                async () =>
                {
                    path = await stand.Vhci.AttachAsync().ConfigureAwait(false);
                    var board = await FindAsync(path).ConfigureAwait(false);
                    Checks.That(board.Problem is null, $"it is not ready: {board.Problem}");
                    Checks.That(board is { UsbId: "0483:df11", Name: "STM32  BOOTLOADER" } && board.SerialNumber == stand.Board.SerialNumber, $"it is {board}");
                }).ConfigureAwait(false);
            await checks.RunAsync(
                "another user reads which udev rule is missing",
                async () =>
                {
                    var (_, output) = await Shell.RunAsync("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", Environment.ProcessPath!, "list").ConfigureAwait(false);
                    var line = output.Split('\n').FirstOrDefault(x => x.StartsWith($"dfu:usb-{path} ", StringComparison.Ordinal)) ?? output;
                    Checks.That(line.Contains(nameof(AccessFailure.PermissionDenied), StringComparison.Ordinal), line);
                    Checks.That(line.Contains("61-defuse.rules", StringComparison.Ordinal) && line.Contains("ATTR{idProduct}==\"df11\"", StringComparison.Ordinal), line);
                }).ConfigureAwait(false);
            await checks.RunAsync(
                "a board that another process has is in use, and ready when that has ended",
                async () =>
                {
                    using var holder = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["hold", $"dfu:usb-{path}"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
                    Checks.That(await holder.StandardOutput.ReadLineAsync().ConfigureAwait(false) == "held", "the other process did not get it");
                    var board = await FindAsync(path).ConfigureAwait(false);
                    Checks.That(board is { Access: AccessFailure.InUse, Driver: "usbfs" }, $"it is {board.Access} by {board.Driver}");
                    try
                    {
                        await (await StackProgram.OpenAsync(path).ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
                        Checks.That(false, "it was opened all the same");
                    }
                    catch (ConnectionException e) when (e.Failure == ConnectionFailure.CannotOpen)
                    {
                        Checks.That(e.Message.Contains(board.Problem!, StringComparison.Ordinal), e.Message);
                    }

                    holder.StandardInput.Close();
                    await holder.WaitForExitAsync().ConfigureAwait(false);
                    Checks.That((await FindAsync(path).ConfigureAwait(false)).Problem is null, "it is still in use");
                    await (await StackProgram.OpenAsync(path).ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
                }).ConfigureAwait(false);
            await checks.RunAsync(
                "a board that was pulled is not listed, and not there to open",
                async () =>
                {
                    await stand.Vhci.DetachAsync().ConfigureAwait(false);
                    Checks.That((await StackProgram.Catalog().ListAsync(null, StackProgram.Never).ConfigureAwait(false)).All(x => x.Address.ToString() != $"dfu:usb-{path}"), "it is listed");
                    try
                    {
                        await (await StackProgram.OpenAsync(path).ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
                        Checks.That(false, "it was opened");
                    }
                    catch (ConnectionException e)
                    {
                        Checks.That(e.Failure == ConnectionFailure.NoDevice, $"{e.Failure}: {e.Message}");
                    }
                }).ConfigureAwait(false);
        }

        folder.Delete(recursive: true);
    }

    public static async Task<BoardInfo> FindAsync(string path)
    {
        var boards = await StackProgram.Catalog().ListAsync(null, StackProgram.Never).ConfigureAwait(false);
        return boards.FirstOrDefault(x => x.Address.ToString() == $"dfu:usb-{path}") ?? throw new CheckFailedException($"no board is listed at {path}");
    }
}
