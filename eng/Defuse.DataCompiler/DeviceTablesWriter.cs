using System.Collections.Immutable;
using Defuse.Devices;

namespace Defuse.DataCompiler;

/// <summary>Writes what DeviceTablesReader reads.</summary>
internal sealed class DeviceTablesWriter : TableWriter
{
    /// <summary>The tables as bytes: the same tables always give the same.</summary>
    public static byte[] Write(DeviceTables tables)
    {
        var writer = new DeviceTablesWriter();
        writer.Many(tables.Chips, writer.Chip);
        writer.Many(tables.Boards, writer.Board);
        return writer.Whole();
    }

    /// <summary>Whether a packed file holds these tables.</summary>
    public static bool Holds(Stream packed, DeviceTables tables) => Write(DeviceTables.Unpack(packed)).AsSpan().SequenceEqual(Write(tables));

    private void Chip(ChipProfile chip)
    {
        Number(chip.Id);
        Text(chip.Name);
        Text(chip.Family);
        Many(chip.Lines, Text);
        Text(chip.Cpu);
        Many(chip.Layouts, Layout);
        var ram = chip.Parts.Select(x => x.Ram).Prepend(chip.RamRegions).DistinctBy(Key, StringComparer.Ordinal).ToList();
        Many(ram, x => Many(x, Ram));
        Number(chip.WriteUnit);
        Number(chip.ErasedByte);
        Optional(chip.SystemMemory, Range);
        Number((int)chip.UsbDfu.Presence);
        Text(chip.UsbDfu.Evidence);
        Many(chip.DeviceReleases, x => Number(x));
        Many(chip.SeenRegions, Region);
        Optional(chip.OptionBytes, Range);
        Optional(chip.OptionRegister, x => Number(x));
        OptionalObject(chip.BankMode, Bank);
        Optional(chip.UniqueId, x => Number(x));
        Optional(chip.FlashSizeRegister, x => Number(x));
        OptionalObject(chip.GenericMap, Text);
        Optional(chip.IdCodeRegister, x => Number(x));
        Optional(chip.Otp, Range);
        Optional(chip.DataEeprom, Range);
        Many(chip.Sources, x => Texts(x.Figure, x.Source));
        Many(chip.Disagreements, x => Texts(x.Figure, x.Taken, x.Others, x.Reason));
        Many(chip.Parts, part =>
        {
            Text(part.Name);
            Number(part.FlashBytes / 1024);
            Number(ram.FindIndex(x => string.Equals(Key(x), Key(part.Ram), StringComparison.Ordinal)));
        });
    }

    private void Board(BoardProfile board)
    {
        Text(board.Name);
        Many(board.Aliases, Text);
        Texts(board.Vendor, board.Part);
        Number(board.ChipId);
        foreach (var text in (string?[])[board.MbedId, board.Probe, board.SerialPort, board.UserUsb, board.EnterDfuText, board.Clock, board.Notes, board.UserSocket, board.DfuObstacle])
        {
            OptionalObject(text, Text);
        }

        OptionalObject(board.UsbWires, x => Texts(x.DataMinus, x.DataPlus));
        OptionalObject(board.DfuByHand, ByHand);
        Many(board.Bootloaders, x =>
        {
            Text(x.Name);
            Range(x.Range);
            Text(x.Source);
        });
        Text(board.Source);
        Number(board.IsConfirmed ? 1 : 0);
    }

    private void ByHand(DfuByHand way)
    {
        Number((int)way.Selection);
        Text(way.Boot0);
        OptionalObject(way.High, Text);
        OptionalObject(way.Boot1, Text);
        Number((int)way.Restart);
        OptionalObject(way.ResetButton, Text);
        Number(way.NeedsProbe ? 1 : 0);
        OptionalObject(way.Condition, Text);
    }

    private void Layout(FlashLayout layout)
    {
        Text(layout.Name);
        Optional(layout.SecondBank, x => Number(x));
        Many(layout.Runs, Run);
    }

    private void Region(MemoryRegion region)
    {
        Text(region.Name);
        Number(region.AlternateSetting);
        Many(region.Runs, Run);
    }

    private void Run(SectorRun run)
    {
        Number(run.Range.Start);
        Number(run.Count);
        Number(run.SectorSize);
        Number((int)run.Access);
    }

    private void Ram(RamRegion region)
    {
        Text(region.Name);
        Range(region.Range);
        Number(region.IsAlias ? 1 : 0);
    }

    private void Bank(BankModeBit bit)
    {
        Text(bit.Name);
        Optional(bit.Address, x => Number(x));
        Number(bit.Bit);
        Number(bit.RegisterBit);
        Number(bit.SingleBankWhenSet ? 1 : 0);
    }

    private static string Key(ImmutableArray<RamRegion> ram) => string.Join(',', ram);
}
