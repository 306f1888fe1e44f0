using Defuse.Connections;
using Defuse.Devices;
using Defuse.Diagnostics;
using Defuse.Entering;
using Defuse.Monitoring;
using Defuse.Platform;
using Defuse.Simulator;
using Defuse.Targets.Dfu;
using Defuse.Transports;
using Defuse.Transports.Tracing;
using Microsoft.Extensions.Logging;

namespace Defuse;

/// <summary>Where a program begins: the catalogue of all boards that this version can reach.</summary>
/// <example>
/// <code>
/// var catalog = DefuseBoards.CreateCatalog();
/// await using var target = await catalog.OpenAsync(ConnectionAddress.Parse("sim:nucleo-f767zi"), cancellationToken);
/// var file = FirmwareFile.Parse(await File.ReadAllBytesAsync("firmware.dfu", cancellationToken));
/// var report = await new Programmer(target).FlashAsync(file.Image, FlashOptions.Default, progress, cancellationToken);
/// report.EnsureSuccess();
/// </code>
/// </example>
public static class DefuseBoards
{
    /// <summary>A catalogue of this machine's USB devices, of USB/IP servers and of simulated boards.</summary>
    public static BoardCatalog CreateCatalog(DefuseBoardsOptions? options = null)
    {
        options ??= new DefuseBoardsOptions();
        var folder = new SimulatedBoardFolder(options.SimulatorFolder ?? SimulatedBoards.DefaultFolder);
        var trace = options.Trace is { } wanted
            ? new UsbTrace(wanted.Stream, wanted.Program, wanted.Failed) { SharedSerialNumbers = DfuDevice.SharedSerialNumbers }
            : null;
        IUsbHost Traced(IUsbHost host) => trace?.Wrap(host) ?? host;
        var usb = Traced(PlatformUsb.CreateHost(options.Time, options.LoggerFactory?.CreateLogger<DfuConnectionProvider>()));
        var serial = PlatformSerial.CreateHost(options.Time);
        var entering = new EntrySettings(new DfuEntrance(usb, serial, UsbIdDatabase.Default, options.Time))
        {
            When = options.Entry,
            Progress = options.EntryProgress,
        };
        var boards = new DfuConnectionProvider(usb, ChipDatabase.Default, entering);
        return new BoardCatalog(
            [
                boards,
                new SerialConnectionProvider(boards, entering),
                new UsbIpConnectionProvider(ChipDatabase.Default, options.Time, options.LoggerFactory?.CreateLogger<UsbIpConnectionProvider>(), Traced),
                new SimulatorConnectionProvider(ChipDatabase.Default, folder, options, Traced),
                new ReplayConnectionProvider(ChipDatabase.Default),
            ],
            options.Time,
            CreateInventory(options, lookAtPrograms: false));
    }

    /// <summary>What tells of the computer and of what is plugged in.</summary>
    /// <param name="options">How boards are looked for.</param>
    /// <param name="lookAtPrograms">Whether to find out which programs hold what: all processes are looked at for that.</param>
    internal static IHostInventorySource CreateInventory(DefuseBoardsOptions options, bool lookAtPrograms = true) =>
        options.Inventory ?? new DeferredInventorySource(() => PlatformInventory.Create(serial: null, lookAtPrograms: lookAtPrograms));

    /// <summary>This machine's serial ports.</summary>
    /// <exception cref="PlatformNotSupportedException">The system is neither Windows nor Linux nor macOS.</exception>
    public static ISerialHost CreateSerialHost(DefuseBoardsOptions? options = null) =>
        PlatformSerial.CreateHost(options?.Time, options?.LoggerFactory?.CreateLogger(nameof(PlatformSerial)));

    /// <summary>A serial terminal on this machine's serial ports.</summary>
    /// <exception cref="PlatformNotSupportedException">The system is neither Windows nor Linux nor macOS.</exception>
    public static SerialMonitor CreateSerialMonitor(DefuseBoardsOptions? options = null) =>
        new(CreateSerialHost(options), options?.Time ?? TimeProvider.System);
}
