using System.Buffers.Binary;
using Defuse.Simulator.Roms;
using Defuse.Transports;

namespace Defuse.Simulator.Faults;

/// <summary>Follows the requests that go by: what they are for, and which address they work on.</summary>
internal sealed class DfuWatch(uint flashAddress)
{
    private const byte FunctionalDescriptor = 0x21;
    private const ushort DfuSeVersion = 0x011A;
    private const int FirstDataBlock = 2;

    private readonly Dictionary<FaultStep, long> _done = [];
    private uint _pointer = flashAddress;
    private int _transferSize = 2048;
    private bool _isDfuSe = true;
    private bool _changed;

    /// <summary>The steps that a request belongs to, each with how much of it is done once the request is.</summary>
    public Dictionary<FaultStep, long> Reached(UsbSetupPacket setup, ReadOnlySpan<byte> data)
    {
        var length = LengthOf(setup, data, out var step);
        var reached = new Dictionary<FaultStep, long>();
        if (step is { } first)
        {
            reached[first] = Done(first) + length;
            if (first == FaultStep.Read)
            {
                var second = _changed ? FaultStep.Verify : FaultStep.Compare;
                reached[second] = Done(second) + length;
            }
        }

        return reached;
    }

    /// <summary>How much of a step was done before.</summary>
    public long Done(FaultStep step) => _done.GetValueOrDefault(step);

    /// <summary>The request was taken, and counts.</summary>
    public void Count(UsbSetupPacket setup, ReadOnlySpan<byte> data)
    {
        foreach (var (step, end) in Reached(setup, data))
        {
            _done[step] = end;
            _changed |= step is FaultStep.Erase or FaultStep.Write;
            if (step == FaultStep.Address)
            {
                _pointer = BinaryPrimitives.ReadUInt32LittleEndian(data[1..]);
            }
        }
    }

    /// <summary>Learns from a configuration descriptor that goes by how blocks are counted.</summary>
    public void Answered(UsbSetupPacket setup, ReadOnlySpan<byte> answer)
    {
        if (setup is not { RequestType: 0x80, Request: UsbStandardRequest.GetDescriptor } || setup.Value >> 8 != UsbStandardRequest.ConfigurationDescriptor)
        {
            return;
        }

        for (; answer.Length >= 2 && answer[0] >= 2 && answer[0] <= answer.Length; answer = answer[answer[0]..])
        {
            if (answer[1] == FunctionalDescriptor && answer[0] >= 9)
            {
                _transferSize = BinaryPrimitives.ReadUInt16LittleEndian(answer[5..]);
                _isDfuSe = BinaryPrimitives.ReadUInt16LittleEndian(answer[7..]) == DfuSeVersion;
            }
        }
    }

    /// <summary>The first address that a request works on: the block's, the sector's, or where the pointer is.</summary>
    public ulong AddressOf(UsbSetupPacket setup, ReadOnlySpan<byte> data)
    {
        if (setup is { RequestType: DfuRequest.Out, Request: DfuRequest.Dnload, Value: 0 } && data is [DfuRequest.Erase or DfuRequest.SetAddressPointer, _, _, _, _])
        {
            return BinaryPrimitives.ReadUInt32LittleEndian(data[1..]);
        }

        return IsBlock(setup) ? _pointer + ((ulong)(setup.Value - FirstDataBlock) * (uint)_transferSize) : _pointer;
    }

    private bool IsBlock(UsbSetupPacket setup) =>
        _isDfuSe && setup.Kind == UsbRequestKind.Class && setup.Request is DfuRequest.Dnload or DfuRequest.Upload && setup.Value >= FirstDataBlock && setup.Length > 0;

    private int LengthOf(UsbSetupPacket setup, ReadOnlySpan<byte> data, out FaultStep? step)
    {
        step = StepOf(setup, data);
        return step is FaultStep.Read or FaultStep.Write ? setup.Length : 1;
    }

    private FaultStep? StepOf(UsbSetupPacket setup, ReadOnlySpan<byte> data) => (setup.RequestType, setup.Request) switch
    {
        _ when setup.Kind == UsbRequestKind.Standard => FaultStep.Open,
        (DfuRequest.In, DfuRequest.GetStatus) => FaultStep.Status,
        (DfuRequest.In, DfuRequest.Upload) => IsBlock(setup) || !_isDfuSe ? FaultStep.Read : null,
        (DfuRequest.Out, DfuRequest.Dnload) when data.IsEmpty => FaultStep.Start,
        (DfuRequest.Out, DfuRequest.Dnload) when IsBlock(setup) || !_isDfuSe => FaultStep.Write,
        (DfuRequest.Out, DfuRequest.Dnload) => data switch
        {
            [DfuRequest.SetAddressPointer, _, _, _, _] => FaultStep.Address,
            [DfuRequest.Erase] or [DfuRequest.Erase, _, _, _, _] => FaultStep.Erase,
            [DfuRequest.ReadUnprotect] => FaultStep.Unprotect,
            _ => null,
        },
        _ => null,
    };
}
