using Defuse.Targets.Dfu;

namespace Defuse.Core.Tests.Targets.Dfu;

public sealed class DfuInterfaceTests
{
    // The configuration of an F405's ROM with four alternate settings, the functional descriptor after the last one.
    private static readonly byte[] F405 =
    [
        9, 2, 54, 0, 1, 1, 0, 0xC0, 0x32,
        9, 4, 0, 0, 0, 0xFE, 1, 2, 4,
        9, 4, 0, 1, 0, 0xFE, 1, 2, 5,
        9, 4, 0, 2, 0, 0xFE, 1, 2, 6,
        9, 4, 0, 3, 0, 0xFE, 1, 2, 7,
        9, 0x21, 0x0B, 0xFF, 0x00, 0x00, 0x08, 0x1A, 0x01,
    ];

    [Fact]
    public void The_functional_descriptor_is_taken_from_the_configuration()
    {
        var found = DfuInterface.Find(F405);

        Assert.NotNull(found);
        Assert.Equal(0, found.Number);
        Assert.Equal(DfuInterface.DfuModeProtocol, found.Protocol);
        Assert.Equal([(0, 4), (1, 5), (2, 6), (3, 7)], found.AlternateSettings.Select(x => ((int)x.Number, (int)x.NameIndex)));
        Assert.Equal(new DfuFunctionalDescriptor(0x0B, 255, 2048, 0x011A), found.Functional);
        Assert.True(found.Functional!.Value.IsDfuSe);
    }

    [Fact]
    public void A_functional_descriptor_of_another_interface_is_not_taken()
    {
        byte[] configuration =
        [
            9, 2, 45, 0, 2, 1, 0, 0xC0, 0x32,
            9, 4, 0, 0, 0, 0x02, 2, 1, 0,
            9, 0x21, 0x0B, 0xFF, 0x00, 0x40, 0x00, 0x00, 0x01,
            9, 4, 1, 0, 0, 0xFE, 1, 1, 4,
            9, 0x21, 0x0D, 0xE8, 0x03, 0x00, 0x10, 0x10, 0x01,
        ];

        var found = DfuInterface.Find(configuration);

        Assert.Equal(1, found!.Number);
        Assert.Equal(DfuInterface.RunTimeProtocol, found.Protocol);
        Assert.Equal(0x1000, found.Functional!.Value.TransferSize);
    }

    [Fact]
    public void Dfu_mode_wins_over_run_time()
    {
        byte[] configuration =
        [
            9, 2, 27, 0, 2, 1, 0, 0xC0, 0x32,
            9, 4, 0, 0, 0, 0xFE, 1, 1, 0,
            9, 4, 1, 0, 0, 0xFE, 1, 2, 0,
        ];

        Assert.Equal(1, DfuInterface.Find(configuration)!.Number);
    }

    [Fact]
    public void A_seven_byte_functional_descriptor_is_dfu_1_0()
    {
        byte[] configuration = [9, 4, 0, 0, 0, 0xFE, 1, 2, 0, 7, 0x21, 0x03, 0xFF, 0x00, 0x40, 0x00];

        Assert.Equal(0x0100, DfuInterface.Find(configuration)!.Functional!.Value.DfuVersion);
    }

    [Fact]
    public void Mutated_and_truncated_configurations_give_an_interface_or_nothing()
    {
        var random = new Random(11);
        var found = 0;
        for (var i = 0; i < 100_000; i++)
        {
            var bytes = F405.AsSpan(0, random.Next(F405.Length + 1)).ToArray();
            for (var changes = random.Next(4); changes > 0 && bytes.Length > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            found += DfuInterface.Find(bytes) is null ? 0 : 1;
        }

        Assert.InRange(found, 1, 99_999);
    }
}
