using Defuse.Platform.LibUsb;
using Defuse.Transports;

namespace Defuse.Platform.Tests.LibUsb;

/// <summary>What is listed, opened and watched, on a fake libusb that notes every mistake and every leak.</summary>
public sealed class LibUsbHostTests
{
    [Fact]
    public async Task A_device_is_described_without_opening_it()
    {
        var native = new FakeLibUsb();
        native.Plug(new FakeUsbDevice { Bus = 3, Ports = [1, 4, 2], Address = 17, OpenError = LibUsbError.Access });
        var device = Assert.Single(await Host(native).ListAsync(default));
        Assert.Equal(
            ("3-1.4.2", (ushort)0x0483, (ushort)0xDF11, (ushort)0x2200, UsbSpeed.Full, (byte?)17),
            (device.Location, device.VendorId, device.ProductId, device.DeviceRelease, device.Speed, device.DeviceAddress));
        Assert.Equal([new UsbInterfaceInfo(0xFE, 1, 2), new UsbInterfaceInfo(3, 0, 0)], device.Interfaces);
        Assert.Equal((null, null, null), (device.Product, device.SerialNumber, device.Problem));
        native.AssertClean();
    }

    [Fact]
    public async Task The_inventory_adds_strings_and_reasons_and_what_libusb_does_not_see()
    {
        var native = new FakeLibUsb();
        native.Plug(new FakeUsbDevice { Ports = [1] });
        native.Plug(new FakeUsbDevice { Ports = [3] });
        var problem = new AccessProblem(AccessFailure.WrongDriver, "a driver has it", "bind another") { Driver = "STTub30" };
        var inventory = new FakeInventory(isComplete: false)
        {
            Devices =
            [
                Info("1-1") with { Product = "STM32  BOOTLOADER", SerialNumber = "1234" },
                Info("1-2") with { Problem = problem },

                // Another device by now.
                Info("1-3") with { ProductId = 0x374B },
            ],
        };
        var host = Host(native, inventory);
        var devices = await host.ListAsync(default);
        Assert.Equal(["1-1", "1-2", "1-3"], devices.Select(x => x.Location));
        Assert.Equal(("STM32  BOOTLOADER", "1234", (byte?)5), (devices[0].Product, devices[0].SerialNumber, devices[0].DeviceAddress));
        Assert.Equal(problem, devices[1].Problem);
        Assert.Equal(((ushort)0x374B, 0), (devices[2].ProductId, devices[2].Interfaces.Length));
        var e = await Assert.ThrowsAsync<TransportException>(async () => await host.OpenAsync("1-2", default));
        Assert.Equal((TransportFailure.CannotOpen, problem.Reason, problem.Remedy), (e.Failure, e.Message, e.Remedy));
        native.AssertClean();
    }

    [Fact]
    public async Task Where_nothing_but_a_missing_libusb_could_tell_a_list_fails_with_how_to_install_it()
    {
        var missing = new AccessProblem(AccessFailure.LibraryMissing, "libusb-1.0 is not installed", "brew install libusb");
        var host = Host(new FakeLibUsb { Missing = missing });
        var e = await Assert.ThrowsAsync<TransportException>(async () => await host.ListAsync(default));
        Assert.Equal((TransportFailure.CannotOpen, missing.Reason, missing.Remedy), (e.Failure, e.Message, e.Remedy));
        await Assert.ThrowsAsync<TransportException>(async () => await host.WatchAsync(default).FirstAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Of_two_devices_at_one_place_the_later_one_is_listed()
    {
        var native = new FakeLibUsb();
        native.Plug(new FakeUsbDevice { Ports = [1], Address = 5 });
        native.Plug(new FakeUsbDevice { Ports = [1], Address = 6 });
        Assert.Equal((byte)6, Assert.Single(await Host(native).ListAsync(default)).DeviceAddress);
        native.AssertClean();
    }

    [Fact]
    public async Task Strings_that_nobody_told_are_read_when_a_device_is_opened()
    {
        var native = new FakeLibUsb();
        native.Plug(new FakeUsbDevice());
        await using (var device = await Host(native).OpenAsync("1-1", default))
        {
            Assert.Equal(("STM32  BOOTLOADER", "205B33875532"), (device.Info.Product, device.Info.SerialNumber));
        }

        native.AssertClean();
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 255 })]
    [InlineData(new byte[] { 255, 3, 0x41 })]
    [InlineData(new byte[] { 4, 99, 0x41, 0 })]
    public async Task Strings_that_make_no_sense_are_none(byte[] garbage)
    {
        var native = new FakeLibUsb();
        native.Plug(new FakeUsbDevice
        {
            Answer = (setup, _) => setup.Value >> 8 == 3 ? new FakeAnswer(LibUsbTransferStatus.Completed, garbage) : FakeUsbDevice.Strings(setup, "", ""),
        });
        await using (var device = await Host(native).OpenAsync("1-1", default))
        {
            Assert.Equal((null, null), (device.Info.Product, device.Info.SerialNumber));
        }

        native.AssertClean();
    }

    [Fact]
    public async Task Strings_that_are_refused_are_no_obstacle_but_a_device_that_left_is()
    {
        var native = new FakeLibUsb();
        var device = new FakeUsbDevice { Answer = (_, _) => new FakeAnswer(LibUsbTransferStatus.Stall, []) };
        native.Plug(device);
        await (await Host(native).OpenAsync("1-1", default)).DisposeAsync();
        device.Answer = (_, _) => new FakeAnswer(LibUsbTransferStatus.NoDevice, []);
        var e = await Assert.ThrowsAsync<TransportException>(async () => await Host(native).OpenAsync("1-1", default));
        Assert.Equal(TransportFailure.Disconnected, e.Failure);
        native.AssertClean();
    }

    [Fact]
    public async Task Devices_whose_place_or_descriptor_cannot_be_had_are_left_out()
    {
        var native = new FakeLibUsb();
        native.Plug(new FakeUsbDevice { Ports = [] });
        native.Plug(new FakeUsbDevice { Ports = [1, 2, 3, 4, 5, 6, 7, 8] });
        native.Plug(new FakeUsbDevice { Ports = [2], PortResult = -99 });
        native.Plug(new FakeUsbDevice { Ports = [3], PortResult = 200 });
        native.Plug(new FakeUsbDevice { Ports = [4], DescriptorError = LibUsbError.Io });
        native.Plug(new FakeUsbDevice { Ports = [1, 2, 3, 4, 5, 6, 7], Address = 0, Speed = 77 });
        var device = Assert.Single(await Host(native).ListAsync(default));
        Assert.Equal(("1-1.2.3.4.5.6.7", null, UsbSpeed.Unknown), (device.Location, device.DeviceAddress, device.Speed));
        native.AssertClean();
    }

    [Theory]
    [InlineData((int)FakeConfiguration.NotFound)]
    [InlineData((int)FakeConfiguration.NoInterfaces)]
    [InlineData((int)FakeConfiguration.NoAlternateSettings)]
    [InlineData((int)FakeConfiguration.NegativeCount)]
    public async Task A_configuration_that_makes_no_sense_has_no_interfaces(int configuration)
    {
        var native = new FakeLibUsb();
        native.Plug(new FakeUsbDevice { Configuration = (FakeConfiguration)configuration });
        Assert.Empty(Assert.Single(await Host(native).ListAsync(default)).Interfaces);
        native.AssertClean();
    }

    [Theory]
    [InlineData(LibUsbError.NoDevice, TransportFailure.Disconnected, "nothing is plugged in")]
    [InlineData(LibUsbError.Busy, TransportFailure.CannotOpen, "another program")]
    [InlineData(LibUsbError.NoMemory, TransportFailure.CannotOpen, "LIBUSB_ERROR_NO_MEM")]
    [InlineData((LibUsbError)(-77), TransportFailure.CannotOpen, "error -77")]
    internal async Task A_device_that_does_not_open_says_why(LibUsbError error, TransportFailure failure, string reason)
    {
        var native = new FakeLibUsb();
        native.Plug(new FakeUsbDevice { OpenError = error });
        var e = await Assert.ThrowsAsync<TransportException>(async () => await Host(native).OpenAsync("1-1", default));
        Assert.Equal(failure, e.Failure);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.NotNull(e.Remedy);
        native.AssertClean();
    }

    [Fact]
    public async Task On_Linux_a_missing_right_is_a_missing_udev_rule()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "udev is Linux's");
        var native = new FakeLibUsb();
        native.Plug(new FakeUsbDevice { OpenError = LibUsbError.Access });
        var e = await Assert.ThrowsAsync<TransportException>(async () => await Host(native).OpenAsync("1-1", default));
        Assert.Equal(TransportFailure.CannotOpen, e.Failure);
        Assert.Contains("61-defuse.rules", e.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_plugged_in_where_nothing_is()
    {
        var native = new FakeLibUsb();
        foreach (var inventory in (FakeInventory?[])[null, new(isComplete: true), new(isComplete: false)])
        {
            var e = await Assert.ThrowsAsync<TransportException>(async () => await Host(native, inventory).OpenAsync("1-1", default));
            Assert.Equal(TransportFailure.Disconnected, e.Failure);
        }

        native.AssertClean();
    }

    [Fact]
    public async Task A_device_that_leaves_between_list_and_open_is_gone()
    {
        var native = new FakeLibUsb();
        var device = new FakeUsbDevice();
        native.Plug(device);
        var host = Host(native, new FakeInventory(isComplete: true) { Devices = [Info("1-1")] });
        Assert.Single(await host.ListAsync(default));
        native.WhileListing = () => native.Unplug(device);
        var e = await Assert.ThrowsAsync<TransportException>(async () => await host.OpenAsync("1-1", default));
        Assert.Equal(TransportFailure.Disconnected, e.Failure);
        native.AssertClean();
    }

    [Fact]
    public async Task Where_libusb_is_missing_devices_are_listed_with_how_to_install_it()
    {
        var missing = new AccessProblem(AccessFailure.LibraryMissing, "it is not installed", "install it");
        var native = new FakeLibUsb { Missing = missing };
        var exported = new AccessProblem(AccessFailure.InUse, "exported", "use usbip") { Driver = "usbip-host" };
        var host = Host(native, new FakeInventory(isComplete: true) { Devices = [Info("1-1"), Info("1-2") with { Problem = exported }] });
        var devices = await host.ListAsync(default);
        Assert.Equal((AccessFailure.LibraryMissing, missing.Reason), (devices[0].Problem!.Failure, devices[0].Problem!.Reason));
        Assert.StartsWith(missing.Remedy, devices[0].Problem!.Remedy, StringComparison.Ordinal);
        Assert.Equal(OperatingSystem.IsLinux(), devices[0].Problem!.Remedy.Contains("usbip bind -b 1-1", StringComparison.Ordinal));
        Assert.Equal(exported, devices[1].Problem);
        foreach (var each in (LibUsbHost[])[host, Host(native)])
        {
            var e = await Assert.ThrowsAsync<TransportException>(async () => await each.OpenAsync("1-1", default));
            Assert.Equal((TransportFailure.CannotOpen, missing.Reason), (e.Failure, e.Message));
        }

        Assert.Equal(0, native.Inits);
    }

    [Fact]
    public async Task A_libusb_that_does_not_start_is_said_to()
    {
        var native = new FakeLibUsb { InitError = LibUsbError.Other };
        native.Plug(new FakeUsbDevice());
        var e = await Assert.ThrowsAsync<TransportException>(async () => await Host(native).ListAsync(default));
        Assert.Equal(TransportFailure.Fault, e.Failure);
        await Assert.ThrowsAsync<TransportException>(async () => await Host(native).OpenAsync("1-1", default));
        native.InitError = LibUsbError.Success;
        Assert.Single(await Host(native).ListAsync(default));
        native.AssertClean();
    }

    [Fact]
    public async Task A_context_that_nobody_tells_of_changes_is_replaced()
    {
        // Linux without udev: what was plugged in later is not seen by a context that is there already.
        var native = new FakeLibUsb { SeesChanges = false };
        var first = new FakeUsbDevice { Ports = [1], Address = 1 };
        var second = new FakeUsbDevice { Ports = [2], Address = 2 };
        native.Plug(first);
        native.Plug(second);
        var inventory = new FakeInventory(isComplete: true) { Devices = [Info("1-1", 1), Info("1-2", 2)] };
        var host = Host(native, inventory);
        await using (await host.OpenAsync("1-1", default))
        {
            native.Unplug(second);
            native.Plug(new FakeUsbDevice { Ports = [2], Address = 3 });
            inventory.Devices = [Info("1-1", 1), Info("1-2", 3)];
            await using (var again = await host.OpenAsync("1-2", default))
            {
                Assert.Equal((byte?)3, again.Info.DeviceAddress);
                Assert.Equal(2, native.LiveContexts);
                await using var third = await host.OpenAsync("1-2", default);
                Assert.Equal(2, native.LiveContexts);
            }
        }

        native.AssertClean();
    }

    [Fact]
    public async Task What_this_host_has_open_itself_is_not_in_use_by_another()
    {
        var native = new FakeLibUsb();
        native.Plug(new FakeUsbDevice());
        var taken = new AccessProblem(AccessFailure.InUse, "another program has it", "close it") { Driver = "usbfs" };
        var inventory = new FakeInventory(isComplete: true) { Devices = [Info("1-1", 5)] };
        var host = Host(native, inventory);
        await using (await host.OpenAsync("1-1", default))
        {
            inventory.Devices = [Info("1-1", 5) with { Problem = taken }];
            Assert.Null(Assert.Single(await host.ListAsync(default)).Problem);
        }

        Assert.Equal(taken, Assert.Single(await host.ListAsync(default)).Problem);
        var e = await Assert.ThrowsAsync<TransportException>(async () => await host.OpenAsync("1-1", default));
        Assert.Equal(taken.Reason, e.Message);
        native.AssertClean();
    }

    [Fact]
    public async Task Ten_thousand_times_plugged_in_and_pulled_leave_nothing_behind()
    {
        var native = new FakeLibUsb();
        var host = Host(native);
        using var cancellation = new CancellationTokenSource();
        var lists = 0;
        var watching = Task.Run(
            async () =>
            {
                await foreach (var _ in host.WatchAsync(cancellation.Token))
                {
                    lists++;
                }
            });
        for (var round = 0; round < 10_000; round++)
        {
            var device = new FakeUsbDevice { Address = (byte)(1 + (round % 127)) };
            native.Plug(device);
            var opened = await host.OpenAsync("1-1", default);
            await opened.ClaimInterfaceAsync(0, default);
            if (round % 3 == 0)
            {
                device.Answer = (_, _) => null;
                var transfer = opened.ControlInAsync(new UsbSetupPacket(0xA1, 3, 0, 0, 6), new byte[6], TimeSpan.FromMinutes(1), default).AsTask();
                native.Unplug(device);
                await Assert.ThrowsAsync<TransportException>(() => transfer);
            }
            else
            {
                Assert.Equal(6, await opened.ControlInAsync(new UsbSetupPacket(0xA1, 3, 0, 0, 6), new byte[6], TimeSpan.FromSeconds(5), default));
                native.Unplug(device);
            }

            await opened.DisposeAsync();
        }

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
        Assert.True(lists > 1, $"{lists} lists");
        native.AssertClean();
    }

    [Fact]
    public async Task Three_hundred_devices_are_listed_and_open_at_once()
    {
        var native = new FakeLibUsb();
        for (var i = 0; i < 300; i++)
        {
            native.Plug(new FakeUsbDevice { Bus = (byte)(1 + (i / 100)), Ports = [(byte)(1 + (i % 100 / 10)), (byte)(1 + (i % 10))], Address = (byte)(1 + (i % 100)) });
        }

        var host = Host(native);
        var devices = await host.ListAsync(default);
        Assert.Equal(300, devices.Select(x => x.Location).Distinct(StringComparer.Ordinal).Count());
        var open = await Task.WhenAll(devices.Select(x => Task.Run(async () => await host.OpenAsync(x.Location, default))));
        Assert.Equal(1, native.LiveContexts);
        await Task.WhenAll(open.Select(async x =>
        {
            var buffer = new byte[64];
            Assert.Equal(64, await x.ControlInAsync(new UsbSetupPacket(0xC0, 1, 0, 0, 64), buffer, TimeSpan.FromSeconds(30), default));
            Assert.Equal(63, buffer[63]);
            await x.DisposeAsync();
        }));
        native.AssertClean();
    }

    [Fact]
    public async Task Opening_and_closing_by_many_at_once_leaves_nothing_behind()
    {
        var native = new FakeLibUsb();
        var devices = Enumerable.Range(1, 8).Select(x => new FakeUsbDevice { Ports = [(byte)x] }).ToArray();
        Array.ForEach(devices, native.Plug);
        var host = Host(native);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                var number = (worker + i) % devices.Length;
                try
                {
                    await using var device = await host.OpenAsync($"1-{1 + number}", default);
                    await device.ControlInAsync(new UsbSetupPacket(0xC0, 1, 0, 0, 8), new byte[8], TimeSpan.FromSeconds(5), default);
                }
                catch (TransportException e) when (e.Failure == TransportFailure.Disconnected && number == 0)
                {
                    // The one that comes and goes.
                }

                if (worker == 15)
                {
                    native.Unplug(devices[0]);
                    await host.ListAsync(default);
                    native.Plug(devices[0]);
                }
            }
        })));
        native.AssertClean();
    }

    [Fact]
    public async Task A_change_that_libusb_tells_of_is_listed_at_once_also_one_in_the_middle_of_a_list()
    {
        var native = new FakeLibUsb();
        var first = new FakeUsbDevice { Ports = [1] };
        native.Plug(first);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var host = new LibUsbHost(native, null, new StoppedClock());
        await using var lists = host.WatchAsync(cancellation.Token).GetAsyncEnumerator(cancellation.Token);
        Assert.True(await lists.MoveNextAsync());
        Assert.Equal(["1-1"], lists.Current.Select(x => x.Location));

        native.WhileListing = () =>
        {
            native.WhileListing = null;
            native.Plug(new FakeUsbDevice { Ports = [3] });
        };
        native.Plug(new FakeUsbDevice { Ports = [2] });
        while (lists.Current.Count < 3)
        {
            Assert.True(await lists.MoveNextAsync());
        }

        native.Unplug(first);
        Assert.True(await lists.MoveNextAsync());
        Assert.Equal(["1-2", "1-3"], lists.Current.Select(x => x.Location));
        await lists.DisposeAsync();
        native.AssertClean();
    }

    [Fact]
    public async Task Where_nobody_tells_of_changes_lists_are_compared()
    {
        var native = new FakeLibUsb { HasHotplug = false, SeesChanges = false };
        using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using var lists = Host(native).WatchAsync(cancellation.Token).GetAsyncEnumerator(cancellation.Token);
        Assert.True(await lists.MoveNextAsync());
        Assert.Empty(lists.Current);
        native.Plug(new FakeUsbDevice());
        Assert.True(await lists.MoveNextAsync());
        Assert.Single(lists.Current);
        await lists.DisposeAsync();
        native.AssertClean();
    }

    [Fact]
    public async Task Events_that_fail_are_tried_again()
    {
        var native = new FakeLibUsb { EventFailures = 2 };
        native.Plug(new FakeUsbDevice());
        await (await Host(native).OpenAsync("1-1", default)).DisposeAsync();
        native.AssertClean();
    }

    [Fact]
    public async Task A_session_ends_once_whenever_its_thread_wakes_up()
    {
        var native = new FakeLibUsb { IsRestless = true };
        native.Plug(new FakeUsbDevice());
        var host = Host(native, new FakeInventory(isComplete: true) { Devices = [Info("1-1", 5)] });
        for (var i = 0; i < 1000; i++)
        {
            await (await host.OpenAsync("1-1", default)).DisposeAsync();
        }

        native.AssertClean();
    }

    internal static LibUsbHost Host(ILibUsb native, IUsbInventory? inventory = null) => new(native, inventory, TimeProvider.System);

    private static UsbDeviceInfo Info(string location, byte? address = null) =>
        new() { Location = location, VendorId = 0x0483, ProductId = 0xDF11, DeviceAddress = address };

    /// <summary>A clock on which nothing is ever due.</summary>
    private sealed class StoppedClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
