using System.Collections.Immutable;
using System.Globalization;

namespace Defuse.Transports.Tracing;

/// <summary>A device that answers what a trace says, for the same requests in the same order.</summary>
/// <remarks>
/// How often a host polls is its own affair. A DFU_GETSTATUS or DFU_GETSTATE beyond those that were recorded gets the last
/// answer to that request again; those that were recorded and are not asked for any more are passed over. A recorded
/// answer of dfuDNBUSY is passed over too if, counted from the last other request, the next poll was answered before this one
/// is asked: who polls less often need not hear all of them.
/// </remarks>
internal sealed class ReplayUsbDevice(ImmutableArray<(int Number, TraceLine Line)> lines, UsbDeviceInfo info, TimeProvider time) : IUsbDevice
{
    private const string GetStatus = "a103";
    private const string GetState = "a105";
    private const int StateOffset = 8;
    private const string Busy = "04";
    private const string Remedy = "give the command with the file and the options that the trace was recorded with";

    private readonly Dictionary<string, TraceLine> _lastPolls = new(StringComparer.Ordinal);
    private int _next = 1;
    private long _began = time.GetTimestamp();
    private double _beganAt = lines[0].Line.At ?? 0;
    private TraceLine? _last;

    public UsbDeviceInfo Info => info;

    public TimeProvider Time => time;

    public static TransportException Failed(TraceLine line) => new(
        Enum.TryParse<TransportFailure>(line.Status, ignoreCase: true, out var failure) && Enum.IsDefined(failure) ? failure : TransportFailure.Fault,
        line.Message ?? "the transfer failed");

    public async ValueTask<int> ControlInAsync(UsbSetupPacket setup, Memory<byte> buffer, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var line = await AnswerAsync(Control(setup), cancellationToken).ConfigureAwait(false);
        var answer = Bytes(line.In);
        if (answer.Length > buffer.Length)
        {
            throw new TransportException(TransportFailure.Protocol, $"the device sent {answer.Length} bytes where {buffer.Length} were asked for");
        }

        answer.CopyTo(buffer);
        return answer.Length;
    }

    public async ValueTask ControlOutAsync(UsbSetupPacket setup, ReadOnlyMemory<byte> data, TimeSpan timeout, CancellationToken cancellationToken) =>
        await AnswerAsync(Control(setup) with { Out = Convert.ToHexStringLower(data.Span) }, cancellationToken).ConfigureAwait(false);

    public async ValueTask ClaimInterfaceAsync(byte interfaceNumber, CancellationToken cancellationToken) =>
        await AnswerAsync(new TraceLine { Type = TraceLine.Claim, Interface = interfaceNumber }, cancellationToken).ConfigureAwait(false);

    public async ValueTask SelectAlternateSettingAsync(byte interfaceNumber, byte alternateSetting, CancellationToken cancellationToken) =>
        await AnswerAsync(new TraceLine { Type = TraceLine.Alternate, Interface = interfaceNumber, Setting = alternateSetting }, cancellationToken).ConfigureAwait(false);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static TraceLine Control(UsbSetupPacket setup)
    {
        var bytes = new byte[UsbSetupPacket.Size];
        setup.Write(bytes);
        return new TraceLine { Type = TraceLine.Control, Setup = Convert.ToHexStringLower(bytes) };
    }

    private static string? PollOf(TraceLine line) => line.Setup switch
    {
        { } setup when setup.StartsWith(GetStatus, StringComparison.Ordinal) => GetStatus,
        { } setup when setup.StartsWith(GetState, StringComparison.Ordinal) => GetState,
        _ => null,
    };

    private static bool IsBusy(TraceLine line) =>
        line is { Status: TraceLine.Ok, In.Length: >= StateOffset + 2 } && PollOf(line) == GetStatus && line.In.AsSpan(StateOffset, 2).SequenceEqual(Busy);

    private static bool IsSame(TraceLine recorded, TraceLine asked) =>
        recorded.Type == asked.Type && recorded.Setup == asked.Setup && recorded.Interface == asked.Interface && recorded.Setting == asked.Setting
        && (recorded.Out ?? "") == (asked.Out ?? "");

    private static byte[] Bytes(string? hex) => hex is null ? [] : Convert.FromHexString(hex);

    private async ValueTask<TraceLine> AnswerAsync(TraceLine asked, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var line = Match(asked);
        _last = line;
        if (line.Took is > 0 and var took)
        {
            await WaitAsync(TimeSpan.FromMilliseconds(took)).ConfigureAwait(false);
        }

        return line.Status == TraceLine.Ok ? line : throw Failed(line);
    }

    private TraceLine Match(TraceLine asked)
    {
        var poll = PollOf(asked);
        if (poll is null)
        {
            var next = _next;
            while (next < lines.Length && PollOf(lines[next].Line) is not null)
            {
                next++;
            }

            if (next == lines.Length || !IsSame(lines[next].Line, asked))
            {
                throw Unexpected(next, asked);
            }

            _next = next + 1;
            _began = time.GetTimestamp();
            _beganAt = lines[next].Line.At ?? 0;
            _lastPolls.Clear();
            return lines[next].Line;
        }

        SkipWhatIsOver();
        if (_next < lines.Length && IsSame(lines[_next].Line, asked))
        {
            return _lastPolls[poll] = lines[_next++].Line;
        }

        // The same question again has the same answer, and takes no less time.
        return _lastPolls.TryGetValue(poll, out var last) && IsSame(last, asked) ? last : throw Unexpected(_next, asked);
    }

    private void SkipWhatIsOver()
    {
        var elapsed = time.GetElapsedTime(_began).TotalMilliseconds;
        while (_lastPolls.ContainsKey(GetStatus)
            && _next + 1 < lines.Length
            && IsBusy(lines[_next].Line)
            && PollOf(lines[_next + 1].Line) == GetStatus
            && lines[_next + 1].Line.At - _beganAt <= elapsed)
        {
            _next++;
        }
    }

    private TransportException Unexpected(int index, TraceLine asked)
    {
        if (index >= lines.Length || lines[index].Line.Type == TraceLine.Close)
        {
            return _last is { } last && last.Status != TraceLine.Ok
                ? Failed(last)
                : new TransportException(TransportFailure.Protocol, $"the trace ends where {Text(asked)} is sent", Remedy);
        }

        return new TransportException(
            TransportFailure.Protocol,
            string.Create(CultureInfo.InvariantCulture, $"the trace has {Text(lines[index].Line)} in line {lines[index].Number}, where {Text(asked)} is sent"),
            Remedy);
    }

    private static string Text(TraceLine line)
    {
        var data = line.Out is { Length: > 0 } hex ? $" with {hex.Length / 2} bytes {(hex.Length > 32 ? hex[..32] + "..." : hex)}" : "";
        return line.Type switch
        {
            TraceLine.Control when line.Setup is { Length: 2 * UsbSetupPacket.Size } setup => $"{UsbSetupPacket.Read(Convert.FromHexString(setup))}{data}",
            TraceLine.Alternate => string.Create(CultureInfo.InvariantCulture, $"setting {line.Setting} of interface {line.Interface}"),
            _ => $"a {line.Type}",
        };
    }

    private async ValueTask WaitAsync(TimeSpan duration)
    {
        // Task.Delay would cut it to whole milliseconds.
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var timer = time.CreateTimer(_ => done.TrySetResult(), state: null, duration, Timeout.InfiniteTimeSpan);
        await using (timer.ConfigureAwait(false))
        {
            await done.Task.ConfigureAwait(false);
        }
    }
}
