using System.Text;
using Defuse.Entering;

namespace Defuse.Core.Tests.Entering;

public class ArduPilotTests
{
    private const byte Armed = 128;

    // What pymavlink makes of the same message for system 1, component 1 (source 255, 190, sequence 0).
    private static readonly byte[] Request1 = Convert.FromHexString(
        "FE2100FFBE4C" + "00002842" + "0000C041" + "00008E42" + "0000C642" + "000000000000000000000000" + "F600" + "01" + "01" + "00");

    private readonly FakeComputer _computer = FakeComputer.With(FakeComputer.MicroPython(), FakeComputer.Port());
    private readonly List<byte[]> _received = [];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task It_is_asked_in_the_version_that_it_speaks(int version)
    {
        _computer.OnOpened = port => Fly(port, Heartbeat(version), () => _computer.Reenumerate("1-4", FakeComputer.Dfu()));
        var entry = await EnterAsync();
        Assert.Equal(EntryWay.ArduPilot, entry.Way);
        var sent = Assert.Single(_received);
        if (version == 1)
        {
            Assert.Equal(Request1, sent[..^2]);
        }
        else
        {
            // The zeros at the end of the payload are left out, and there are none.
            Assert.Equal([0xFD, 32, 0, 0, 0, 255, 190, 76, 0, 0, .. Request1[6..^1]], sent[..^2]);
        }
    }

    [Fact]
    public async Task An_armed_one_is_sent_nothing()
    {
        _computer.OnOpened = port => Fly(port, Heartbeat(1, mode: Armed), () => Assert.Fail("It was asked."));
        Assert.Contains("it is armed", (await FailAsync()).Message, StringComparison.Ordinal);
        Assert.Empty(_received);
    }

    [Theory]
    [InlineData(12, "PX4")]
    [InlineData(17, "autopilot 17")]
    public async Task Another_autopilot_is_sent_nothing(byte autopilot, string said)
    {
        _computer.OnOpened = port => Fly(port, Heartbeat(2, autopilot), () => Assert.Fail("It was asked."));
        Assert.Contains(said, (await FailAsync()).Message, StringComparison.Ordinal);
        Assert.Empty(_received);
    }

    [Fact]
    public async Task One_that_sends_no_heartbeat_is_sent_nothing()
    {
        _computer.OnOpened = port => port.Say("Init ArduCopter V3.2\r\n");
        Assert.Contains("it sends no MAVLink heartbeat", (await FailAsync()).Message, StringComparison.Ordinal);
        Assert.Empty(_received);
    }

    [Fact]
    public async Task A_build_without_it_is_quoted()
    {
        _computer.OnOpened = port => Fly(port, Heartbeat(1), () => port.Say(Frame(1, MavlinkFrame.CommandAcknowledgement, 246, 0, 3)));
        Assert.Contains("MAV_RESULT_UNSUPPORTED", (await FailAsync()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task One_that_misses_the_request_is_asked_again_with_a_higher_confirmation(int version)
    {
        _computer.OnOpened = port => Fly(port, Heartbeat(version), () =>
        {
            if (_received.Count == 3)
            {
                _computer.Reenumerate("1-4", FakeComputer.Dfu());
            }
        });
        await EnterAsync();
        Assert.Equal([0, 1, 2], _received.Select(Confirmation));
        Assert.Equal([0, 1, 2], _received.Select(x => (int)x[version == 1 ? 2 : 4]));
    }

    [Fact]
    public async Task One_that_never_answers_is_asked_a_few_times_and_that_is_said()
    {
        _computer.OnOpened = port => Fly(port, Heartbeat(2), () => { });
        Assert.Contains("asked for DFU mode by MAVLink 4 times, gave no answer, and stayed", (await FailAsync()).Message, StringComparison.Ordinal);
        Assert.Equal([0, 1, 2, 3], _received.Select(Confirmation));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public async Task One_that_confirms_is_not_asked_again(byte result)
    {
        _computer.OnOpened = port => Fly(port, Heartbeat(1), () => port.Say(Frame(1, MavlinkFrame.CommandAcknowledgement, 246, 0, result)));
        Assert.Contains("it confirmed the request for DFU mode, and stayed", (await FailAsync()).Message, StringComparison.Ordinal);
        Assert.Single(_received);
    }

    [Fact]
    public async Task One_that_is_armed_in_between_is_not_asked_again()
    {
        _computer.OnOpened = port => Fly(port, Heartbeat(1), () => port.Say(Heartbeat(1, mode: Armed)));
        Assert.Contains("it is armed", (await FailAsync()).Message, StringComparison.Ordinal);
        Assert.Single(_received);
    }

    [Fact]
    public async Task What_another_system_answers_is_not_its_answer()
    {
        _computer.OnOpened = port => Fly(port, Heartbeat(1), () =>
        {
            port.Say(new MavlinkFrame(1, 9, 1, MavlinkFrame.CommandAcknowledgement, [246, 0, 3]).Serialize(1));
            _computer.Reenumerate("1-4", FakeComputer.Dfu());
        });
        Assert.Equal("1-4", (await EnterAsync()).Device.Location);
    }

    // The last byte before the checksum; MAVLink 2 leaves a zero out.
    private static int Confirmation(byte[] request) => request[0] == 0xFE || request[1] == 33 ? request[^3] : 0;

    private static byte[] Heartbeat(int version, byte autopilot = 3, byte mode = 0) =>
        Frame(version, MavlinkFrame.Heartbeat, 0, 0, 0, 0, 2, autopilot, mode, 3, 3);

    private static byte[] Frame(int version, int message, params byte[] payload) => new MavlinkFrame(version, 1, 1, message, [.. payload]).Serialize(7);

    // A heartbeat a second, behind what a boot leaves in the pipe.
    private void Fly(FakePort port, byte[] heartbeat, Action asked)
    {
        port.OnReceived = text =>
        {
            _received.Add(Encoding.Latin1.GetBytes(text));
            asked();
            return default;
        };
        port.Say([0xFE, 9, 0xFD, 1, 2, 3]);
        _computer.After(TimeSpan.FromSeconds(1), () => port.Say(heartbeat[..4]));
        _computer.After(TimeSpan.FromMilliseconds(1005), () => port.Say(heartbeat[4..]));
    }

    private async Task<EntryException> FailAsync() => await Assert.ThrowsAsync<EntryException>(async () => await EnterAsync());

    private ValueTask<DfuEntry> EnterAsync() => _computer.Entrance().EnterAsync(
        FakeComputer.Board(EntryWay.ArduPilot), EntryOptions.Default, null, TestContext.Current.CancellationToken);
}
