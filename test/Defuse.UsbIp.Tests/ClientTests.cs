using Defuse.Transports;
using Defuse.UsbIp.Wire;

namespace Defuse.UsbIp.Tests;

/// <summary>The client against a server whose every message is scripted: the races, and what other servers do.</summary>
public sealed class ClientTests : IDisposable
{
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly UsbSetupPacket GetStatus = new(0xA1, 3, 0, 0, 6);

    private readonly ScriptedServer _server = new();

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task What_the_import_told_is_enough_where_descriptors_cannot_be_read()
    {
        var (peer, device) = await _server.OpenAsync();
        using var _ = peer;
        await using var __ = device;
        Assert.Equal(
            ("1-1", (ushort)0x0483, (ushort)0xDF11, (ushort)0x2200, UsbSpeed.Full),
            (device.Info.Location, device.Info.VendorId, device.Info.ProductId, device.Info.DeviceRelease, device.Info.Speed));
        Assert.Empty(device.Info.Interfaces);
    }

    [Fact]
    public async Task Transfers_are_control_transfers_of_the_imported_device()
    {
        var (peer, device) = await _server.OpenAsync();
        using var _ = peer;
        await using var __ = device;
        var transfer = device.ControlOutAsync(new UsbSetupPacket(0x21, 1, 2, 0, 3), new byte[] { 1, 2, 3 }, Enough, default).AsTask();
        var command = await peer.ReadAsync<CmdSubmit>();
        Assert.Equal(new CmdSubmit(command.SeqNum, 0x10005, false, 0, 3, new UsbSetupPacket(0x21, 1, 2, 0, 3)), command);
        Assert.Equal([1, 2, 3], await peer.ReadAsync(3));
        await peer.SendAsync(new RetSubmit(command.SeqNum, 0, 3));
        await transfer.WaitAsync(Enough);
    }

    [Fact]
    public async Task A_timeout_is_measured_on_the_injected_clock_and_takes_the_transfer_back()
    {
        var time = new ManualTime();
        var (peer, device) = await _server.OpenAsync(time);
        using var _ = peer;
        await using var __ = device;
        Assert.Same(time, device.Time);
        var transfer = device.ControlInAsync(GetStatus, new byte[6], Second, default).AsTask();
        var command = await peer.ReadAsync<CmdSubmit>();
        await time.SomebodyWaitsAsync(Second);
        Assert.False(transfer.IsCompleted);

        time.Advance(Second);
        var unlink = await peer.ReadAsync<CmdUnlink>();
        Assert.Equal((0x10005u, command.SeqNum), (unlink.DevId, unlink.UnlinkSeqNum));
        Assert.False(transfer.IsCompleted);
        await peer.SendAsync(new RetUnlink(unlink.SeqNum, -104));
        Assert.Equal(TransportFailure.Timeout, await FailureAsync(transfer));
        await WorksAsync(peer, device);
    }

    [Fact]
    public async Task An_answer_that_crosses_the_unlink_counts()
    {
        var time = new ManualTime();
        var (peer, device) = await _server.OpenAsync(time);
        using var _ = peer;
        await using var __ = device;
        foreach (var answerFirst in (bool[])[true, false])
        {
            var buffer = new byte[6];
            var transfer = device.ControlInAsync(GetStatus, buffer, Second, default).AsTask();
            var command = await peer.ReadAsync<CmdSubmit>();
            await time.SomebodyWaitsAsync(Second);
            time.Advance(Second);
            var unlink = await peer.ReadAsync<CmdUnlink>();
            var answer = new RetSubmit(command.SeqNum, 0, 6).ToBytes([1, 2, 3, 4, 5, 6]);
            var settled = new RetUnlink(unlink.SeqNum, 0).ToBytes();
            await peer.SendAsync(answerFirst ? [.. answer, .. settled] : (byte[])[.. settled, .. answer]);
            Assert.Equal(6, await transfer.WaitAsync(Enough));
            Assert.Equal([1, 2, 3, 4, 5, 6], buffer);
            await WorksAsync(peer, device);
        }
    }

    [Fact]
    public async Task A_transfer_that_failed_while_it_was_taken_back_failed_that_way()
    {
        var time = new ManualTime();
        var (peer, device) = await _server.OpenAsync(time);
        using var _ = peer;
        await using var __ = device;
        var transfer = device.ControlInAsync(GetStatus, new byte[6], Second, default).AsTask();
        await peer.ReadAsync<CmdSubmit>();
        await time.SomebodyWaitsAsync(Second);
        time.Advance(Second);
        await peer.SendAsync(new RetUnlink((await peer.ReadAsync<CmdUnlink>()).SeqNum, -32));
        Assert.Equal(TransportFailure.Stall, await FailureAsync(transfer));
        await WorksAsync(peer, device);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_the_unlink_is_not_waited_for_forever_and_its_late_answer_is_swallowed()
    {
        var time = new ManualTime();
        var (peer, device) = await _server.OpenAsync(time);
        using var _ = peer;
        await using var __ = device;
        var buffer = new byte[6];
        var transfer = device.ControlInAsync(GetStatus, buffer, Second, default).AsTask();
        var command = await peer.ReadAsync<CmdSubmit>();
        await time.SomebodyWaitsAsync(Second);
        time.Advance(Second);
        var unlink = await peer.ReadAsync<CmdUnlink>();
        await time.SomebodyWaitsAsync(UsbIpDevice.UnlinkTimeout);
        time.Advance(UsbIpDevice.UnlinkTimeout);
        Assert.Equal(TransportFailure.Timeout, await FailureAsync(transfer));

        await peer.SendAsync(new RetSubmit(command.SeqNum, 0, 6), 9, 9, 9, 9, 9, 9);
        await peer.SendAsync(new RetUnlink(unlink.SeqNum, 0));
        await WorksAsync(peer, device);
        Assert.All(buffer, x => Assert.Equal(0, x));
    }

    [Fact]
    public async Task Cancelling_takes_the_transfer_back_unless_its_answer_wins()
    {
        var (peer, device) = await _server.OpenAsync();
        using var _ = peer;
        await using var __ = device;
        foreach (var answered in (bool[])[false, true])
        {
            using var cancelling = new CancellationTokenSource();
            var transfer = device.ControlInAsync(GetStatus, new byte[6], Enough, cancelling.Token).AsTask();
            var command = await peer.ReadAsync<CmdSubmit>();
            await cancelling.CancelAsync();
            var unlink = await peer.ReadAsync<CmdUnlink>();
            Assert.Equal(command.SeqNum, unlink.UnlinkSeqNum);
            if (answered)
            {
                await peer.SendAsync(new RetSubmit(command.SeqNum, 0, 6), new byte[6]);
                await peer.SendAsync(new RetUnlink(unlink.SeqNum, 0));
                Assert.Equal(6, await transfer.WaitAsync(Enough));
            }
            else
            {
                await peer.SendAsync(new RetUnlink(unlink.SeqNum, -104));
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => transfer.WaitAsync(Enough));
            }

            await WorksAsync(peer, device);
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await device.ControlInAsync(GetStatus, new byte[6], Enough, new CancellationToken(true)));
    }

    [Theory]
    [InlineData(-32, TransportFailure.Stall, "STALL")]
    [InlineData(-19, TransportFailure.Disconnected, "ENODEV")]
    [InlineData(-108, TransportFailure.Disconnected, "ESHUTDOWN")]
    [InlineData(-71, TransportFailure.Fault, "EPROTO")]
    [InlineData(-75, TransportFailure.Fault, "EOVERFLOW")]
    [InlineData(-110, TransportFailure.Fault, "ETIMEDOUT")]
    [InlineData(-12345, TransportFailure.Fault, "-12345")]
    [InlineData(int.MinValue, TransportFailure.Fault, "-2147483648")]
    public async Task A_status_is_a_failure_by_name(int status, TransportFailure expected, string name)
    {
        var (peer, device) = await _server.OpenAsync();
        using var _ = peer;
        await using var __ = device;
        var transfer = device.ControlInAsync(GetStatus, new byte[6], Enough, default).AsTask();
        var command = await peer.ReadAsync<CmdSubmit>();

        // Linux sends what came before the failure.
        await peer.SendAsync(new RetSubmit(command.SeqNum, status, 2), 1, 2);
        var e = await Assert.ThrowsAsync<TransportException>(() => transfer.WaitAsync(Enough));
        Assert.Equal(expected, e.Failure);
        Assert.Contains(name, e.Message, StringComparison.Ordinal);
        await WorksAsync(peer, device);
    }

    [Fact]
    public async Task Bytes_that_were_not_taken_are_a_fault()
    {
        var (peer, device) = await _server.OpenAsync();
        using var _ = peer;
        await using var __ = device;
        var transfer = device.ControlOutAsync(new UsbSetupPacket(0x21, 1, 0, 0, 4), new byte[4], Enough, default).AsTask();
        var command = await peer.ReadAsync<CmdSubmit>();
        await peer.ReadAsync(4);
        await peer.SendAsync(new RetSubmit(command.SeqNum, 0, 3));
        Assert.Equal(TransportFailure.Fault, await FailureAsync(transfer));
    }

    [Theory]
    [InlineData("more bytes than asked for")]
    [InlineData("unknown seqnum")]
    [InlineData("unknown unlink")]
    [InlineData("a command")]
    [InlineData("no command at all")]
    public async Task An_answer_that_makes_no_sense_ends_the_connection(string answer)
    {
        var (peer, device) = await _server.OpenAsync();
        using var _ = peer;
        await using var __ = device;
        var transfer = device.ControlInAsync(GetStatus, new byte[6], Enough, default).AsTask();
        var command = await peer.ReadAsync<CmdSubmit>();
        await peer.SendAsync(answer switch
        {
            "more bytes than asked for" => new RetSubmit(command.SeqNum, 0, 7).ToBytes(new byte[7]),
            "unknown seqnum" => new RetSubmit(4711, 0, 0).ToBytes(),
            "unknown unlink" => new RetUnlink(4711, 0).ToBytes(),
            "a command" => command.ToBytes(),
            _ => Enumerable.Repeat((byte)0xFF, 48).ToArray(),
        });
        Assert.Equal(TransportFailure.Protocol, await FailureAsync(transfer));
        Assert.Equal(TransportFailure.Protocol, await FailureAsync(device.ControlInAsync(GetStatus, new byte[6], Enough, default).AsTask()));
        Assert.True(await peer.IsClosedAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(50)]
    public async Task A_connection_that_ends_is_a_device_that_is_gone(int bytesBefore)
    {
        var (peer, device) = await _server.OpenAsync();
        await using var _ = device;
        var transfer = device.ControlInAsync(GetStatus, new byte[6], Enough, default).AsTask();
        var command = await peer.ReadAsync<CmdSubmit>();
        await peer.SendAsync(new RetSubmit(command.SeqNum, 0, 6).ToBytes(new byte[6]).AsMemory(0, bytesBefore));
        peer.Dispose();
        Assert.Equal(TransportFailure.Disconnected, await FailureAsync(transfer));
        Assert.Equal(TransportFailure.Disconnected, await FailureAsync(device.ControlInAsync(GetStatus, new byte[6], Enough, default).AsTask()));
    }

    [Fact]
    public async Task Disposing_ends_the_connection_and_what_waits()
    {
        var (peer, device) = await _server.OpenAsync();
        using var _ = peer;
        var transfer = device.ControlInAsync(GetStatus, new byte[6], Enough, default).AsTask();
        await peer.ReadAsync<CmdSubmit>();
        await device.DisposeAsync();
        Assert.Equal(TransportFailure.Disconnected, await FailureAsync(transfer));
        Assert.True(await peer.IsClosedAsync());
    }

    [Theory]
    [InlineData(OpStatus.NotAvailable, "ST_NA")]
    [InlineData(OpStatus.DeviceBusy, "ST_DEV_BUSY")]
    [InlineData(OpStatus.DeviceError, "ST_DEV_ERR")]
    [InlineData(OpStatus.Error, "ST_ERROR")]
    [InlineData((OpStatus)77, "status 77")]
    public async Task A_refused_import_names_the_status_and_a_remedy(object status, string name)
    {
        var opening = _server.Host().OpenAsync("1-1", default).AsTask();
        using var peer = await _server.AcceptAsync();
        await peer.ReadAsync(40);
        await peer.SendAsync(OpPhase.RepImport((OpStatus)status));
        var e = await Assert.ThrowsAsync<TransportException>(() => opening.WaitAsync(Enough));
        Assert.Equal(TransportFailure.CannotOpen, e.Failure);
        Assert.Contains(name, e.Message, StringComparison.Ordinal);
        Assert.NotNull(e.Remedy);
    }

    [Fact]
    public async Task A_server_that_gives_out_another_device_is_not_believed()
    {
        var opening = _server.Host().OpenAsync("1-2", default).AsTask();
        using var peer = await _server.AcceptAsync();
        await peer.ReadAsync(40);
        await peer.SendAsync(OpPhase.RepImport(ScriptedServer.Record));
        Assert.Equal(TransportFailure.Protocol, await FailureAsync(opening));
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up_on_the_injected_clock()
    {
        var time = new ManualTime();
        var listing = _server.Host(time).ListAsync(default).AsTask();
        using var peer = await _server.AcceptAsync();
        await peer.ReadAsync(8);
        Assert.False(listing.IsCompleted);
        time.Advance(UsbIpHost.AnswerTimeout);
        Assert.Equal(TransportFailure.Timeout, await FailureAsync(listing));
        Assert.True(await peer.IsClosedAsync());
    }

    [Theory]
    [InlineData("0105000500000000")] // version
    [InlineData("0111000300000000")] // code
    [InlineData("011100050000000000000401")] // 1,025 devices
    [InlineData("0111000500000000FFFFFFFF")]
    public async Task A_list_that_makes_no_sense_is_a_typed_error(string answer)
    {
        var listing = _server.Host().ListAsync(default).AsTask();
        using var peer = await _server.AcceptAsync();
        await peer.SendAsync(Convert.FromHexString(answer));
        Assert.Equal(TransportFailure.Protocol, await FailureAsync(listing));
    }

    [Fact]
    public async Task A_server_that_refuses_to_list_is_a_fault()
    {
        var listing = _server.Host().ListAsync(default).AsTask();
        using var peer = await _server.AcceptAsync();
        await peer.SendAsync(Convert.FromHexString("0111000500000001"));
        Assert.Equal(TransportFailure.Fault, await FailureAsync(listing));
    }

    [Fact]
    public async Task A_machine_that_nobody_knows_is_said_so()
    {
        var e = await Assert.ThrowsAsync<TransportException>(async () => await new UsbIpHost("no-such-machine.invalid").ListAsync(default));
        Assert.Equal(TransportFailure.CannotOpen, e.Failure);
        Assert.Contains("no-such-machine.invalid", e.Message, StringComparison.Ordinal);
        Assert.NotNull(e.Remedy);
    }

    private static async Task<TransportFailure> FailureAsync(Task task) =>
        (await Assert.ThrowsAsync<TransportException>(() => task.WaitAsync(Enough))).Failure;

    private static async Task WorksAsync(RawPeer peer, IUsbDevice device)
    {
        var transfer = device.ControlInAsync(GetStatus, new byte[6], Enough, default).AsTask();
        await peer.SendAsync(new RetSubmit((await peer.ReadAsync<CmdSubmit>()).SeqNum, 0, 1), 0);
        Assert.Equal(1, await transfer.WaitAsync(Enough));
    }
}
