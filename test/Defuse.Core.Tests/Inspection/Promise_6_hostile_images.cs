using System.Diagnostics;
using System.Text;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Inspection;

namespace Defuse.Core.Tests.Inspection;

/// <summary>DESIGN, promise 6, for what an image holds rather than for its file.</summary>
public class Promise_6_hostile_images
{
    private const int Size = 16 * 1024 * 1024;

    public static TheoryData<string> Fillings => new(
        "MicroPython v1.1 on 2024-13-02", " on ", " on 2024-02-02", " with STM32", "apfwver", "\u00FBrevwfpa\u0000\u0002\u0004", "main\0\u0016\u0001\u0038\u0004\u0004\u004C",
        "x\u00DA{", "/0x08000000/04*016Kg,", "@a/0x08000000/1*1Kg,", "FIRMWARE_NAME:Marlin ", "/rustc/90b35a6239c3d8bdabc530a6a0816f7ff89a0aaf/library/", "BTFL\0Betaflight\0",
        "BTFL\0Betaflight\0\0\0\0\u0034.4.x\0", " CDC in FS Mode\0", "\u0001\u0002\u0000\u0020\u0001\u0000\u0000\u0008", "\0", "a", "littlefs", "Tmr Svc\0IDLE\0", "PX4 git-hash: %s\0HW arch: %s\0v1.x\0");

    [Theory]
    [MemberData(nameof(Fillings))]
    public void An_image_full_of_half_markers_takes_no_longer_than_its_size(string filling)
    {
        var unit = Encoding.Latin1.GetBytes(filling);
        var bytes = new byte[Size];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = unit[i % unit.Length];
        }

        ImageInspection.Of(FirmwareImage.FromBytes(0, unit));
        var image = FirmwareImage.FromBytes(Images.Flash, bytes);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var started = Stopwatch.GetTimestamp();
        var inspection = ImageInspection.Of(image, new InspectionContext { Memory = InspectionContext.MemoryOf(ChipDatabase.Default.Chips[0].Layouts[0]) });
        var elapsed = Stopwatch.GetElapsedTime(started);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;

        // Less than two seconds where nothing else runs; one that grew with the square would take hours.
        Assert.InRange(elapsed.TotalSeconds, 0, 20);
        Assert.InRange(allocated, 0, 4L * Size);
        Assert.InRange(ImageInspectionText.Render(inspection).Length, 10, 20_000);
        Assert.NotNull(ImageInspection.Of(FirmwareImage.FromBytes(0, bytes), new InspectionContext { NeedsAddress = true }));
    }

    [Fact]
    public void Many_segments_take_no_longer_than_their_number()
    {
        var builder = new FirmwareImageBuilder();
        for (var i = 0u; i < 50_000; i++)
        {
            builder.Add(0x0700_0000 + (i * 512), [1, 2, 3, 4, 5, 6, 7, 9]);
        }

        var image = builder.Build();
        var started = Stopwatch.GetTimestamp();
        var inspection = ImageInspection.Of(image, new InspectionContext { Memory = InspectionContext.MemoryOf(ChipDatabase.Default.Chips[0].Layouts[0]), Contents = image });

        // A third of a second where nothing else runs; one that grew with the square would take minutes.
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 10);
        Assert.InRange(ImageInspectionText.Render(inspection).Length, 10, 20_000);
    }

    [Fact]
    public void Random_images_are_never_too_much()
    {
        var texts = IdentityTests.Known.Select(x => x.Data.Item2).ToArray();
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var builder = new FirmwareImageBuilder();
            var address = (long)(random.Next(2) == 0 ? Images.Flash : (uint)random.NextInt64(uint.MaxValue - 100_000));
            for (var parts = random.Next(0, 5); parts > 0 && address < uint.MaxValue - 20_000; parts--)
            {
                var bytes = new byte[random.Next(1, 8000)];
                random.NextBytes(bytes);
                foreach (var text in texts[random.Next(texts.Length)])
                {
                    // Cut, moved and with a byte changed, as damage does.
                    var piece = Encoding.Latin1.GetBytes(text)[random.Next(0, 3)..];
                    var at = random.Next(bytes.Length);
                    piece = piece[..Math.Min(piece.Length, bytes.Length - at)];
                    piece.CopyTo(bytes, at);
                    bytes[random.Next(bytes.Length)] = unchecked((byte)random.Next());
                }

                builder.Add((uint)address, bytes);
                address += bytes.Length + random.Next(1, 5000);
            }

            var image = builder.Build();
            var inspection = ImageInspection.Of(image, new InspectionContext
            {
                NeedsAddress = random.Next(2) == 0 && image.Segments.Length == 1,
                EntryPoint = unchecked((uint)random.Next()),
                MadeFor = new MadeFor { TargetName = texts[random.Next(texts.Length)][0], Families = random.Next(3) == 0 ? ["RP2040"] : [] },
                Memory = InspectionContext.MemoryOf(ChipDatabase.Default.Chips[random.Next(3)].Layouts[0]),
                Contents = image,
                Bootloader = new BootloaderArea(new AddressRange(Images.Flash, 0x4000), "boot"),
            });
            Assert.DoesNotContain(ImageInspectionText.Render(inspection).Split('\n'), x => x.Length > 2000);
        }
    }

    [Fact]
    public void The_last_bytes_of_the_address_space_are_bytes_as_any()
    {
        var bytes = Images.Program(0x1000, 0xFFFF_F000);
        Assert.NotNull(ImageInspectionText.Render(ImageInspection.Of(FirmwareImage.FromBytes(0xFFFF_F000, bytes))));
    }
}
