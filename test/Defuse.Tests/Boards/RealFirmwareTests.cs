using Defuse.Connections;
using Defuse.Formats;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;

namespace Defuse.Tests.Boards;

/// <summary>The case that Defuse is for: a released MicroPython onto a NUCLEO-F767ZI, in process and over USB/IP.</summary>
public sealed class RealFirmwareTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("micropython-v1.9.1-NUCLEO_F767ZI.dfu", "nucleo-f767zi")]
    [InlineData("micropython-v1.9.1-NUCLEO_F767ZI.hex", "nucleo-f767zi")]
    [InlineData("micropython-v1.11-NUCLEO_F767ZI.hex", "nucleo-f767zi")]
    [InlineData("micropython-v1.11-NUCLEO_H743ZI.hex", "nucleo-h743zi?boot0=low")]
    [InlineData("micropython-v1.14-PYBV11.dfu", "pybv11")]
    public async Task A_released_file_is_flashed_read_back_equal_and_not_written_twice(string name, string board)
    {
        var image = FirmwareFile.Parse(RealFirmware.Read(name)).Image;
        using var folder = new TemporaryFolder();
        var catalog = DefuseBoards.CreateCatalog(new DefuseBoardsOptions { SimulatorFolder = folder.Path });

        var first = await FlashAsync(catalog, $"sim:{board}", image);
        var second = await FlashAsync(catalog, $"sim:{board}", image);

        Assert.Equal(FlashOutcome.Verified, first.Outcome);
        Assert.Equal(image.ByteCount, first.BytesVerified);
        Assert.NotNull(first.Started);
        Assert.Equal(FlashOutcome.Verified, second.Outcome);
        Assert.Equal((0, 0), (second.BytesWritten, second.SectorsErased));
        await using var target = await catalog.OpenAsync(ConnectionAddress.Parse($"sim:{board}"), Cancel);
        foreach (var segment in image.Segments)
        {
            var read = await new Programmer(target).ReadAsync(segment.Range, null, Cancel);
            Assert.Equal(segment.Data.ToArray(), read.Segments[0].Data.ToArray());
        }
    }

    [Fact]
    public async Task One_changed_byte_outside_the_vector_tables_sector_costs_one_sector()
    {
        var image = FirmwareFile.Parse(RealFirmware.Read("micropython-v1.9.1-NUCLEO_F767ZI.dfu")).Image;
        using var folder = new TemporaryFolder();
        var catalog = DefuseBoards.CreateCatalog(new DefuseBoardsOptions { SimulatorFolder = folder.Path });
        await FlashAsync(catalog, "sim:nucleo-f767zi", image);
        var last = image.Segments[^1];
        var bytes = last.Data.ToArray();
        bytes[bytes.Length / 2] ^= 0x01;
        var builder = new FirmwareImageBuilder();
        foreach (var segment in image.Segments.SkipLast(1))
        {
            builder.Add(segment.Range.Start, segment.Data.Span);
        }

        builder.Add(last.Range.Start, bytes);

        var report = await FlashAsync(catalog, "sim:nucleo-f767zi", builder.Build());

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Equal(1, report.SectorsErased);
    }

    [Fact]
    public async Task A_second_element_that_the_rom_cannot_reach_is_refused_before_the_first_erase()
    {
        var image = FirmwareFile.Parse(RealFirmware.Read("micropython-v1.18-PYBD_SF2.dfu")).Image;
        using var folder = new TemporaryFolder();
        var catalog = DefuseBoards.CreateCatalog(new DefuseBoardsOptions { SimulatorFolder = folder.Path });

        var report = await FlashAsync(catalog, "sim:nucleo-f767zi", image);

        Assert.Equal(FlashOutcome.Refused, report.Outcome);
        var outside = Assert.Single(Assert.IsType<PlanRefusedException>(report.Error).Refusals, x => x.Kind == RefusalKind.Outside);
        Assert.Equal(0x90000000u, outside.Range!.Value.Start);
        Assert.Equal((0, 0), (report.BytesWritten, report.SectorsErased));
    }

    // Over a socket the host waits in real time for as long as the ROM says, so only as much is flashed as three sectors need.
    [Theory]
    [InlineData("sim:nucleo-f767zi", "micropython-v1.9.1-NUCLEO_F767ZI.dfu")]
    [InlineData("sim:nucleo-f767zi#3?bank=dual", "micropython-v1.9.1-NUCLEO_F767ZI.dfu")]
    [InlineData("sim:pybv11", "micropython-v1.14-PYBV11.dfu")]
    [InlineData("sim:nucleo-h743zi", "micropython-v1.11-NUCLEO_H743ZI.hex")]
    public async Task The_same_works_over_usb_ip(string board, string name)
    {
        var image = FirmwareFile.Parse(RealFirmware.Read(name)).Image.Slice(new AddressRange(0x08000000, 0x28000));
        using var folder = new TemporaryFolder();
        var options = new SimulationOptions { Port = 0, TimeScale = 0, Folder = folder.Path };
        var catalog = DefuseBoards.CreateCatalog(new DefuseBoardsOptions { SimulatorFolder = folder.Path });
        await using (var server = await SimulationServer.StartAsync([ConnectionAddress.Parse(board)], options, null, Cancel))
        {
            var address = server.Exports[0].Address;
            var listed = Assert.Single(await catalog.ListAsync(address, Cancel));
            Assert.Equal(address, listed.Address);

            await using var target = await catalog.OpenAsync(address, Cancel);
            var report = await new Programmer(target).FlashAsync(image, FlashOptions.Default with { Start = false }, null, Cancel);
            Assert.Equal(FlashOutcome.Verified, report.Outcome);

            var other = await Assert.ThrowsAsync<ConnectionException>(async () => await catalog.OpenAsync(ConnectionAddress.Parse(board), Cancel));
            Assert.Equal(ConnectionFailure.CannotOpen, other.Failure);
        }

        // The served board and the one in this process are the same one.
        var again = await FlashAsync(catalog, board, image);
        Assert.Equal((FlashOutcome.Verified, 0L), (again.Outcome, again.BytesWritten));
    }

    private static async Task<FlashReport> FlashAsync(BoardCatalog catalog, string address, FirmwareImage image)
    {
        await using var target = await catalog.OpenAsync(ConnectionAddress.Parse(address), Cancel);
        return await new Programmer(target).FlashAsync(image, FlashOptions.Default, null, Cancel);
    }
}
