using System.Collections.Immutable;
using Defuse.Connections;
using Defuse.Devices;
using Defuse.Diagnostics;
using Defuse.Platform;
using Defuse.Targets.Dfu;

namespace Defuse;

/// <summary>Looks at everything that is plugged in, says what is wrong with each board, and names the one thing to do.</summary>
/// <example>
/// <code>
/// var doctor = DefuseDoctor.Create();
/// var inventory = await doctor.LookAsync(device: null, cancellationToken);
/// foreach (var finding in DefuseDoctor.Diagnose(inventory, address: null).Boards.SelectMany(x => x.Findings))
/// {
///     Console.WriteLine(finding.Text);
/// }
/// </code>
/// </example>
public sealed class DefuseDoctor
{
    // A healthy bootloader answers all questions within a second; an emulated computer takes ten times as long.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly BoardCatalog _catalog;
    private readonly IHostInventorySource _source;

    /// <param name="catalog">Opens bootloaders.</param>
    /// <param name="source">Tells of the computer and of what is plugged in.</param>
    public DefuseDoctor(BoardCatalog catalog, IHostInventorySource source)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(source);
        _catalog = catalog;
        _source = source;
    }

    /// <summary>The ways by which this version flashes boards, as schemes of addresses: advice names no other as Defuse's.</summary>
    public static ImmutableArray<string> Targets => ["dfu"];

    /// <summary>One for this computer.</summary>
    /// <param name="options">How boards are looked for.</param>
    public static DefuseDoctor Create(DefuseBoardsOptions? options = null) => new(DefuseBoards.CreateCatalog(options), CreateSource(options));

    /// <summary>What tells of this computer and of what is plugged in.</summary>
    /// <param name="options">How boards are looked for.</param>
    public static IHostInventorySource CreateSource(DefuseBoardsOptions? options = null) => DefuseBoards.CreateInventory(options ?? new DefuseBoardsOptions());

    /// <summary>What mends this computer's settings; null where there is nothing that it could mend.</summary>
    /// <param name="hasTerminal">Whether a person could be asked for a password on this process's terminal.</param>
    public static IMender? CreateMender(bool hasTerminal) => PlatformMending.Create(hasTerminal);

    /// <summary>Looks at the computer and at what is plugged in; asks each bootloader that opens, and leaves it as it was.</summary>
    /// <param name="device">
    /// The only board to open; null for all. One that is not plugged in here (simulated, or over USB/IP) is all that is looked at then.
    /// </param>
    /// <param name="cancellationToken">Stops looking.</param>
    /// <returns>What was seen, and in <see cref="HostInventory.Unseen"/> what could not be looked at.</returns>
    /// <exception cref="ConnectionException">The device that was named is not there, or there is no such address.</exception>
    public async ValueTask<HostInventory> LookAsync(ConnectionAddress? device, CancellationToken cancellationToken)
    {
        if (device is not null && !IsHere(device))
        {
            return await LookElsewhereAsync(device, cancellationToken).ConfigureAwait(false);
        }

        var inventory = await _source.CollectAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var examined = await _catalog.ExamineAsync(device, Patience, cancellationToken).ConfigureAwait(false);
            return With(inventory, examined);
        }
        catch (DefuseException e) when (e is not ConnectionException { Failure: ConnectionFailure.BadAddress })
        {
            return inventory with { Unseen = inventory.Unseen.Add($"No bootloader was asked anything: {e.Message}{(e.Remedy is { } remedy ? $"; {remedy}" : "")}.") };
        }
    }

    /// <summary>The same without asking any bootloader: what the system tells by itself.</summary>
    /// <param name="cancellationToken">Stops looking.</param>
    public ValueTask<HostInventory> GlanceAsync(CancellationToken cancellationToken) => _source.CollectAsync(cancellationToken);

    /// <summary>What is wrong, board by board.</summary>
    /// <param name="inventory">What was seen, here or on another computer.</param>
    /// <param name="address">The address of the only board that is to be told of; null for all.</param>
    public static Diagnosis Diagnose(HostInventory inventory, string? address)
    {
        var named = address is null ? null : ConnectionAddress.Parse(address);
        var isElsewhere = named is not null && !IsHere(named);
        var diagnosis = Doctor.Diagnose(inventory, BoardDatabase.Default, ChipDatabase.Default, Targets, isElsewhere ? address : null);
        if (named is null)
        {
            return diagnosis;
        }

        // A board that is not plugged in here has nothing to do with what this computer lacks.
        if (isElsewhere)
        {
            return diagnosis with { General = [] };
        }

        ImmutableArray<BoardDiagnosis> boards = [.. diagnosis.Boards.Where(x => IsAt(x.Board, named))];
        return diagnosis with { Boards = boards, Next = boards.Select(x => x.Next).FirstOrDefault(x => x is not null) };
    }

    /// <summary>A report of what was seen that anybody may read, without serial numbers and names.</summary>
    /// <param name="inventory">What was seen.</param>
    /// <param name="address">The address of the board that it was asked for; null for all.</param>
    /// <param name="program">What writes it, with its version.</param>
    /// <returns>The report, and how many different serial numbers are replaced in it.</returns>
    public static (HostInventoryFile Report, int SerialNumbers) Report(HostInventory inventory, string? address, string? program)
    {
        string?[] users = [Environment.UserName, Environment.GetEnvironmentVariable("SUDO_USER"), Path.GetFileName(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile))];
        var scrubber = new HostInventoryScrubber(DfuDevice.SharedSerialNumbers, users.OfType<string>(), [Environment.MachineName]);
        return scrubber.Scrub(inventory, address, program);
    }

    /// <summary>What became of the boards in DFU mode that did not open: nothing else is mended.</summary>
    /// <param name="before">What was seen before something was changed.</param>
    /// <param name="after">What was seen after it.</param>
    public static ImmutableArray<LookedAtAgain> Compare(HostInventory before, HostInventory after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var closed = BoardJoin.Join(before, BoardDatabase.Default)
            .Where(x => x is { Mode: BoardMode.Dfu, DfuDevice.Problem: not null })
            .Select(x => x.DfuDevice!.Location)
            .ToHashSet(StringComparer.Ordinal);
        return
        [
            .. from device in after.UsbDevices
               where closed.Contains(device.Location)
               let condition = after.Dfu.FirstOrDefault(x => string.Equals(x.Location, device.Location, StringComparison.Ordinal))
               select new LookedAtAgain(device.Product ?? "the board", device.Location, device.Problem?.Reason ?? condition?.Problem, device.Problem?.Remedy ?? condition?.Remedy),
        ];
    }

    private static bool IsHere(ConnectionAddress address) => string.Equals(address.Scheme, "dfu", StringComparison.Ordinal);

    private static bool IsAt(SeenBoard board, ConnectionAddress address)
    {
        const string Port = "usb-";
        const string Serial = "serial=";
        return string.Equals(board.Dfu?.Address, address.ToString(), StringComparison.Ordinal)
            || board.UsbDevices.Any(x =>
                string.Equals(address.Path, Port + x.Location, StringComparison.Ordinal)
                || (x.SerialNumber is { } serial && string.Equals(address.Path, Serial + serial, StringComparison.OrdinalIgnoreCase)));
    }

    private async ValueTask<HostInventory> LookElsewhereAsync(ConnectionAddress device, CancellationToken cancellationToken)
    {
        var inventory = await _source.CollectAsync(cancellationToken).ConfigureAwait(false);
        var examined = await _catalog.ExamineAsync(device, Patience, cancellationToken).ConfigureAwait(false);
        return With(new HostInventory { System = inventory.System }, examined);
    }

    private static HostInventory With(HostInventory inventory, ImmutableArray<ExaminedDevice> examined) => inventory with
    {
        UsbDevices =
        [
            .. inventory.UsbDevices,
            .. examined.Select(x => x.Device).Where(x => !inventory.UsbDevices.Any(y => string.Equals(x.Location, y.Location, StringComparison.Ordinal))),
        ],
        Dfu = [.. inventory.Dfu, .. examined.Select(x => x.Condition).OfType<DfuCondition>()],
    };
}
