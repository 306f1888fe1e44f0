using Defuse.Core.Tests.Planning;
using Defuse.Core.Tests.Programming;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Inspection;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Targets;
using Defuse.Targets.Dfu;
using Defuse.Transports;

namespace Defuse.Core.Tests.Targets.Dfu;

/// <summary>Devices that take one whole image: plain DFU 1.1.</summary>
public sealed class ImageSinkTests
{
    private const uint Slot = 0x08002000;

    private static readonly byte[] Bytes = FlashPlannerTests.Bytes(3001, seed: 5);

    private static FirmwareImage Image { get; } = FirmwareImage.FromBytes(0, Bytes);

    public static TheoryData<string> Devices => ["dfu11-tolerant", "dfu11-detach", "maple"];

    [Theory]
    [MemberData(nameof(Devices))]
    public async Task An_image_is_written_and_said_to_be_unverified(string name)
    {
        using var bench = new Bench(name);
        await using var target = await OpenAsync(bench);

        var report = await new Programmer(target).FlashAsync(Image, Options(name), null, Bench.Cancel);

        Assert.Equal(FlashOutcome.WrittenUnverified, report.Outcome);
        Assert.Equal(new ReportedRange(Image.Segments[0].Range, RangeState.Written), Assert.Single(report.Ranges));
        Assert.Equal(Bytes.Length, report.BytesWritten);
        Assert.Equal(0, report.BytesVerified);
        Assert.Equal(Bytes, bench.Flash(new AddressRange(Slot, Bytes.Length)));
        Assert.Contains(report.Warnings, x => x.Contains("cannot be compared or verified", StringComparison.Ordinal));
        Assert.Equal(name == "dfu11-detach" ? StartOutcome.LeftWithoutAnswer : null, report.Started);
    }

    [Fact]
    public async Task A_program_that_offers_DFU_is_detached_flashed_and_comes_back()
    {
        using var bench = new Bench("dfu11-detach");
        bench.Board.Chip.WriteFlash(Slot, [1, 2, 3, 4]);
        var host = new UsbPeripheralHost([bench.Board]);
        await using (var before = await host.OpenAsync(bench.Board.Location, Bench.Cancel))
        {
            Assert.True(DfuDevice.RunsProgram(before.Info));
            Assert.False(DfuTarget.IsDfu(before.Info));
        }

        await using (var target = await DfuDevice.OpenAsync(host, bench.Board.Location, "sim:x", ChipDatabase.Default, Bench.Cancel))
        {
            Assert.IsAssignableFrom<IImageSink>(target);
            Assert.Equal((ushort)2, target.Description.ProductId);
            var report = await new Programmer(target).FlashAsync(Image, FlashOptions.Default, null, Bench.Cancel);
            Assert.Equal(FlashOutcome.WrittenUnverified, report.Outcome);
        }

        Assert.Equal(Bytes, bench.Flash(new AddressRange(Slot, Bytes.Length)));
        await using var after = await host.OpenAsync(bench.Board.Location, Bench.Cancel);
        Assert.True(DfuDevice.RunsProgram(after.Info));
    }

    [Fact]
    public async Task A_program_that_needs_a_bus_reset_to_detach_is_told_so()
    {
        using var bench = new Bench("dfu11-detach");
        bench.Board.Chip.WriteFlash(Slot, [1, 2, 3, 4]);
        bench.Wire.InterceptStandard = setup =>
        {
            if (setup is not { Request: UsbStandardRequest.GetDescriptor, Value: 0x0200, Length: > 9 })
            {
                return null;
            }

            byte[] configuration = [9, 2, 27, 0, 1, 1, 0, 0x80, 50, 9, 4, 0, 0, 0, 0xFE, 1, 1, 4, 9, 0x21, 0x01, 0xFF, 0, 0, 1, 0x10, 1];
            return new UsbControlResponse(UsbControlStatus.Ack, configuration);
        };

        var e = await Assert.ThrowsAsync<DeviceRefusedException>(() => OpenAsync(bench));

        Assert.Contains("bus reset", e.Message, StringComparison.Ordinal);
        Assert.NotNull(e.Remedy);
    }

    [Theory]
    [InlineData(0x08005000u, 1)]
    [InlineData(0x08002000u, 2)]
    public async Task An_image_with_addresses_says_which_alternate_setting_it_is_for(uint address, byte alternate)
    {
        using var bench = new Bench("maple");
        await using var target = await OpenAsync(bench);

        var plan = FlashPlanner.PlanSending(FirmwareImage.FromBytes(address, Bytes), target.Description, FlashOptions.Default);

        Assert.Equal(new ImageSlot(alternate, target.Description.Slots[alternate].Name, address), plan.Slot);
    }

    [Fact]
    public async Task Where_nothing_says_which_alternate_setting_is_meant_the_choice_is_shown()
    {
        using var bench = new Bench("maple");
        await using var target = await OpenAsync(bench);
        var transfers = bench.Wire.Requests.Count;

        var unknown = await new Programmer(target).FlashAsync(Image, FlashOptions.Default, null, Bench.Cancel);
        var elsewhere = await new Programmer(target).FlashAsync(FirmwareImage.FromBytes(0x08004000, Bytes), FlashOptions.Default, null, Bench.Cancel);
        var missing = await new Programmer(target).FlashAsync(Image, FlashOptions.Default with { AlternateSetting = 7 }, null, Bench.Cancel);

        Assert.All([unknown, elsewhere, missing], report =>
        {
            Assert.Equal(FlashOutcome.Refused, report.Outcome);
            Assert.Contains("--alt 2 (STM32duino bootloader v1.0  Upload to Flash 0x8002000)", report.Error!.Remedy, StringComparison.Ordinal);
        });
        Assert.Equal(transfers, bench.Wire.Requests.Count);
    }

    [Fact]
    public async Task Gaps_are_sent_as_erased_bytes_and_a_wide_one_is_refused()
    {
        using var bench = new Bench("dfu11-tolerant");
        await using var target = await OpenAsync(bench);
        var image = FlashPlannerTests.Image((0x08002000, [1, 2]), (0x08002010, [3]));

        var report = await new Programmer(target).FlashAsync(image, FlashOptions.Default, null, Bench.Cancel);
        var wide = await new Programmer(target).FlashAsync(FlashPlannerTests.Image((0x08002000, [1, 2]), (0x20000000, [3])), FlashOptions.Default, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.WrittenUnverified, report.Outcome);
        Assert.Equal([1, 2, .. Enumerable.Repeat((byte)0xFF, 14), 3], bench.Flash(new AddressRange(Slot, 17)));
        Assert.Equal(FlashOutcome.Refused, wide.Outcome);
    }

    [Fact]
    public async Task A_file_for_another_device_is_refused_before_anything_is_sent()
    {
        using var bench = new Bench("dfu11-tolerant");
        await using var target = await OpenAsync(bench);
        var options = FlashOptions.Default with { MadeFor = new MadeFor { Usb = new UsbIdentity(0x0483, 0xDF11) } };

        var refused = await new Programmer(target).FlashAsync(Image, options, null, Bench.Cancel);
        var allowed = await new Programmer(target).FlashAsync(Image, options with { Allow = FlashAllowances.Chip }, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Refused, refused.Outcome);
        Assert.Equal(FlashOutcome.WrittenUnverified, allowed.Outcome);
    }

    [Fact]
    public async Task What_needs_memory_is_refused_on_it()
    {
        using var bench = new Bench("dfu11-tolerant");
        await using var target = await OpenAsync(bench);
        var programmer = new Programmer(target);

        await Assert.ThrowsAsync<PlanRefusedException>(async () => await programmer.VerifyAsync(Image, FlashOptions.Default, null, Bench.Cancel));
        await Assert.ThrowsAsync<PlanRefusedException>(async () => await programmer.EraseAsync(null, FlashOptions.Default, null, Bench.Cancel));
        await Assert.ThrowsAsync<PlanRefusedException>(async () => await programmer.ReadAsync(new AddressRange(0, 16), null, Bench.Cancel));
        await Assert.ThrowsAsync<PlanRefusedException>(async () => await programmer.StartAsync(null, Bench.Cancel));
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public async Task Lost_at_any_transfer_it_is_never_said_to_be_written(string name)
    {
        var transfers = await CountAsync(name);
        for (var at = 0; at < transfers; at++)
        {
            using var bench = new Bench(name);
            await using (var target = await OpenAsync(bench))
            {
                bench.Wire.Requests.Clear();
                var lost = at;
                bench.Wire.Intercept = (number, _) =>
                {
                    if (number < lost)
                    {
                        return null;
                    }

                    bench.Board.Unplug();
                    return UsbControlResponse.Disconnected;
                };
                var report = await new Programmer(target).FlashAsync(Image, Options(name), null, Bench.Cancel);

                if (report.IsSuccess)
                {
                    // All was taken, and what comes last is only the question how manifestation goes.
                    Assert.Equal(Bytes, bench.Flash(new AddressRange(Slot, Bytes.Length)));
                    Assert.True(at >= transfers - 3, $"lost at transfer {at} of {transfers}");
                }
                else
                {
                    Assert.NotNull(report.Error);
                    Assert.DoesNotContain(report.Ranges, x => x.State == RangeState.Written);
                }
            }

            bench.Replug();
            await using var again = await OpenAsync(bench);
            Assert.Equal(FlashOutcome.WrittenUnverified, (await new Programmer(again).FlashAsync(Image, Options(name), null, Bench.Cancel)).Outcome);
            Assert.Equal(Bytes, bench.Flash(new AddressRange(Slot, Bytes.Length)));
        }
    }

    [Fact]
    public async Task Cancelled_it_is_brought_back_to_dfuIDLE()
    {
        using var bench = new Bench("dfu11-tolerant");
        await using var target = await OpenAsync(bench);
        using var cancel = new CancellationTokenSource();
        bench.Wire.Answered = (_, setup) => setup is { Request: 1, Value: 2 } ? cancel.CancelAsync() : Task.CompletedTask;

        var report = await new Programmer(target).FlashAsync(Image, FlashOptions.Default, null, cancel.Token);

        Assert.Equal(FlashOutcome.Cancelled, report.Outcome);
        Assert.Equal(RangeState.Indeterminate, Assert.Single(report.Ranges).State);
        bench.Wire.Answered = null;
        Assert.Equal(FlashOutcome.WrittenUnverified, (await new Programmer(target).FlashAsync(Image, FlashOptions.Default, null, Bench.Cancel)).Outcome);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task A_block_that_the_device_did_not_take_does_not_count(int block)
    {
        using var bench = new Bench("dfu11-tolerant");
        await using var target = await OpenAsync(bench);

        // It refuses the block and says that all is well: it may be waiting for the next one, or have this one.
        bench.Wire.Intercept = (_, setup) => setup is { Request: 1, Length: > 0 } && setup.Value == block ? UsbControlResponse.Stall : null;
        var report = await new Programmer(target).FlashAsync(Image, FlashOptions.Default, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Incomplete, report.Outcome);
        Assert.Equal(RangeState.Indeterminate, Assert.Single(report.Ranges).State);
        bench.Wire.Intercept = null;
        Assert.Equal(FlashOutcome.WrittenUnverified, (await new Programmer(target).FlashAsync(Image, FlashOptions.Default, null, Bench.Cancel)).Outcome);
        Assert.Equal(Bytes, bench.Flash(new AddressRange(Slot, Bytes.Length)));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(9)]
    [InlineData(10)]
    public async Task An_image_that_the_device_does_not_make_its_own_does_not_count(byte state)
    {
        using var bench = new Bench("dfu11-tolerant");
        await using var target = await OpenAsync(bench);
        var isOver = false;
        bench.Wire.Intercept = (_, setup) =>
        {
            isOver |= setup is { Request: 1, Length: 0 };
            return isOver && setup.Request == 3 ? new UsbControlResponse(UsbControlStatus.Ack, new byte[] { 0, 0, 0, 0, state, 0 }) : null;
        };

        var report = await new Programmer(target).FlashAsync(Image, FlashOptions.Default, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Incomplete, report.Outcome);
        Assert.Equal(RangeState.Indeterminate, Assert.Single(report.Ranges).State);
    }

    [Fact]
    public async Task A_STALL_while_a_tolerant_device_manifests_is_a_failure()
    {
        using var bench = new Bench("dfu11-tolerant");
        await using var target = await OpenAsync(bench);
        var isOver = false;
        bench.Wire.Intercept = (_, setup) =>
        {
            isOver |= setup is { Request: 1, Length: 0 };
            return isOver && setup.Request == 3 ? UsbControlResponse.Stall : null;
        };

        Assert.Equal(FlashOutcome.Incomplete, (await new Programmer(target).FlashAsync(Image, FlashOptions.Default, null, Bench.Cancel)).Outcome);
    }

    [Fact]
    public async Task A_device_that_asks_for_hours_is_not_waited_for()
    {
        using var bench = new Bench("dfu11-tolerant");
        await using var target = await OpenAsync(bench);
        bench.Wire.Intercept = (_, setup) => setup.Request == 3 ? new UsbControlResponse(UsbControlStatus.Ack, new byte[] { 0, 0xFF, 0xFF, 0xFF, 4, 0 }) : null;

        var report = await new Programmer(target).FlashAsync(Image, FlashOptions.Default, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Incomplete, report.Outcome);
        Assert.True(report.Elapsed < TimeSpan.FromMinutes(2), report.Elapsed.ToString());
    }

    [Fact]
    public async Task Parts_that_span_more_than_any_device_has_are_refused()
    {
        using var bench = new Bench("dfu11-tolerant");
        await using var target = await OpenAsync(bench);
        var image = FlashPlannerTests.Image([.. Enumerable.Range(0, 70).Select(x => ((uint)(0x08000000 + (x * 1000 * 1024)), new byte[] { 1 }))]);

        Assert.Equal(FlashOutcome.Refused, (await new Programmer(target).FlashAsync(image, FlashOptions.Default, null, Bench.Cancel)).Outcome);
    }

    [Fact]
    public async Task An_image_for_another_place_than_the_devices_is_warned_of()
    {
        using var bench = new Bench("maple");
        await using var target = await OpenAsync(bench);

        var plan = FlashPlanner.PlanSending(FirmwareImage.FromBytes(0x08005000, Bytes), target.Description, FlashOptions.Default with { AlternateSetting = 2 });

        Assert.Contains(plan.Warnings, x => x.Contains("linked for 0x08005000, and this device puts it at 0x08002000", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refused_block_is_told_with_the_devices_own_reason()
    {
        using var bench = new Bench("maple");
        await using var target = await OpenAsync(bench);

        var report = await new Programmer(target).FlashAsync(Image, FlashOptions.Default with { AlternateSetting = 0 }, null, Bench.Cancel);

        Assert.Equal(DfuStatusCode.Target, Assert.IsType<DfuException>(report.Error).Code);
        Assert.Equal(FlashOutcome.Failed, report.Outcome);
        Assert.Equal(RangeState.Untouched, Assert.Single(report.Ranges).State);
        Assert.Contains("--alt 2", report.Error!.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_memory_layout_that_cannot_be_understood_does_not_make_a_ROM_a_plain_device()
    {
        using var bench = new Bench("pybv11");
        bench.Wire.InterceptStandard = setup => setup is { Request: UsbStandardRequest.GetDescriptor, Value: >= 0x0304 and <= 0x0307 }
            ? new UsbControlResponse(UsbControlStatus.Ack, new byte[] { 6, 3, (byte)'@', 0, (byte)'X', 0 })
            : null;

        var e = await Assert.ThrowsAsync<DeviceRefusedException>(() => OpenAsync(bench));

        Assert.Contains("@X", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Upload to Flash 0x8002000", 0x08002000u)]
    [InlineData("flash 0X08000000.", 0x08000000u)]
    [InlineData("0x8000000-0x8002000", null)]
    [InlineData("0x", null)]
    [InlineData("0x123456789", null)]
    [InlineData("Firmware", null)]
    [InlineData("", null)]
    public void An_address_in_a_name_is_the_one_that_it_holds(string name, uint? address) => Assert.Equal(address, ImageSlot.AddressIn(name));

    private static FlashOptions Options(string name) => FlashOptions.Default with { AlternateSetting = name == "maple" ? (byte)2 : null };

    private static async Task<ITarget> OpenAsync(Bench bench) =>
        await DfuDevice.OpenAsync(new UsbPeripheralHost([bench.Wire]), bench.Board.Location, bench.Board.Location, ChipDatabase.Default, Bench.Cancel);

    private static async Task<int> CountAsync(string name)
    {
        using var bench = new Bench(name);
        await using var target = await OpenAsync(bench);
        bench.Wire.Requests.Clear();
        await new Programmer(target).FlashAsync(Image, Options(name), null, Bench.Cancel);
        return bench.Wire.Requests.Count;
    }
}
