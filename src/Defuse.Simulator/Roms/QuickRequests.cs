using Defuse.Transports;

namespace Defuse.Simulator.Roms;

/// <summary>Requests that go wrong because they come too soon after the one before: an F0 on a port of an xHCI controller.</summary>
/// <remarks>
/// Captured are the symptoms alone: requests refused, and answers that make no sense, among them one that hosts take for
/// read-out protection. That it is every third quick request, and which of the two it gets, is made up.
/// </remarks>
internal sealed class QuickRequests(TimeSpan within)
{
    private const int Every = 3;

    // dfuERROR and errVENDOR, which is what read-out protection looks like.
    private static byte[] Nonsense => [(byte)DfuStatus.ErrVendor, 0, 0, 0, (byte)DfuState.Error, 0];

    private TimeSpan? _last;
    private int _count;

    /// <summary>What a request gets instead of its answer, without reaching the bootloader; null if all is well with it.</summary>
    public UsbControlResponse? Spoil(UsbSetupPacket setup, TimeSpan now)
    {
        if (setup.Kind != UsbRequestKind.Class || _last is not { } last || now - last >= within || ++_count % Every != 0)
        {
            return null;
        }

        return setup is { RequestType: DfuRequest.In, Request: DfuRequest.GetStatus, Length: 6 } && _count % (2 * Every) == 0
            ? new(UsbControlStatus.Ack, Nonsense)
            : UsbControlResponse.Stall;
    }

    /// <summary>A request is over.</summary>
    public void Answered(TimeSpan now) => _last = now;
}
