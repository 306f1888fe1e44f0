using System.Buffers.Binary;
using System.Globalization;
using Defuse.Formats;
using Defuse.Images;
using Defuse.Programming;
using Defuse.Simulator;
using Defuse.UsbIp;

namespace Defuse.Compatibility;

/// <summary>A board, served over USB/IP, whose chip can be looked into.</summary>
internal sealed class Stand : IAsyncDisposable
{
    private const int ImageSize = 5003;
    private readonly UsbIpServer _server;
    private byte[] _before = [];

    /// <param name="row">Which board.</param>
    /// <param name="scale">How much of real time its work takes.</param>
    /// <param name="folder">For its files.</param>
    /// <param name="number">The port that it is plugged into.</param>
    public Stand(Row row, double scale, string folder, int number)
    {
        Row = row;
        Folder = folder;
        var options = row.Options.SetItem("time", scale.ToString(CultureInfo.InvariantCulture));
        Board = SimulatedBoardCatalog.Create(row.Name, 0, options, null, VirtualClockMode.Following);
        _server = UsbIpServer.Start([Board], port: 0);
        Vhci = new Vhci(number, _server.EndPoint.Port);
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

    /// <summary>Where the kernel has it.</summary>
    public Vhci Vhci { get; }

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

    /// <summary>What a report says that is not so; null if it tells the truth about every range, and about all flash outside of them.</summary>
    public string? UntruthOf(FlashReport report)
    {
        var start = Board.Chip.FlashAddress;
        var now = new byte[Board.Chip.FlashSize];
        Board.Chip.ReadFlash(start, now);
        var at = 0;
        foreach (var (range, state) in report.Ranges)
        {
            var (first, length) = ((int)(range.Start - start), (int)range.Length);
            var found = now.AsSpan(first, length);
            var isWanted = true;
            for (var i = 0; i < Image.Length; i++)
            {
                var place = (int)(Address - start) + i;
                isWanted &= place < first || place >= first + length || now[place] == Image[i];
            }

            var isTrue = state switch
            {
                RangeState.Untouched => found.SequenceEqual(_before.AsSpan(first, length)),
                RangeState.Blank => !found.ContainsAnyExcept(Board.Chip.ErasedByte),
                RangeState.Written or RangeState.Verified => isWanted,
                RangeState.Different => !isWanted,
                _ => true,
            };
            if (!isTrue || !now.AsSpan(at..first).SequenceEqual(_before.AsSpan(at..first)))
            {
                return isTrue ? $"what lies before {range} changed" : $"{range} is called {state}";
            }

            at = first + length;
        }

        return now.AsSpan(at).SequenceEqual(_before.AsSpan(at)) ? null : "what lies behind the report's ranges changed";
    }

    public async ValueTask DisposeAsync()
    {
        await Vhci.DetachAsync().ConfigureAwait(false);
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
