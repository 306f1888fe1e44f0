using System.Buffers.Binary;
using System.Collections.Immutable;
using Defuse.Transports;

namespace Defuse.Entering;

/// <summary>Sends ArduPilot MAV_CMD_PREFLIGHT_REBOOT_SHUTDOWN with the parameters that it takes for a request for DFU mode.</summary>
/// <remarks>
/// ArduPilot does it without asking whether it is armed, so this asks: without a heartbeat that says that it is not, nothing is sent.
/// </remarks>
internal sealed class ArduPilotEntry : IPortEntry
{
    private const ushort PreflightRebootShutdown = 246;
    private const byte AutopilotArduPilot = 3;
    private const byte AutopilotPx4 = 12;
    private const byte AutopilotInvalid = 8;
    private const byte SafetyArmed = 128;
    private const byte Accepted = 0;
    private const byte InProgress = 5;
    private const byte GroundStation = 255;
    private const byte GroundStationComponent = 190;

    // A heartbeat comes once a second.
    private static readonly TimeSpan HeartbeatTimeout = TimeSpan.FromSeconds(4);

    // MAVLink's command protocol: without an acknowledgement the command is sent again, with a higher confirmation.
    private const byte Requests = 4;
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1);
    private static readonly ImmutableArray<float> Magic = [42, 24, 71, 99, 0, 0, 0];

    private static EntryAnswer Armed => EntryAnswer.Refused("it is armed", "disarm the vehicle, and run the same command again");

    private readonly FrameBuffer<MavlinkFrame> _frames = new(MavlinkFrame.Take);

    public EntryWay Way => EntryWay.ArduPilot;

    public SerialSettings Settings => SerialSettings.Default;

    public async ValueTask<EntryAnswer> AskAsync(ISerialPort port, CancellationToken cancellationToken)
    {
        var talk = new SerialConversation(port);
        var heartbeat = await ReceiveAsync(
            talk, x => x.Message == MavlinkFrame.Heartbeat && Autopilot(x) != AutopilotInvalid, HeartbeatTimeout, cancellationToken).ConfigureAwait(false);
        if (heartbeat is null)
        {
            return EntryAnswer.Declined(talk.HasHeard ? "it sends no MAVLink heartbeat" : "it sends nothing, no MAVLink heartbeat either");
        }

        if (Autopilot(heartbeat) != AutopilotArduPilot)
        {
            return EntryAnswer.Declined(Autopilot(heartbeat) == AutopilotPx4
                ? "its heartbeat says that it is PX4, which has no request for DFU mode"
                : $"its heartbeat says that it is not ArduPilot (autopilot {Autopilot(heartbeat)})");
        }

        if (IsArmed(heartbeat))
        {
            return Armed;
        }

        // What fails here fails before it was asked.
        await talk.SendAsync(Command(heartbeat, confirmation: 0), cancellationToken).ConfigureAwait(false);
        try
        {
            return await RepeatAsync(talk, heartbeat, cancellationToken).ConfigureAwait(false);
        }
        catch (TransportException e)
        {
            return EntryAnswer.Asked(e.Failure == TransportFailure.Timeout ? $"it was asked for DFU mode by MAVLink, and then {e.Message}" : "it left");
        }
    }

    private async ValueTask<EntryAnswer> RepeatAsync(SerialConversation talk, MavlinkFrame heartbeat, CancellationToken cancellationToken)
    {
        for (byte confirmation = 0; ; await talk.SendAsync(Command(heartbeat, confirmation), cancellationToken).ConfigureAwait(false))
        {
            var deadline = new Deadline(talk.Time, AnswerTimeout);
            while (await talk.ReceiveAsync(deadline, cancellationToken).ConfigureAwait(false) is { IsEmpty: false } bytes)
            {
                foreach (var frame in _frames.Add(bytes.Span).Where(x => (x.SystemId, x.ComponentId) == (heartbeat.SystemId, heartbeat.ComponentId)))
                {
                    if (IsArmed(frame))
                    {
                        return Armed;
                    }

                    if (frame.Message == MavlinkFrame.CommandAcknowledgement && Acknowledged(frame) == PreflightRebootShutdown)
                    {
                        return frame.Payload[2] is Accepted or InProgress
                            ? EntryAnswer.Asked("it confirmed the request for DFU mode, and stayed")
                            : EntryAnswer.Declined(Result(frame.Payload[2]));
                    }
                }
            }

            if (++confirmation == Requests)
            {
                return EntryAnswer.Asked($"it was asked for DFU mode by MAVLink {Requests} times, gave no answer, and stayed");
            }
        }
    }

    private static bool IsArmed(MavlinkFrame frame) => frame.Message == MavlinkFrame.Heartbeat && (frame.Payload[6] & SafetyArmed) != 0;

    private static byte Autopilot(MavlinkFrame heartbeat) => heartbeat.Payload[5];

    private static ushort Acknowledged(MavlinkFrame frame) => BinaryPrimitives.ReadUInt16LittleEndian(frame.Payload.AsSpan());

    // In the version that it speaks itself. Fields go by size: seven floats, the command, then whom it is for.
    private static byte[] Command(MavlinkFrame heartbeat, byte confirmation)
    {
        var payload = new byte[33];
        for (var i = 0; i < Magic.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(payload.AsSpan(4 * i), Magic[i]);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(28), PreflightRebootShutdown);
        payload[30] = heartbeat.SystemId;
        payload[31] = heartbeat.ComponentId;
        payload[32] = confirmation;
        return new MavlinkFrame(heartbeat.Version, GroundStation, GroundStationComponent, MavlinkFrame.CommandLong, [.. payload]).Serialize(sequence: confirmation);
    }

    // MAV_RESULT.
    private static string Result(byte result) => result switch
    {
        1 => "it refuses for now (MAV_RESULT_TEMPORARILY_REJECTED)",
        2 => "it refuses (MAV_RESULT_DENIED): firmware that is signed does",
        3 => "it was built without it (MAV_RESULT_UNSUPPORTED; ENABLE_DFU_BOOT in its hwdef.dat)",
        4 => "it failed (MAV_RESULT_FAILED)",
        _ => $"it answers {result} (MAV_RESULT)",
    };

    private async ValueTask<MavlinkFrame?> ReceiveAsync(
        SerialConversation talk, Func<MavlinkFrame, bool> isMeant, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var deadline = new Deadline(talk.Time, timeout);
        while (await talk.ReceiveAsync(deadline, cancellationToken).ConfigureAwait(false) is { IsEmpty: false } bytes)
        {
            if (_frames.Add(bytes.Span).FirstOrDefault(isMeant) is { } frame)
            {
                return frame;
            }
        }

        return null;
    }
}
