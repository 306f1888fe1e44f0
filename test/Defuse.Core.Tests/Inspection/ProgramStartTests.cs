using System.Buffers.Binary;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Inspection;
using Defuse.Planning;

namespace Defuse.Core.Tests.Inspection;

public class ProgramStartTests
{
    [Fact]
    public void A_program_at_the_start_of_flash_needs_nothing_below()
    {
        var bytes = Images.Program(0x4000, Images.Flash);
        var reset = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4));
        var start = ImageInspection.Of(Images.Of((Images.Flash, bytes)), new InspectionContext { EntryPoint = reset }).Start;

        Assert.Equal(Images.Flash, start.Table!.Address);
        Assert.Empty(start.Findings);
        Assert.Null(start.Below);
        Assert.True(start.EntryPointAgrees);
        Assert.False(ImageInspection.Of(Images.Of((Images.Flash, bytes)), new InspectionContext { EntryPoint = reset + 2 }).Start.EntryPointAgrees);

        // Linkers write the entry point with and without the Thumb bit.
        Assert.True(ImageInspection.Of(Images.Of((Images.Flash, bytes)), new InspectionContext { EntryPoint = reset - 1 }).Start.EntryPointAgrees);
        Assert.Null(ImageInspection.Of(Images.Of((Images.Flash, bytes))).Start.EntryPointAgrees);
    }

    [Fact]
    public void A_program_above_the_start_of_flash_needs_a_bootloader()
    {
        var inspection = ImageInspection.Of(Images.Of((0x0800_8000, Images.Program(0x4000, 0x0800_8000))));

        Assert.Equal(AddressRange.FromBounds(0x0800_0000, 0x0800_8000), inspection.Start.Below);
        Assert.Contains("needs      a bootloader in 0x08000000-0x08007FFF (32 KB)", ImageInspectionText.Render(inspection), StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_behind_a_header_is_found_and_told_to_be_there()
    {
        var header = new byte[0x200];
        new Random(3).NextBytes(header);
        var inspection = ImageInspection.Of(Images.Of((0x0800_8000, [.. header, .. Images.Program(0x4000, 0x0800_8200)])));

        Assert.Equal(0x0800_8200u, inspection.Start.Table!.Address);
        Assert.NotEmpty(inspection.Start.Findings);
        Assert.Equal(AddressRange.FromBounds(0x0800_0000, 0x0800_8200), inspection.Start.Below);

        // With a header at the start of flash nothing is left for a bootloader.
        Assert.Null(ImageInspection.Of(Images.Of((Images.Flash, [.. header, .. Images.Program(0x4000, 0x0800_0200)]))).Start.Below);
        Assert.Contains("0x08008200, not where the image starts", ImageInspectionText.Render(inspection), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x0800_0000u)]
    [InlineData(0x0800_5000u)]
    [InlineData(0x0800_8000u)]
    [InlineData(0x0802_0000u)]
    public void Raw_bytes_tell_where_they_were_linked_for(uint address)
    {
        var bytes = Images.Program(0x30000, address);
        var inspection = ImageInspection.Of(Images.Of((0, bytes)), new InspectionContext { NeedsAddress = true });

        Assert.Equal(address, inspection.Start.PlacedAt);
        Assert.True(inspection.HasAddresses);
        Assert.Equal(address, inspection.Image.Extent!.Value.Start);
        Assert.Equal(address, inspection.Start.Candidates[0].Address);
        Assert.True(inspection.Start.Candidates.Length > 1);
    }

    [Fact]
    public void Raw_bytes_whose_vectors_fit_in_many_places_and_that_have_no_pointers_stay_without_an_address()
    {
        var bytes = Images.Program(0x30000, 0x0800_8000);
        bytes.AsSpan(64).Clear();
        var inspection = ImageInspection.Of(Images.Of((0, bytes)), new InspectionContext { NeedsAddress = true });

        Assert.Null(inspection.Start.PlacedAt);
        Assert.False(inspection.HasAddresses);
        Assert.True(inspection.Start.Candidates.Length > 1);
        Assert.Contains("and others may fit too", ImageInspectionText.Render(inspection), StringComparison.Ordinal);
    }

    [Fact]
    public void Raw_bytes_for_a_bootloaders_application_are_not_put_at_the_start_of_flash()
    {
        // All its vectors lie in its first part: shifted down by 32 KB they still point into it.
        var application = Images.Program(0x30000, 0x0800_8000);
        BinaryPrimitives.WriteUInt32LittleEndian(application.AsSpan(4), 0x0800_8501);
        for (var vector = 2; vector < 16; vector++)
        {
            application.AsSpan(4, 4).CopyTo(application.AsSpan(vector * 4));
        }

        var image = Images.Of((Images.Flash, application));
        Assert.Empty(VectorTable.TryRead(image, Images.Flash)!.Check(image));
        var refused = Assert.Throws<AddressNeededException>(() => BinaryPlacement.FindAddress(application, Images.Flash, []));

        Assert.Contains("linked for 0x08008000", refused.Message, StringComparison.Ordinal);
        Assert.Equal(Images.Flash, BinaryPlacement.FindAddress(Images.Program(0x30000, Images.Flash), Images.Flash, []));
    }

    [Fact]
    public void Data_has_no_start()
    {
        var inspection = ImageInspection.Of(Images.Of((Images.Flash, new byte[5000])));
        Assert.Null(inspection.Start.Table);
        Assert.Contains("no vector table: the vector table at 0x08000000 is blank", ImageInspectionText.Render(inspection), StringComparison.Ordinal);
        Assert.Contains("nothing: the image is empty", ImageInspectionText.Render(ImageInspection.Of(FirmwareImage.Empty)), StringComparison.Ordinal);
    }
}
