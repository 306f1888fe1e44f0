using Defuse.Platform.LibUsb;
using Defuse.Transports;

namespace Defuse.Platform.Tests.LibUsb;

/// <summary>What becomes of a transfer, and of an interface.</summary>
public sealed class LibUsbDeviceTests
{
    private static readonly UsbSetupPacket Vendor = new(0xC0, 1, 0, 0, 8);
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private readonly FakeLibUsb _native = new();
    private readonly FakeUsbDevice _real = new();

    public LibUsbDeviceTests() => _native.Plug(_real);

    [Fact]
    public async Task Data_goes_both_ways()
    {
        await using (var device = await OpenAsync())
        {
            var buffer = new byte[8];
            Assert.Equal(8, await device.ControlInAsync(Vendor, buffer, Long, default));
            Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7], buffer);
            byte[] sent = [];
            _real.Answer = (setup, data) =>
            {
                sent = data;
                return new FakeAnswer(LibUsbTransferStatus.Completed, []);
            };
            await device.ControlOutAsync(new UsbSetupPacket(0x40, 1, 2, 3, 4), new byte[] { 9, 8, 7, 6 }, Long, default);
            Assert.Equal([9, 8, 7, 6], sent);
            await device.ControlOutAsync(new UsbSetupPacket(0x40, 1, 2, 3, 0), default, Long, default);
            Assert.Empty(sent);
        }

        _native.AssertClean();
    }

    [Fact]
    public async Task Fewer_bytes_than_asked_for_are_no_error()
    {
        await using (var device = await OpenAsync())
        {
            _real.Answer = (_, _) => new FakeAnswer(LibUsbTransferStatus.Completed, [42]);
            var buffer = new byte[8];
            Assert.Equal(1, await device.ControlInAsync(Vendor, buffer, Long, default));
            Assert.Equal([42, 0, 0, 0, 0, 0, 0, 0], buffer);
        }

        _native.AssertClean();
    }

    [Theory]
    [InlineData(LibUsbTransferStatus.Stall, TransportFailure.Stall)]
    [InlineData(LibUsbTransferStatus.NoDevice, TransportFailure.Disconnected)]
    [InlineData(LibUsbTransferStatus.Cancelled, TransportFailure.Disconnected)]
    [InlineData(LibUsbTransferStatus.Overflow, TransportFailure.Protocol)]
    [InlineData(LibUsbTransferStatus.Error, TransportFailure.Fault)]
    [InlineData((LibUsbTransferStatus)99, TransportFailure.Fault)]
    internal async Task A_transfer_that_fails_says_how(LibUsbTransferStatus status, TransportFailure failure)
    {
        await using (var device = await OpenAsync())
        {
            _real.Answer = (_, _) => new FakeAnswer(status, []);
            var e = await Assert.ThrowsAsync<TransportException>(async () => await device.ControlInAsync(Vendor, new byte[8], Long, default));
            Assert.Equal(failure, e.Failure);
            _real.Answer = (setup, _) => FakeUsbDevice.Strings(setup, "", "");
            Assert.Equal(8, await device.ControlInAsync(Vendor, new byte[8], Long, default));
        }

        _native.AssertClean();
    }

    [Theory]
    [InlineData(LibUsbError.NoDevice, TransportFailure.Disconnected)]
    [InlineData(LibUsbError.Busy, TransportFailure.CannotOpen)]
    [InlineData(LibUsbError.Pipe, TransportFailure.Stall)]
    [InlineData(LibUsbError.Timeout, TransportFailure.Timeout)]
    [InlineData(LibUsbError.Overflow, TransportFailure.Protocol)]
    [InlineData(LibUsbError.Io, TransportFailure.Fault)]
    internal async Task A_transfer_that_is_not_taken_is_not_libusbs(LibUsbError error, TransportFailure failure)
    {
        await using (var device = await OpenAsync())
        {
            _native.SubmitError = error;
            var e = await Assert.ThrowsAsync<TransportException>(async () => await device.ControlInAsync(Vendor, new byte[8], Long, default));
            Assert.Equal(failure, e.Failure);
        }

        _native.AssertClean();
    }

    [Theory]
    [InlineData(9)]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    public async Task A_length_that_cannot_be_is_not_believed(int length)
    {
        await using (var device = await OpenAsync())
        {
            _real.Answer = (_, _) => new FakeAnswer(LibUsbTransferStatus.Completed, new byte[8]) { Length = length };
            var e = await Assert.ThrowsAsync<TransportException>(async () => await device.ControlInAsync(Vendor, new byte[8], Long, default));
            Assert.Equal(TransportFailure.Protocol, e.Failure);
        }

        _native.AssertClean();
    }

    [Fact]
    public async Task Data_that_was_not_all_sent_is_an_error()
    {
        await using (var device = await OpenAsync())
        {
            _real.Answer = (_, _) => new FakeAnswer(LibUsbTransferStatus.Completed, []) { Length = 3 };
            var e = await Assert.ThrowsAsync<TransportException>(async () => await device.ControlOutAsync(new UsbSetupPacket(0x40, 1, 0, 0, 4), new byte[4], Long, default));
            Assert.Equal((TransportFailure.Fault, "only 3 of 4 bytes were sent"), (e.Failure, e.Message));
        }

        _native.AssertClean();
    }

    [Fact]
    public async Task A_device_that_does_not_answer_times_out_and_can_be_asked_again()
    {
        await using (var device = await OpenAsync())
        {
            _real.Answer = (_, _) => null;
            var e = await Assert.ThrowsAsync<TransportException>(async () => await device.ControlInAsync(Vendor, new byte[8], TimeSpan.FromMilliseconds(30), default));
            Assert.Equal((TransportFailure.Timeout, 0), (e.Failure, _native.InFlight));
            _real.Answer = (setup, _) => FakeUsbDevice.Strings(setup, "", "");
            Assert.Equal(8, await device.ControlInAsync(Vendor, new byte[8], Long, default));
        }

        _native.AssertClean();
    }

    [Fact]
    public async Task Giving_up_waits_until_libusb_says_that_it_is_over()
    {
        await using (var device = await OpenAsync())
        {
            _real.Answer = (_, _) => null;
            _native.HoldCancellations = true;
            using var cancellation = new CancellationTokenSource();
            var transfer = device.ControlInAsync(Vendor, new byte[8], Long, cancellation.Token).AsTask();
            await cancellation.CancelAsync();
            await Task.WhenAny(transfer, Task.Delay(50));
            Assert.False(transfer.IsCompleted);
            Assert.Equal(1, _native.InFlight);
            _native.ReleaseCancellations();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => transfer);
            Assert.Equal(0, _native.InFlight);
        }

        _native.AssertClean();
    }

    [Fact]
    public async Task A_transfer_that_was_done_before_it_could_be_taken_back_counts()
    {
        await using (var device = await OpenAsync())
        {
            _real.Answer = (_, _) => null;
            _native.CancelledEndsAs = LibUsbTransferStatus.Completed;
            using var cancellation = new CancellationTokenSource();
            var buffer = new byte[8];
            var transfer = device.ControlInAsync(Vendor, buffer, Long, cancellation.Token).AsTask();
            await cancellation.CancelAsync();
            Assert.Equal(3, await transfer);
            Assert.Equal([1, 2, 3, 0, 0, 0, 0, 0], buffer);
        }

        _native.AssertClean();
    }

    [Fact]
    public async Task A_token_that_is_cancelled_already_sends_nothing()
    {
        await using (var device = await OpenAsync())
        {
            _real.Answer = (_, _) => throw new InvalidOperationException("it was sent");
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await device.ControlInAsync(Vendor, new byte[8], Long, new CancellationToken(canceled: true)));
        }

        _native.AssertClean();
    }

    [Fact]
    public async Task Cancellations_at_any_moment_leave_nothing_in_flight()
    {
        await using (var device = await OpenAsync())
        {
            var random = new Random(7);
            for (var i = 0; i < 300; i++)
            {
                using var cancellation = new CancellationTokenSource();
                var answers = i % 2 == 0;
                _real.Answer = (setup, _) => answers ? FakeUsbDevice.Strings(setup, "", "") : null;
                var transfer = device.ControlInAsync(Vendor, new byte[8], Long, cancellation.Token).AsTask();
                var cancelling = Task.Run(() =>
                {
                    Thread.SpinWait(random.Next(2000));
                    return cancellation.CancelAsync();
                });
                try
                {
                    Assert.Equal(8, await transfer);
                    Assert.True(answers);
                }
                catch (OperationCanceledException)
                {
                }

                Assert.Equal(0, _native.InFlight);
                await cancelling;
            }
        }

        _native.AssertClean();
    }

    [Fact]
    public async Task A_device_that_leaves_in_mid_transfer_is_gone()
    {
        await using (var device = await OpenAsync())
        {
            await device.ClaimInterfaceAsync(0, default);
            _real.Answer = (_, _) => null;
            var transfer = device.ControlInAsync(Vendor, new byte[8], Long, default).AsTask();
            _native.Unplug(_real);
            var e = await Assert.ThrowsAsync<TransportException>(() => transfer);
            Assert.Equal(TransportFailure.Disconnected, e.Failure);
            foreach (var action in (Func<ValueTask>[])[
                async () => await device.ControlInAsync(Vendor, new byte[8], Long, default),
                () => device.ClaimInterfaceAsync(1, default),
                () => device.SelectAlternateSettingAsync(0, 1, default)])
            {
                e = await Assert.ThrowsAsync<TransportException>(async () => await action());
                Assert.Equal(TransportFailure.Disconnected, e.Failure);
            }
        }

        _native.AssertClean();
    }

    [Fact]
    public async Task Disposing_takes_back_what_is_in_flight()
    {
        var device = await OpenAsync();
        _real.Answer = (_, _) => null;
        var transfer = device.ControlInAsync(Vendor, new byte[8], Long, default).AsTask();
        var waiting = device.ControlInAsync(Vendor, new byte[8], Long, default).AsTask();
        await device.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => transfer);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        await device.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await device.ClaimInterfaceAsync(0, default));
        _native.AssertClean();
    }

    [Fact]
    public async Task A_driver_of_the_kernel_gives_way_and_gets_its_interface_back()
    {
        _real.KernelDrivers.Add(1);
        await using (var device = await OpenAsync())
        {
            await device.ClaimInterfaceAsync(1, default);
            await device.ClaimInterfaceAsync(1, default);
            await device.ClaimInterfaceAsync(0, default);
            Assert.Equal(1, _native.Detached);
            await device.SelectAlternateSettingAsync(1, 1, default);
        }

        Assert.Equal((0, true), (_native.Detached, _real.KernelDrivers.Contains(1)));
        _native.AssertClean();
    }

    [Fact]
    public async Task An_interface_that_another_program_has_cannot_be_claimed()
    {
        _real.TakenByOthers.Add(0);
        await using (var device = await OpenAsync())
        {
            var e = await Assert.ThrowsAsync<TransportException>(async () => await device.ClaimInterfaceAsync(0, default));
            Assert.Equal(TransportFailure.CannotOpen, e.Failure);
            Assert.Contains("another program", e.Message, StringComparison.Ordinal);
            e = await Assert.ThrowsAsync<TransportException>(async () => await device.ClaimInterfaceAsync(2, default));
            Assert.Equal(TransportFailure.Fault, e.Failure);
        }

        _native.AssertClean();
    }

    [Fact]
    public async Task An_alternate_setting_that_is_refused_is_a_stall()
    {
        await using (var device = await OpenAsync())
        {
            await device.ClaimInterfaceAsync(0, default);
            var e = await Assert.ThrowsAsync<TransportException>(async () => await device.SelectAlternateSettingAsync(0, 9, default));
            Assert.Equal(TransportFailure.Stall, e.Failure);
        }

        _native.AssertClean();
    }

    [Fact]
    public async Task A_setup_packet_that_does_not_fit_is_a_mistake()
    {
        await using (var device = await OpenAsync())
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await device.ControlInAsync(Vendor, new byte[7], Long, default));
            await Assert.ThrowsAsync<ArgumentException>(async () => await device.ControlInAsync(Vendor with { RequestType = 0x40 }, new byte[8], Long, default));
            await Assert.ThrowsAsync<ArgumentException>(async () => await device.ControlOutAsync(Vendor, new byte[8], Long, default));
        }

        _native.AssertClean();
    }

    private ValueTask<IUsbDevice> OpenAsync() => LibUsbHostTests.Host(_native).OpenAsync("1-1", default);
}
