using System.Collections.Immutable;
using Defuse.Devices;

namespace Defuse.Diagnostics;

/// <summary>Joins USB devices, serial ports and drives into boards. Pure.</summary>
public static class BoardJoin
{
    /// <summary>The boards, by where they are plugged in; what has nothing to do with boards is left out.</summary>
    /// <remarks>
    /// A probe with its drives and ports is one board. A device in DFU mode, or a program, is joined with the probe of its
    /// board only where what both say of themselves fits no other pair; else they are two. Where the device says too little
    /// (no driver lets it be asked), being the only one that may be makes it probable: <see cref="SeenBoard.IsProbable"/>.
    /// </remarks>
    /// <param name="inventory">What was seen.</param>
    /// <param name="boards">The boards that are known.</param>
    public static ImmutableArray<SeenBoard> Join(HostInventory inventory, BoardDatabase boards)
    {
        ArgumentNullException.ThrowIfNull(inventory);
        ArgumentNullException.ThrowIfNull(boards);
        var ports = inventory.SerialPorts.OrderBy(x => x.Name, LocationOrder.Instance).ToList();
        var volumes = inventory.Volumes.OrderBy(x => x.Path, LocationOrder.Instance).ThenBy(x => x.Label, StringComparer.Ordinal).ToList();
        var parts = new List<SeenBoard>();
        foreach (var device in InOrder(inventory.UsbDevices))
        {
            var its = Take(ports, x => IsAt(x.UsbLocation, device));
            var shown = Take(volumes, x => IsAt(x.UsbLocation, device));
            if (SeenRole.Of(device, its, shown) is { } role)
            {
                parts.Add(Describe(device, role, its, shown, inventory.Dfu.Where(x => IsAt(x.Location, device)).MinBy(x => x.Address, StringComparer.Ordinal), boards));
            }
        }

        AttachHomeless(parts, volumes, boards);
        return [.. JoinProbes(parts).OrderBy(x => x.UsbDevices.IsEmpty ? 1 : 0).ThenBy(x => x.UsbDevices.FirstOrDefault()?.Location, LocationOrder.Instance)];
    }

    private static bool IsAt(string? location, SeenUsbDevice device) => location is { Length: > 0 } && string.Equals(location, device.Location, StringComparison.Ordinal);

    private static IEnumerable<SeenUsbDevice> InOrder(ImmutableArray<SeenUsbDevice> devices) => devices
        .OrderBy(x => x.Location, LocationOrder.Instance)
        .ThenBy(x => x.VendorId)
        .ThenBy(x => x.ProductId)
        .ThenBy(x => x.SerialNumber, StringComparer.Ordinal)
        .ThenBy(x => x.Product, StringComparer.Ordinal)
        .ThenBy(x => x.ToString(), StringComparer.Ordinal);

    private static ImmutableArray<T> Take<T>(List<T> from, Predicate<T> isMeant)
    {
        ImmutableArray<T> taken = [.. from.Where(x => isMeant(x))];
        from.RemoveAll(isMeant);
        return taken;
    }

    private static SeenBoard Describe(
        SeenUsbDevice device, SeenRole role, ImmutableArray<SeenSerialPort> ports, ImmutableArray<SeenVolume> volumes, DfuCondition? dfu, BoardDatabase boards)
    {
        var board = new SeenBoard
        {
            Name = role.Name,
            Mode = role.Mode,
            Program = role.Program,
            UsbDevices = [device],
            SerialPorts = ports,
            Volumes = volumes,
            Probe = role.Mode == BoardMode.ProbeOnly ? device : null,
            DfuDevice = role.Mode is BoardMode.Dfu or BoardMode.Unreadable || (role.Mode == BoardMode.Program && device.Interfaces.Any(SeenRole.IsDfu)) ? device : null,
            Dfu = role.Mode is BoardMode.Stranger or BoardMode.ProbeOnly ? null : dfu,
            ChipNames = role.Mode == BoardMode.Dfu ? [.. DfuChips.Of(device, dfu) ?? []] : [],
        };
        if (role.Mode == BoardMode.ProbeOnly)
        {
            return NameProbe(board, role, boards);
        }

        if ((role.Mode is BoardMode.Dfu or BoardMode.Program) && BoardNames.OfProduct(device.Product, boards) is { } profile)
        {
            return board with { Name = profile.Name, Profile = profile, Evidence = [$"it calls itself {BoardNames.Line(device.Product)}"] };
        }

        return role switch
        {
            { Mode: BoardMode.Dfu } => board with { Name = BoardNames.Line(device.Product) ?? role.Name },
            { Mode: BoardMode.Drive } when volumes.Select(x => x.Uf2Board).OfType<string>().FirstOrDefault() is { } name =>
                board with { Name = name, Evidence = ["INFO_UF2.TXT on its drive names it"] },
            { Program: { } program } when BoardNames.OfProgram(program, device) is { } name => board with { Name = name, Evidence = [$"it calls itself {BoardNames.Line(device.Product)}"] },
            { Program.Kind: ProgramKind.Serial } => board with { Name = "a board with a serial port" },
            { Program.Kind: ProgramKind.DfuRunTime } => board with { Name = "a board that offers DFU" },
            { Program: { } program } => board with { Name = $"a board that runs {program.Name}" },
            { Mode: BoardMode.SerialAdapter } => board with { Name = $"a {role.Name}" },
            _ => board,
        };
    }

    private static SeenBoard NameProbe(SeenBoard board, SeenRole role, BoardDatabase boards) =>
        BoardNames.OfVolumes(board.Volumes, boards) is var (profile, evidence)
            ? board with { Name = profile.Name, Profile = profile, Evidence = [evidence] }
            : board with { Name = board.Volumes.IsEmpty && board.SerialPorts.IsEmpty ? role.Name : $"a board with {role.Name}" };

    // Where the system does not tell which device a drive belongs to, the only drive of boards is that of the only probe.
    private static void AttachHomeless(List<SeenBoard> parts, List<SeenVolume> volumes, BoardDatabase boards)
    {
        var homeless = volumes.Where(x => x.UsbLocation is null && (x.MbedId is not null || x.Uf2Board is not null)).ToList();
        var probes = parts.Where(x => x.Mode == BoardMode.ProbeOnly && x.Volumes.IsEmpty).ToList();
        if (homeless is [{ MbedId: not null } drive] && probes is [var probe])
        {
            var role = SeenRole.Of(probe.Probe!, [], [])!;
            parts[parts.IndexOf(probe)] = NameProbe(probe with { Volumes = [drive] }, role, boards);
            return;
        }

        foreach (var volume in homeless)
        {
            var board = new SeenBoard { Name = "a board with a drive", Mode = volume.MbedId is null ? BoardMode.Drive : BoardMode.ProbeOnly, Volumes = [volume] };
            parts.Add(volume.Uf2Board is { } name
                ? board with { Name = name, Evidence = ["INFO_UF2.TXT on its drive names it"] }
                : NameProbe(board, new SeenRole(BoardMode.ProbeOnly, "a debug probe"), boards));
        }
    }

    private static IEnumerable<SeenBoard> JoinProbes(List<SeenBoard> parts)
    {
        var probes = parts.Where(x => x.Mode == BoardMode.ProbeOnly).ToList();
        var chips = parts.Where(x => x.Mode is BoardMode.Dfu or BoardMode.Program).ToList();
        var partners = probes.ToDictionary<SeenBoard, SeenBoard, SeenBoard?>(x => x, x => Partner(x, chips, probes), ReferenceEqualityComparer.Instance);
        var joined = new HashSet<SeenBoard>(partners.Values.OfType<SeenBoard>(), ReferenceEqualityComparer.Instance);
        foreach (var part in parts)
        {
            // Seen from the probe: what joins it is left out where it stands.
            if (part.Mode == BoardMode.ProbeOnly)
            {
                yield return partners[part] is { } chip ? Merge(part, chip) : part;
            }
            else if (!joined.Contains(part))
            {
                yield return part;
            }
        }
    }

    /// <summary>What is the chip's own USB of the board on this probe; null unless nothing else may be, and something speaks for it.</summary>
    private static SeenBoard? Partner(SeenBoard probe, List<SeenBoard> chips, List<SeenBoard> probes) =>
        chips.Where(x => Fit(probe, x) != PairFit.No).Take(2).ToList() is [var only]
        && Fit(probe, only) >= PairFit.Probable
        && probes.Count(x => Fit(x, only) != PairFit.No) == 1
            ? only
            : null;

    private static PairFit Fit(SeenBoard probe, SeenBoard chip)
    {
        if (chip.Profile is not null && probe.Profile is not null)
        {
            return chip.Profile == probe.Profile ? PairFit.Certain : PairFit.No;
        }

        if (chip.Mode != BoardMode.Dfu)
        {
            // A program that does not name its board is nobody's: nothing ever says more about it.
            return chip.Profile is null ? PairFit.No : PairFit.Unknown;
        }

        return probe.Profile is not { } profile || ChipDatabase.Default.FindId(profile.ChipId) is not { } its
            ? PairFit.Unknown
            : Fit(profile, its, chip);
    }

    private static PairFit Fit(BoardProfile profile, ChipProfile its, SeenBoard chip)
    {
        var device = chip.DfuDevice!;
        if (its.UsbDfu.Presence == UsbDfuPresence.No)
        {
            return PairFit.No;
        }

        if (!chip.ChipNames.IsEmpty)
        {
            return chip.ChipNames.Contains(its.Name, StringComparer.OrdinalIgnoreCase) ? PairFit.Certain : PairFit.No;
        }

        return device is { VendorId: 0x0483, ProductId: 0xDF11 } && profile is { UserUsb: not null, DfuObstacle: null } && HasRelease(its, device.DeviceRelease)
            ? PairFit.Probable
            : PairFit.Unknown;
    }

    // Of some chips no ROM was seen, and others of their family were.
    private static bool HasRelease(ChipProfile chip, ushort release) => chip.DeviceReleases.IsEmpty
        ? ChipDatabase.Default.Chips.Any(x => string.Equals(x.Family, chip.Family, StringComparison.Ordinal) && x.DeviceReleases.Contains(release))
        : chip.DeviceReleases.Contains(release);

    private static SeenBoard Merge(SeenBoard probe, SeenBoard chip)
    {
        var place = chip.UsbDevices[0].Location;
        var isProbable = Fit(probe, chip) == PairFit.Probable;
        return probe with
        {
            IsProbable = isProbable,
            Mode = chip.Mode,
            Program = chip.Program,
            Dfu = chip.Dfu,
            DfuDevice = chip.DfuDevice,
            ChipNames = chip.ChipNames,
            UsbDevices = probe.UsbDevices.AddRange(chip.UsbDevices),
            SerialPorts = probe.SerialPorts.AddRange(chip.SerialPorts),
            Volumes = probe.Volumes.AddRange(chip.Volumes),
            Evidence =
            [
                .. probe.Evidence,
                .. chip.Evidence,
                (chip.Mode, isProbable) switch
                {
                    (BoardMode.Dfu, true) => $"what is in DFU mode at {place} is probably its chip: it is the only one here, and such chips have a bootloader of that release",
                    (BoardMode.Dfu, false) => $"of all that is in DFU mode, only what is plugged in at {place} has a flash as its chip has",
                    _ => $"of all that runs a program, only what is plugged in at {place} calls itself so",
                },
            ],
        };
    }

    /// <summary>Whether a probe and something else are one board.</summary>
    private enum PairFit
    {
        /// <summary>Something speaks against it.</summary>
        No,

        /// <summary>Too little is known to say.</summary>
        Unknown,

        /// <summary>What is known fits, and fits others too.</summary>
        Probable,

        /// <summary>What both say of themselves goes together.</summary>
        Certain,
    }
}
