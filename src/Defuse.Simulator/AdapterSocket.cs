using Defuse.Simulator.Programs;
using Defuse.Transports;

namespace Defuse.Simulator;

/// <summary>The USB connector of a board's USB-serial adapter, which is plugged in for good.</summary>
internal sealed class AdapterSocket(SimulatedBoard board, Func<CdcAcmPeripheral> create) : IUsbSocket
{
    private readonly Lock _gate = new();
    private CdcAcmPeripheral? _peripheral;

    public string Location => board.Location + "/uart";

    public IUsbPeripheral? Peripheral
    {
        get
        {
            lock (_gate)
            {
                return _peripheral;
            }
        }
    }

    public ValueTask<IUsbPeripheral> AttachAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(_peripheral ??= create());
        }
    }

    public void Disconnect()
    {
        CdcAcmPeripheral? peripheral;
        lock (_gate)
        {
            peripheral = _peripheral;
            _peripheral = null;
        }

        peripheral?.Disconnect();
    }
}
