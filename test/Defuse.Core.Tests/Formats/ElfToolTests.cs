using System.Diagnostics;
using Defuse.Core.Tests.Images;
using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Core.Tests.Formats;

/// <summary>GNU's tools, and other people's oracles, judge what is taken out of ELF files.</summary>
public sealed class ElfToolTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("defuse-elf-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("gcc.elf", "gcc.bin", 0x0000_0000u, 0x0000_04C5u, "GCC: (GNU Tools for Arm Embedded Processors 8-2019-q3-update) 8.3.1", "ARMv7E-M", true)]
    [InlineData("iar.out", "iar.bin", 0x0027_F400u, 0x0028_30E9u, "IAR ELF Linker V9.30.1.335/W64 for ARM", "ARMv8-M Mainline", false)]
    [InlineData("keil.out", "keil.bin", 0x0800_0400u, 0x0800_3835u, "Component: Arm Compiler for Embedded 6.19 Tool: armlink [5e73cb00]", null, false)]
    public void One_program_of_three_linkers_holds_what_its_raw_binary_holds(
        string elf, string bin, uint start, uint entry, string toolchain, string? architecture, bool isHardFloat)
    {
        var file = FirmwareFile.Parse(TestFolders.Firmware($"formats/bincopy-{elf}"));
        var expected = TestFolders.Firmware($"formats/bincopy-{bin}");
        Assert.Equal(start, file.Image.Extent!.Value.Start);
        var written = BinaryFormat.Write(file.Image, 0xFF);
        Assert.Equal(expected.Length, written.Length);

        // Keil's segment holds zeros between two sections, which the oracle, going by sections, has as a gap.
        var odd = Enumerable.Range(0, written.Length).Where(x => expected[x] != written[x]).ToArray();
        Assert.All(odd, x => Assert.Equal((0xFF, 0), (expected[x], written[x])));
        Assert.InRange(odd.Length, 0, elf == "keil.out" ? 0x200 - 0x168 : 0);
        Assert.Equal(entry, file.EntryPoint);
        Assert.StartsWith(toolchain, file.Elf!.Toolchain, StringComparison.Ordinal);
        Assert.Equal((architecture, isHardFloat, true), (file.Elf.Architecture, file.Elf.IsHardFloat, file.Elf.HasDebugInfo));
        Assert.Empty(file.Warnings);
    }

    // Not Keil's: its sections of variables do not name their place in the segment, and objcopy leaves them in RAM.
    [Theory]
    [InlineData("gcc.elf")]
    [InlineData("iar.out")]
    public void Objcopy_takes_the_same_bytes_out(string name)
    {
        var program = TestFolders.Program("arm-none-eabi-objcopy");
        var elf = Write("in.elf", TestFolders.Firmware($"formats/bincopy-{name}"));
        AssertAgrees(program, elf);
    }

    [Theory]
    [InlineData("-Wl,-Ttext=0x08000000,-Tdata=0x20000000,--build-id=0xabcdef12", "cortex-m4", "ARMv7E-M")]
    [InlineData("-Wl,-Ttext=0x08000000,-Tdata=0x08010000", "cortex-m0", "ARMv6-M")]
    [InlineData("-Wl,-n,-Ttext=0x08000000,-Tdata=0x08010000", "cortex-m33", "ARMv8-M Mainline")]
    [InlineData("-Wl,-Ttext-segment=0x08000000", "cortex-m7", "ARMv7E-M")]
    public void What_GCC_links_opens(string options, string cpu, string architecture)
    {
        var compiler = TestFolders.Program("arm-none-eabi-gcc");
        var objcopy = TestFolders.Program("arm-none-eabi-objcopy");
        var source = Path.Combine(_folder, "a.c");
        File.WriteAllText(source, "int x = 5; int y[50]; const char z[] = \"constant\"; void _start(void) { for (;;) y[x] += z[x]; }\n");
        var elf = Path.Combine(_folder, "a.elf");
        TestFolders.Run(compiler, [$"-mcpu={cpu}", "-mthumb", "-nostdlib", options, source, "-o", elf]);
        var file = AssertAgrees(objcopy, elf);
        Assert.Equal(architecture, file.Elf!.Architecture);
        Assert.StartsWith("GCC: ", file.Elf.Toolchain, StringComparison.Ordinal);
        Assert.Equal(options.Contains("build-id", StringComparison.Ordinal) ? "abcdef12" : null, file.Elf.BuildId);
        Assert.Equal(options.Contains("0x20000000", StringComparison.Ordinal), file.Warnings.Any(x => x.Contains("RAM", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_object_file_and_a_library_are_named()
    {
        var compiler = TestFolders.Program("arm-none-eabi-gcc");
        var archiver = TestFolders.Program("arm-none-eabi-ar");
        var source = Path.Combine(_folder, "a.c");
        File.WriteAllText(source, "int x = 5;\n");
        var output = Path.Combine(_folder, "a.o");
        TestFolders.Run(compiler, ["-c", "-mcpu=cortex-m0", "-mthumb", source, "-o", output]);
        AssertNamed("an ELF object file", File.ReadAllBytes(output));
        TestFolders.Run(archiver, ["rc", Path.Combine(_folder, "a.a"), output]);
        AssertNamed("a library of object files", File.ReadAllBytes(Path.Combine(_folder, "a.a")));
        if (OperatingSystem.IsLinux())
        {
            AssertNamed("ELF file for ", File.ReadAllBytes(Environment.ProcessPath!));
        }

        static void AssertNamed(string words, byte[] bytes) => Assert.Contains(
            words, Assert.Throws<FirmwareFormatException>(() => FirmwareFile.Parse(bytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_that_objcopy_makes_ELF_files_of_come_back_equal()
    {
        var program = TestFolders.Program("arm-none-eabi-objcopy");
        var random = new Random(71);
        for (var round = 0; round < 60; round++)
        {
            var image = round == 0 ? FirmwareImage.FromBytes(0, RandomImages.Bytes(random, 300)) : RandomImages.Sparse(random);
            if (image.Extent!.Value.End == AddressRange.AddressSpaceEnd)
            {
                // Its section would end at 2^32, which it does not count as an address.
                continue;
            }

            var hex = Write("in.hex", IntelHexFormat.Write(image, 0x0800_0009));
            var elf = Path.Combine(_folder, "out.elf");
            TestFolders.Run(program, ["-I", "ihex", "-O", "elf32-littlearm", hex, elf]);
            var file = FirmwareFile.Parse(File.ReadAllBytes(elf));
            Assert.Equal(FirmwareFormat.Elf, file.Format);
            Assert.Equal(image, file.Image);
            Assert.Equal(0x0800_0009u, file.EntryPoint);
        }
    }

    // Objcopy goes by sections, so bytes between two of them are only in segments.
    private FirmwareFile AssertAgrees(string objcopy, string elf)
    {
        var file = FirmwareFile.Parse(File.ReadAllBytes(elf));
        var hex = Path.Combine(_folder, "out.hex");
        TestFolders.Run(objcopy, ["-O", "ihex", elf, hex]);
        var theirs = FirmwareFile.Parse(File.ReadAllBytes(hex)).Image;
        foreach (var segment in theirs.Segments)
        {
            Assert.Equal(theirs.Slice(segment.Range), file.Image.Slice(segment.Range));
        }

        Assert.InRange(file.Image.ByteCount, theirs.ByteCount, theirs.ByteCount + 512);
        Assert.Equal(theirs.Extent, file.Image.Extent);
        if (theirs.Extent!.Value.Length < 1 << 20)
        {
            var bin = Path.Combine(_folder, "out.bin");
            TestFolders.Run(objcopy, ["-O", "binary", elf, bin]);
            Assert.Equal(File.ReadAllBytes(bin), BinaryFormat.Write(file.Image, 0));
        }

        return file;
    }

    private string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
