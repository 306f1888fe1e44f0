using System.Diagnostics;
using System.Globalization;
using Defuse.Core.Tests.Images;
using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Core.Tests.Formats;

/// <summary>Other people's programs judge what is written here, and write what is read here.</summary>
public sealed class OutsideToolTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("defuse-formats-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Srec_cat_reads_the_hex_that_is_written()
    {
        var program = TestFolders.Program("srec_cat");
        var random = new Random(40);
        for (var round = 0; round < 25; round++)
        {
            var image = round == 0 ? RandomImages.BothEnds() : RandomImages.Sparse(random);
            var hex = Write("ours.hex", IntelHexFormat.Write(image, null, random.Next(1, 256)));
            foreach (var segment in image.Segments.Where(x => x.Range.Start < 0xFFFF_FFFF))
            {
                // It cannot name one past the last address, so the very last byte is left out.
                var range = AddressRange.FromBounds(segment.Range.Start, Math.Min(segment.Range.End, 0xFFFF_FFFF));
                var raw = Path.Combine(_folder, "raw.bin");
                TestFolders.Run(program, [hex, "-intel", "-crop", Number(range.Start), Number(range.End), "-offset", "-" + Number(range.Start), "-o", raw, "-binary"]);
                Assert.Equal(segment.Data[..(int)range.Length].ToArray(), File.ReadAllBytes(raw));
            }
        }
    }

    [Fact]
    public void The_hex_that_srec_cat_writes_is_read()
    {
        var program = TestFolders.Program("srec_cat");
        var random = new Random(41);
        for (var round = 0; round < 25; round++)
        {
            var image = round == 0 ? RandomImages.BothEnds() : RandomImages.Sparse(random);
            var output = Path.Combine(_folder, "theirs.hex");
            List<string> arguments = [];
            foreach (var segment in image.Segments)
            {
                arguments.AddRange([
                    Write($"{arguments.Count}.bin", segment.Data.Span), "-binary", "-offset", Number(segment.Range.Start)]);
            }

            TestFolders.Run(program, [.. arguments, "-o", output, "-intel", $"-obs={random.Next(1, 250)}"]);
            Assert.Equal(image, FirmwareFile.Parse(File.ReadAllBytes(output)).Image);
        }
    }

    [Fact]
    public void Segmented_addresses_are_read_as_srec_cat_writes_them()
    {
        var program = TestFolders.Program("srec_cat");
        var random = new Random(42);
        var bytes = RandomImages.Bytes(random, 100_000);
        var output = Path.Combine(_folder, "segmented.hex");
        TestFolders.Run(program, [Write("in.bin", bytes), "-binary", "-offset", "0x1FFF3", "-o", output, "-intel", "-address-length=3"]);
        Assert.Contains(":02000002", File.ReadAllText(output), StringComparison.Ordinal);
        Assert.Equal(FirmwareImage.FromBytes(0x1FFF3, bytes), FirmwareFile.Parse(File.ReadAllBytes(output)).Image);
    }

    [Fact]
    public void Dfu_suffix_accepts_the_DfuSe_files_that_are_written()
    {
        var program = TestFolders.Program("dfu-suffix");
        var random = new Random(43);
        for (var round = 0; round < 10; round++)
        {
            var image = round == 0 ? RandomImages.BothEnds() : RandomImages.Sparse(random);
            var product = random.Next(0x10000);
            var file = Write("ours.dfu", DfuSeFormat.Write(image, new DfuSeWriteOptions { ProductId = (ushort)product }));
            var output = TestFolders.Run(program, ["-c", file]);
            Assert.Contains($"Product ID:\t0x{product:X4}", output, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("0x011A", output, StringComparison.OrdinalIgnoreCase);
            Assert.Contains($"{BitConverter.ToUInt32(File.ReadAllBytes(file), (int)new FileInfo(file).Length - 4):X8}", output,
                StringComparison.OrdinalIgnoreCase);
        }
    }

    private static string Number(long value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:X8}");

    private string Write(string name, ReadOnlySpan<byte> bytes)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
