using System.Text;
using Defuse.Core.Tests.Programming;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Simulator;
using Defuse.Targets;
using Defuse.Targets.Dfu;
using Defuse.Transports;
using Defuse.Transports.Tracing;

namespace Defuse.Core.Tests.Transports.Tracing;

/// <summary>Work on a board that is recorded, and traces that are played again.</summary>
internal static class Recording
{
    public const string Program = "defuse tests";

    /// <summary>Does something with a simulated board, and records it.</summary>
    public static async Task<string> OfAsync(Bench bench, Func<ITarget, Task> work)
    {
        var stream = new MemoryStream();
        using var trace = new UsbTrace(stream, Program) { SharedSerialNumbers = DfuDevice.SharedSerialNumbers };
        var target = await DfuDevice.OpenAsync(trace.Wrap(new UsbPeripheralHost([bench.Wire])), bench.Board.Location, bench.Board.Location, ChipDatabase.Default, Bench.Cancel);
        await using (target)
        {
            await work(target);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>Flashes an image, and starts nothing.</summary>
    public static async Task<(string Trace, FlashReport Report)> OfFlashingAsync(Bench bench, FirmwareImage image)
    {
        FlashReport? report = null;
        var trace = await OfAsync(bench, async target => report = await FlashAsync(target, image));
        return (trace, report!);
    }

    public static async Task<FlashReport> FlashAsync(ITarget target, FirmwareImage image) =>
        await new Programmer(target).FlashAsync(image, FlashOptions.Default with { Start = false }, null, Bench.Cancel);

    /// <summary>Opens the board of a trace.</summary>
    public static async Task<ITarget> OpenAsync(string trace)
    {
        var host = await HostAsync(trace);
        return await DfuDevice.OpenAsync(host, host.Location, "replay", ChipDatabase.Default, Bench.Cancel);
    }

    public static async Task<ReplayUsbHost> HostAsync(string trace) =>
        await ReplayUsbHost.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(trace)), VirtualClock.Stepped(), Bench.Cancel);

    /// <summary>A trace that is kept in the folder Traces.</summary>
    public static string Kept(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Traces", name + ".txt"));
}
