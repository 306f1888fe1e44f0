using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Diagnostics;

namespace Defuse.Connections;

// What is plugged in, as boards, whether it is in DFU mode or not.
public sealed partial class BoardCatalog
{
    private const string DfuScheme = "dfu";
    private const string PortPrefix = "usb-";
    private const ushort StLinkVendor = 0x0483;

    /// <summary>
    /// What <see cref="ListAsync"/> lists, named by their boards where evidence names one; and the boards of this computer that are not in
    /// DFU mode: those that run a program, and those of which only the ST-LINK shows.
    /// </summary>
    /// <remarks>What is no board to work with is left out: serial adapters by themselves, a Bluetooth adapter that speaks DFU.</remarks>
    /// <param name="scope">Where to look; null for wherever can be looked without being told.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="DefuseException">It cannot be looked in the scope that was named.</exception>
    public async ValueTask<ImmutableArray<BoardInfo>> ListAllAsync(ConnectionAddress? scope, CancellationToken cancellationToken)
    {
        var listed = await ListAsync(scope, cancellationToken).ConfigureAwait(false);
        if (_inventory is null || scope is not (null or { Scheme: DfuScheme, Path.Length: 0 }))
        {
            return listed;
        }

        var seen = BoardJoin.Join(await _inventory.CollectAsync(cancellationToken).ConfigureAwait(false), BoardDatabase.Default);
        var all = listed
            .Where(x => !seen.Any(y => y.Mode == BoardMode.Stranger && IsAt(x, y)))
            .Select(x => seen.FirstOrDefault(y => y.DfuDevice is { } device && IsAt(x, device)) is { } board ? Named(x, board) : x)
            .ToList();
        var others = seen.Select(Describe).OfType<BoardInfo>().Where(x => !all.Exists(y => y.Address == x.Address)).ToList();
        var simulated = all.FindIndex(x => x.IsSimulated);
        all.InsertRange(simulated < 0 ? all.Count : simulated, others);
        return [.. all];
    }

    private static bool IsAt(BoardInfo info, SeenBoard board) => board.UsbDevices.Any(x => IsAt(info, x));

    private static bool IsAt(BoardInfo info, SeenUsbDevice device) =>
        string.Equals(info.Address.Scheme, DfuScheme, StringComparison.Ordinal) && string.Equals(info.Address.Path, PortPrefix + device.Location, StringComparison.Ordinal);

    private static BoardInfo Named(BoardInfo info, SeenBoard board) => (board.Profile, board.IsProbable, board.Mode) switch
    {
        (null, _, BoardMode.Program) => info with { Name = Title(board) },
        (null, _, _) => info,
        (var profile, true, _) => info with { Name = $"{info.Name} (probably {profile.Name})" },
        _ => info with { Name = Title(board) },
    };

    private static BoardInfo? Describe(SeenBoard board) => board.Mode switch
    {
        BoardMode.Program when IsKnown(board) && board.UsbDevices.FirstOrDefault(x => x != board.Probe) is { } device => new BoardInfo
        {
            Address = ConnectionAddress.Of(DfuScheme, PortPrefix + device.Location),
            Name = Title(board),
            UsbId = UsbId(device),
            SerialNumber = device.SerialNumber,
            RunsProgram = true,
            Access = device.Problem?.Failure,
            Driver = device.Problem?.Driver,
            Problem = device.Problem?.Reason,
            Remedy = device.Problem?.Remedy,
        },
        BoardMode.ProbeOnly when board.Probe is { VendorId: StLinkVendor } probe => new BoardInfo
        {
            Address = ConnectionAddress.Of("stlink", PortPrefix + probe.Location),
            Name = board.Name,
            UsbId = UsbId(probe),
            SerialNumber = probe.SerialNumber,
            Problem = HasNoBootloader(board)
                ? $"its chip ({board.Profile!.Part}) has no USB bootloader, and this version flashes over USB, not through the ST-LINK"
                : "only its ST-LINK shows, and this version flashes through the chip's own USB bootloader, not through the ST-LINK",
            Remedy = HasNoBootloader(board) ? "`defuse doctor` says what works instead" : "`defuse doctor` says how this board's bootloader is reached",
        },
        _ => null,
    };

    // Of the many things with a serial port, only those are boards that are known to be.
    private static bool IsKnown(SeenBoard board) =>
        board.Profile is not null
        || board.DfuDevice is not null
        || board.UsbDevices.Any(x => UsbIdDatabase.Default.Find(x.VendorId, x.ProductId, x.Manufacturer, x.Product) is { Kind: UsbIdKind.Program });

    private static bool HasNoBootloader(SeenBoard board) =>
        board.Profile is { } profile && ChipDatabase.Default.FindPart(profile.Part)?.Chip.UsbDfu.Presence == UsbDfuPresence.No;

    private static string Title(SeenBoard board) =>
        board.Program is not { Kind: not (ProgramKind.Serial or ProgramKind.DfuRunTime) } program || board.Name.Contains(program.Name, StringComparison.Ordinal)
            ? board.Name
            : $"{board.Name}, runs {program.Name}";

    private static string UsbId(SeenUsbDevice device) => $"{device.VendorId:x4}:{device.ProductId:x4}";
}
