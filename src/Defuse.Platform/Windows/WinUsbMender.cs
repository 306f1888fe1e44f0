using System.Collections.Immutable;
using System.ComponentModel;
using Defuse.Devices;
using Defuse.Diagnostics;

namespace Defuse.Platform.Windows;

/// <summary>
/// Binds WinUSB, as Windows ships it, to a bootloader, and puts the driver before back. winusb.inf matches by itself only devices that
/// ask for it by Microsoft's descriptors, which ROMs lack; so the driver is chosen for one device, as Device Manager's "Let me pick" does.
/// </summary>
/// <remarks>Written after Microsoft's documentation; nobody has run it on Windows yet.</remarks>
/// <param name="inventory">The devices.</param>
/// <param name="driverFile">The file in Windows' folder INF that a device's driver came from; null if none.</param>
/// <param name="setup">The calls.</param>
/// <param name="records">What devices were before.</param>
/// <param name="infFolder">Windows' folder INF.</param>
internal sealed class WinUsbMender(
    WindowsInventory inventory, Func<string, string?> driverFile, IWindowsDriverSetup setup, DriverRecords records, string infFolder) : IMender
{
    /// <summary>The class of interfaces that boards are opened by afterwards: Defuse's own.</summary>
    public static readonly Guid InterfaceGuid = new("B8C6F4B0-5F0C-4C7C-9D0E-6B4E0A3C51D7");

    private const string WinUsbHardwareId = @"USB\MS_COMP_WINUSB";
    private const string WinUsbFile = "winusb.inf";
    private const string UndoTitle = "put back the driver that was bound before WinUSB";

    private const int AccessDenied = 5;
    private const int NoMoreItems = 259;
    private const int MostDrivers = 1000;

    private const string Elevate = "open the Start menu, type cmd, choose \"Run as administrator\", and run the same command there";

    public async ValueTask<Mending?> PlanFixAsync(HostInventory seen, CancellationToken cancellationToken)
    {
        var devices = await inventory.DevicesAsync(cancellationToken).ConfigureAwait(false);
        ImmutableArray<WindowsUsbDevice> closed = [.. devices.Where(IsClosedBootloader)];
        if (closed.IsEmpty)
        {
            return null;
        }

        var title = $"bind Windows' own driver WinUSB to {Names(closed)}";
        ImmutableArray<string> steps = [.. closed.SelectMany(FixSteps), "ST's DfuSe will not see these boards from then on; defuse doctor --undo puts the driver before back."];
        return setup.IsElevated
            ? new Mending(title, steps, token => ApplyAsync(closed.Select(x => (x, (Func<WindowsUsbDevice, string?>)Bind)), "WinUSB is bound to", token)) { IsExperimental = true }
            : NotElevated(title, steps);
    }

    public async ValueTask<Mending?> PlanUndoAsync(HostInventory seen, CancellationToken cancellationToken)
    {
        var known = records.Read();
        if (known.IsEmpty)
        {
            return null;
        }

        var devices = await inventory.DevicesAsync(cancellationToken).ConfigureAwait(false);
        var found = known
            .Select(x => (Record: x, Device: devices.FirstOrDefault(y => string.Equals(x.InstanceId, y.InstanceId, StringComparison.OrdinalIgnoreCase))))
            .Where(x => x.Device is not null)
            .Select(x => (x.Record, Device: x.Device!))
            .ToImmutableArray();
        if (found.IsEmpty)
        {
            return Mending.Impossible(
                UndoTitle, "the board whose driver Defuse changed is not plugged in, or at another port", "plug it in where it was, in DFU mode, and run the same command again", [.. known.Select(x => x.InstanceId)]);
        }

        if (found.FirstOrDefault(x => !Is(x.Device.Main.Service, WindowsAccess.WinUsb)) is { Device: { } other })
        {
            return Mending.Impossible(
                UndoTitle, $"{other.Main.Service ?? "no driver"} is bound to {Name(other)} now: somebody changed it since, and it is left as it is", "change it in Device Manager if it is not as it should be", [other.InstanceId]);
        }

        ImmutableArray<string> steps = [.. found.SelectMany(x => UndoSteps(x.Record, x.Device))];
        return setup.IsElevated
            ? new Mending(
                UndoTitle,
                steps,
                token => ApplyAsync(found.Select(x => (x.Device, (Func<WindowsUsbDevice, string?>)(y => Return(x.Record, y)))), "the driver before is back at", token))
            { IsExperimental = true }
            : NotElevated(UndoTitle, steps);
    }

    // Only a bootloader that is known by its ids, and only one that is a device as a whole: the driver of a composite device, and that of
    // a program, belong to something that works.
    private static bool IsClosedBootloader(WindowsUsbDevice device) =>
        device is { Functions: [{ FirstInterface: null } function], Info: { Problem.Failure: AccessFailure.NoDriver or AccessFailure.WrongDriver } info }
        && !Is(function.Service, "usbccgp")
        && info.Interfaces is [{ Class: 0xFE, SubClass: 1 }]
        && UsbIdDatabase.Default.Find(info.VendorId, info.ProductId, null, info.Product) is { Kind: UsbIdKind.DfuBootloader };

    private static Mending NotElevated(string title, ImmutableArray<string> steps) =>
        Mending.Impossible(title, "this takes an administrator's rights", Elevate, steps);

    private static bool Is(string? service, string name) => string.Equals(service, name, StringComparison.OrdinalIgnoreCase);

    private static string Name(WindowsUsbDevice device) => $"{device.Info.Product ?? "the board"} at {device.Info.Location}";

    private static string Names(ImmutableArray<WindowsUsbDevice> devices) => string.Join(" and ", devices.Select(Name));

    private IEnumerable<string> FixSteps(WindowsUsbDevice device)
    {
        yield return $"{Name(device)} ({device.InstanceId}):";
        if (!Is(device.Main.Service, WindowsAccess.WinUsb))
        {
            yield return $"  remember that {(device.Main.Service is { } service ? $"its driver is {service}{(driverFile(device.InstanceId) is { } file ? $", from {file}" : "")}" : "it has no driver")}";
            yield return $"  choose WinUsb Device of {Path.Join(infFolder, WinUsbFile)} as its driver (SetupDiSetSelectedDriver, DiInstallDevice)";
        }

        yield return $"  write DeviceInterfaceGUIDs = {InterfaceGuid:B} into its key Device Parameters";
        yield return "  switch the device off and on again";
    }

    private static IEnumerable<string> UndoSteps(DriverRecord record, WindowsUsbDevice device)
    {
        yield return $"{Name(device)} ({device.InstanceId}):";
        yield return record.Service is null
            ? "  remove the device with its driver, and have Windows find it anew (DiUninstallDevice): it had no driver"
            : $"  go back to {record.Service} (DiRollbackDriver{(record.Inf is null ? "" : $", or {record.Inf} chosen again")}); if Windows no longer has it, remove the device and have Windows find it anew";
    }

    private static async ValueTask<MendingResult> ApplyAsync(
        IEnumerable<(WindowsUsbDevice Device, Func<WindowsUsbDevice, string?> Change)> changes, string done, CancellationToken cancellationToken)
    {
        var changed = new List<string>();
        string? remedy = null;
        foreach (var (device, change) in changes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                remedy = await Task.Run(() => change(device), CancellationToken.None).ConfigureAwait(false) ?? remedy;
                changed.Add(Name(device));
            }
            catch (Win32Exception e)
            {
                var before = changed.Count == 0 ? "" : $"; {done} {string.Join(" and ", changed)}";
                return new MendingResult(false, $"{Name(device)}: {e.Message.TrimEnd('.')} (error 0x{e.NativeErrorCode:X8}){before}", e.NativeErrorCode == AccessDenied ? Elevate : "use Zadig (zadig.akeo.ie) instead, or Device Manager: Update driver, Let me pick");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return new MendingResult(false, $"what its driver was could not be remembered, so nothing was changed: {e.Message.TrimEnd('.')}");
            }
        }

        return new MendingResult(true, $"{done} {string.Join(" and ", changed)}", remedy);
    }

    // Returns what is left to do; null for nothing.
    private string? Bind(WindowsUsbDevice device)
    {
        var isNew = !Is(device.Main.Service, WindowsAccess.WinUsb);
        return With(device, handle =>
        {
            var needsRestart = false;
            if (isNew)
            {
                var index = Find(handle, Path.Join(infFolder, WinUsbFile), x => Is(x, WinUsbHardwareId));
                records.Add(new DriverRecord(device.InstanceId, device.Main.Service, driverFile(device.InstanceId)));
                var error = setup.Install(handle, index, out needsRestart);
                if (error != 0)
                {
                    records.Forget(device.InstanceId);
                    Check(error, "WinUSB could not be installed");
                }
            }

            Check(setup.SetInterfaceGuid(handle, InterfaceGuid), "the interface GUID could not be written");
            return setup.Restart(handle) == 0 && !needsRestart ? null : needsRestart ? "restart Windows" : "plug the board in again";
        });
    }

    private string? Return(DriverRecord record, WindowsUsbDevice device)
    {
        var rest = With(device, handle =>
        {
            var needsRestart = false;
            if (record.Service is null || !GoesBack(handle, record, out needsRestart))
            {
                Check(setup.Remove(handle, out needsRestart), "the device could not be removed");
                Check(setup.Rescan(), "Windows could not look for devices");
            }

            return needsRestart ? "restart Windows" : "plug the board in again if Device Manager does not show it";
        });
        records.Forget(device.InstanceId);
        return rest;
    }

    private bool GoesBack(nint handle, DriverRecord record, out bool needsRestart)
    {
        var error = setup.RollBack(handle, out needsRestart);
        if (error == AccessDenied)
        {
            Check(error, "the driver before could not be put back");
        }

        // A name that somebody else wrote into the file leads nowhere but into Windows' folder.
        if (error == 0 || record.Inf is null || Path.GetFileName(record.Inf) != record.Inf)
        {
            return error == 0;
        }

        return setup.BuildDrivers(handle, Path.Join(infFolder, record.Inf)) == 0
            && setup.Driver(handle, 0, out _) == 0
            && setup.Install(handle, 0, out needsRestart) == 0;
    }

    private int Find(nint handle, string file, Func<string, bool> isMeant)
    {
        Check(setup.BuildDrivers(handle, file), $"{file} could not be read");
        for (var index = 0; index < MostDrivers; index++)
        {
            var error = setup.Driver(handle, index, out var hardwareId);
            if (error == NoMoreItems)
            {
                break;
            }

            Check(error, $"{file} could not be read");
            if (isMeant(hardwareId))
            {
                return index;
            }
        }

        throw new Win32Exception(NoMoreItems, $"{file} has no driver for {WinUsbHardwareId}");
    }

    private T With<T>(WindowsUsbDevice device, Func<nint, T> change)
    {
        Check(setup.Open(device.InstanceId, out var handle), "the device is not there any more");
        try
        {
            return change(handle);
        }
        finally
        {
            setup.Close(handle);
        }
    }

    private static void Check(int error, string what)
    {
        if (error != 0)
        {
            throw new Win32Exception(error, what);
        }
    }
}
