using System.Buffers.Binary;
using System.Globalization;
using Defuse.Formats;
using Defuse.Images;
using Defuse.Simulator;
using Defuse.UsbIp;

namespace Defuse.Compatibility;

/// <summary>A board, served over USB/IP, whose chip can be looked into.</summary>
internal sealed class Stand : IAsyncDisposable
{
    private const int ImageSize = 5003;
    private readonly UsbIpServer _server;
    private byte[] _before = [];

    public Stand(Row row, double scale, string folder)
    {
        Row = row;
        Folder = folder;
        var options = row.Options.SetItem("time", scale.ToString(CultureInfo.InvariantCulture));
        Board = SimulatedBoardCatalog.Create(row.Name, 0, options, null, VirtualClockMode.Following);
        _server = UsbIpServer.Start([Board], port: 0);
        Address = row.Address ?? Board.Chip.FlashAddress;
        Image = new byte[ImageSize];
        new Random(1).NextBytes(Image);

        // A stack pointer and a reset vector that a bootloader would jump to.
        BinaryPrimitives.WriteUInt32LittleEndian(Image, 0x2000_1000);
        for (var vector = 1; vector < 16; vector++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(Image.AsSpan(4 * vector), Address + 0x101);
        }

        File.WriteAllBytes(BinPath, Image);
    }

    public Row Row { get; }

    public SimulatedBoard Board { get; }

    /// <summary>The TCP port.</summary>
    public int Port => _server.EndPoint.Port;

    public string Folder { get; }

    public uint Address { get; }

    public byte[] Image { get; }

    public string BinPath => Path.Combine(Folder, "image.bin");

    public string DfuPath => Path.Combine(Folder, "image.dfu");

    /// <summary>Old firmware everywhere, no protection, in DFU mode.</summary>
    public async Task PrepareAsync()
    {
        Board.Unplug();
        if (Row.CanBeProtected)
        {
            Board.Chip.ReadProtectionLevel = 0;
        }

        _before = new byte[Board.Chip.FlashSize];
        new Random(2).NextBytes(_before);
        Board.Chip.WriteFlash(Board.Chip.FlashAddress, _before);
        await Board.AttachAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>The image where it is read from.</summary>
    public void PutImage()
    {
        Board.Chip.WriteFlash(Address, Image);
        Image.CopyTo(_before, (int)(Address - Board.Chip.FlashAddress));
    }

    public void WriteDfu(ushort vendorId, ushort productId) => File.WriteAllBytes(
        DfuPath,
        FirmwareFile.Write(
            Row.TakesWholeImages ? FirmwareFormat.Dfu : FirmwareFormat.DfuSe,
            FirmwareImage.FromBytes(Address, Image),
            new FirmwareWriteOptions { DfuSe = new DfuSeWriteOptions { VendorId = vendorId, ProductId = productId } }));

    /// <summary>Whether flash holds the image, whatever is around it.</summary>
    public bool HoldsImageBytes() => Holds(Address, Image);

    /// <summary>Whether flash holds the image, and outside of its sectors what was there before.</summary>
    public bool HoldsImage() => Holds(Address, Image) && Board.Chip.Sectors.Where(x => !Touches(x)).All(x => Is(x, Before));

    /// <summary>Whether the sectors of the image are erased, and all others as before.</summary>
    public bool SectorErased() => Board.Chip.Sectors.All(x => Is(x, Touches(x) ? Blank : Before));

    /// <summary>Whether all is erased, or, as dfu-util has to write something, all but the image.</summary>
    public bool AllErased() => Board.Chip.Sectors.All(x => Is(x, Blank) || (Touches(x) && Holds(Address, Image)));

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync().ConfigureAwait(false);
        Board.Dispose();
    }

    private bool Touches(SimulatedSector sector) => sector.Address < Address + Image.Length && sector.Address + sector.Size > Address;

    private byte[] Before(SimulatedSector sector) => _before.AsSpan((int)(sector.Address - Board.Chip.FlashAddress), sector.Size).ToArray();

    private byte[] Blank(SimulatedSector sector) => [.. Enumerable.Repeat(Board.Chip.ErasedByte, sector.Size)];

    private bool Is(SimulatedSector sector, Func<SimulatedSector, byte[]> expected) => Holds(sector.Address, expected(sector));

    private bool Holds(uint address, byte[] expected)
    {
        var found = new byte[expected.Length];
        Board.Chip.ReadFlash(address, found);
        return expected.AsSpan().SequenceEqual(found);
    }
}
