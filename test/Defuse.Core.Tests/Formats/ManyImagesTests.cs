using System.Diagnostics;
using System.Globalization;
using Defuse.Core.Tests.Images;
using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Core.Tests.Formats;

/// <summary>A thousand sparse images that other people's programs turn from one format into another, and from ours into ours.</summary>
public sealed class ManyImagesTests : IDisposable
{
    private const int Images = 1000;

    private readonly string _folder = Directory.CreateTempSubdirectory("defuse-images-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public Task Srec_cat_makes_the_same_S_records_of_our_hex() => ConvertAsync("srec_cat", FirmwareFormat.IntelHex, FirmwareFormat.SRecord);

    [Fact]
    public Task Srec_cat_makes_the_same_hex_of_our_S_records() => ConvertAsync("srec_cat", FirmwareFormat.SRecord, FirmwareFormat.IntelHex);

    [Fact]
    public Task Srec_cat_makes_the_same_TI_TXT_of_our_hex() => ConvertAsync("srec_cat", FirmwareFormat.IntelHex, FirmwareFormat.TiText);

    [Fact]
    public Task Objcopy_makes_the_same_S_records_of_our_hex() => ConvertAsync("objcopy", FirmwareFormat.IntelHex, FirmwareFormat.SRecord);

    [Fact]
    public Task Objcopy_makes_the_same_hex_of_our_S_records() => ConvertAsync("objcopy", FirmwareFormat.SRecord, FirmwareFormat.IntelHex);

    private async Task ConvertAsync(string name, FirmwareFormat from, FirmwareFormat to)
    {
        var program = TestFolders.Program(name);
        await Parallel.ForAsync(0, Images, async (index, cancellationToken) =>
        {
            var random = new Random((int)from + (100 * (int)to) + (10_000 * index));
            var image = index == 0 ? RandomImages.BothEnds() : Within(random, RandomImages.Sparse(random));
            uint? entry = random.Next(2) == 0 ? null : image.Segments[0].Range.Start | 1;
            var input = Path.Combine(_folder, $"{index}.in");
            var output = Path.Combine(_folder, $"{index}.out");
            await File.WriteAllBytesAsync(
                input,
                from == FirmwareFormat.IntelHex
                    ? IntelHexFormat.Write(image, entry, random.Next(1, 256))
                    : SRecordFormat.Write(image, random.Next(2) == 0 ? null : "header", entry, random.Next(1, 251)),
                cancellationToken);
            var length = random.Next(8, 200).ToString(CultureInfo.InvariantCulture);
            string[] arguments = name == "objcopy"
                ? ["-I", from == FirmwareFormat.SRecord ? "srec" : "ihex", "-O", to == FirmwareFormat.SRecord ? "srec" : "ihex", $"--srec-len={length}", input, output]
                : [input, Option(from), "-o", output, Option(to), .. to == FirmwareFormat.TiText ? Array.Empty<string>() : [$"-obs={length}"], LineEnd(random)];
            await TestFolders.RunAsync(program, arguments, cancellationToken);
            var file = FirmwareFile.Parse(await File.ReadAllBytesAsync(output, cancellationToken));
            Assert.Equal(to, file.Format);
            Assert.Equal(image, file.Image);
            Assert.Empty(file.Warnings);
            if (entry > 1 && to != FirmwareFormat.TiText)
            {
                Assert.Equal(entry, file.EntryPoint);
            }
        });
    }

    // Some so low that short addresses do.
    private static FirmwareImage Within(Random random, FirmwareImage image)
    {
        var low = image.Slice(new AddressRange(0, random.Next(3) == 0 ? 0x1_0000 : 0x10_0000));
        return random.Next(4) > 0 || low.IsEmpty ? image : low;
    }

    private static string Option(FirmwareFormat format) => format switch
    {
        FirmwareFormat.IntelHex => "-intel",
        FirmwareFormat.SRecord => "-motorola",
        _ => "-ti-txt",
    };

    private static string LineEnd(Random random) => "-line-termination=" + ((string[])["lf", "crlf", "cr"])[random.Next(3)];
}
