using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Simulator;
using Defuse.Targets;
using Defuse.Targets.Dfu;
using Defuse.Transports;

namespace Defuse.Bench.Performance;

/// <summary>A program, or a model of one, that does a workload.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="RunAsync">Does it, to the device at a place of a host.</param>
internal sealed record Tool(string Name, Func<Workload, SimulatedBoard, IUsbHost, string, Task> RunAsync)
{
    public static Tool Verifying { get; } = Defuse("Defuse", FlashOptions.Default with { Start = false });

    public static Tool WriteOnly { get; } = Defuse("Defuse, write only", FlashOptions.Default with { Start = false, Compare = false, Verify = false });

    /// <summary>What dfu-util sends, sent by us.</summary>
    public static Tool DfuUtil { get; } = new("dfu-util", async (workload, board, host, location) =>
    {
        var device = await host.OpenAsync(location, CancellationToken.None).ConfigureAwait(false);
        await using var closing = device.ConfigureAwait(false);
        await device.ClaimInterfaceAsync(0, CancellationToken.None).ConfigureAwait(false);
        var model = new DfuUtilModel(device);
        var blockSize = BlockSize(board);
        if (workload.Image is { } image)
        {
            await model.WriteAsync(board.Chip, image, blockSize, workload.EraseChip).ConfigureAwait(false);
        }
        else
        {
            await model.ReadAsync(board.Chip.FlashAddress, board.Chip.FlashSize, blockSize).ConfigureAwait(false);
        }
    });

    public static ImmutableArray<Tool> All { get; } = [Verifying, WriteOnly, DfuUtil];

    public static int BlockSize(SimulatedBoard board) => ((Simulator.Roms.RomModel)board.Model.Parts.Bootloader).TransferSize;

    private static Tool Defuse(string name, FlashOptions options) => new(name, async (workload, board, host, location) =>
    {
        var target = await DfuDevice.OpenAsync(host, location, location, ChipDatabase.Default, CancellationToken.None).ConfigureAwait(false);
        await using var closing = target.ConfigureAwait(false);
        var programmer = new Programmer(target);
        if (workload.Image is null)
        {
            await programmer.ReadAsync(new AddressRange(board.Chip.FlashAddress, board.Chip.FlashSize), null, CancellationToken.None).ConfigureAwait(false);
            return;
        }

        var report = await programmer.FlashAsync(workload.AsImage(board), options with { EraseChip = workload.EraseChip }, null, CancellationToken.None).ConfigureAwait(false);
        report.EnsureSuccess();
    });
}
