using System.Buffers.Binary;

namespace Defuse.Simulator.Programs;

/// <summary>ArduPilot on its USB port: a MAVLink heartbeat every second, and the command that reboots.</summary>
/// <remarks>
/// It speaks MAVLink 2 and understands both versions. Frames with a wrong checksum, and commands to another system, are
/// ignored. MAV_CMD_PREFLIGHT_REBOOT_SHUTDOWN with 42, 24, 71 and 99 starts the ROM where it is built for that, and without
/// an answer: whether one still comes is not known. An order that is repeated is taken as often as it comes until the board leaves.
/// </remarks>
internal sealed class ArduPilotProgram(IProgramLine line, ArduPilotDfu dfu) : SerialProgram(line)
{
    public const string Marker = "ArduCopter V4.5.7 (2a3dc4b7)";

    private const byte System = 1, Component = 1;
    private const ushort PreflightRebootShutdown = 246;
    private const byte Accepted = 0, Unsupported = 3;
    private const int MostBacklog = 512;

    private static readonly TimeSpan LeaveTime = TimeSpan.FromMilliseconds(50);

    private readonly List<byte> _input = [];
    private byte _sequence;
    private bool _missesNext = dfu == ArduPilotDfu.MissesFirst;

    public override void Start() => Line.Every(TimeSpan.FromSeconds(1), Beat);

    public override void Receive(byte value)
    {
        _input.Add(value);
        while (MavLinkFrame.Take(_input) is { } frame)
        {
            if (frame.Message != MavLinkFrame.CommandLong)
            {
                continue;
            }

            if (_missesNext)
            {
                _missesNext = false;
                continue;
            }

            if (frame.Payload[30] is 0 or System && frame.Payload[31] is 0 or Component)
            {
                Execute(frame);
            }
        }
    }

    private static float Parameter(MavLinkFrame frame, int number) =>
        BinaryPrimitives.ReadSingleLittleEndian(frame.Payload.AsSpan(4 * (number - 1)));

    private void Execute(MavLinkFrame frame)
    {
        var command = BinaryPrimitives.ReadUInt16LittleEndian(frame.Payload.AsSpan(28));
        if (command != PreflightRebootShutdown)
        {
            Acknowledge(command, Unsupported);
            return;
        }

        switch (Parameter(frame, 1), Parameter(frame, 2), Parameter(frame, 3), Parameter(frame, 4))
        {
            case (42, 24, 71, 99) when dfu is ArduPilotDfu.Enters or ArduPilotDfu.MissesFirst:
                Line.After(LeaveTime, Line.EnterBootloader);
                break;
            case (42, 24, 71, 99) when dfu == ArduPilotDfu.GoesDark:
                Line.After(LeaveTime, Line.Hang);
                break;
            case (1 or 3, _, _, _):
                Acknowledge(command, Accepted);
                Line.After(LeaveTime, Line.Reboot);
                break;
            default:
                Acknowledge(command, Unsupported);
                break;
        }
    }

    private void Acknowledge(ushort command, byte result) =>
        Send(MavLinkFrame.CommandAck, [(byte)(command & 0xFF), (byte)(command >> 8), result]);

    // A quadrotor of ArduPilot's, on standby; what nobody fetches is not added to.
    private void Beat()
    {
        if (Line.Backlog < MostBacklog)
        {
            Send(MavLinkFrame.Heartbeat, [0, 0, 0, 0, 2, 3, 81, 3, 3]);
        }
    }

    private void Send(uint message, byte[] payload) =>
        Line.Send(new MavLinkFrame(System, Component, message, payload).ToBytes(unchecked(_sequence++)));
}
