using System.Collections.Immutable;

namespace Defuse.Simulator.Faults;

/// <summary>What is left of a board's script.</summary>
internal sealed class FaultRun(FaultScript script)
{
    private readonly Lock _gate = new();
    private readonly int[] _left = [.. script.Faults.Select(x => x.Times)];
    private ImmutableArray<uint> _rotten = [];

    /// <summary>The serial number that the board has taken; null while it has its own.</summary>
    public string? SerialNumber { get; private set; }

    /// <summary>How often a fault has happened.</summary>
    public int Happened
    {
        get
        {
            lock (_gate)
            {
                return script.Faults.Sum(x => x.Times) - _left.Sum();
            }
        }
    }

    /// <summary>The bytes of which a bit has flipped, in the order in which they did.</summary>
    public ImmutableArray<uint> Rotten
    {
        get
        {
            lock (_gate)
            {
                return _rotten;
            }
        }
    }

    public bool IsEmpty => script.Faults.IsEmpty;

    /// <summary>Takes the first fault that waits here.</summary>
    /// <param name="reached">How much of each step that the request belongs to is done once it is.</param>
    public Fault? Take(IReadOnlyDictionary<FaultStep, long> reached) =>
        Take(x => x.Address is null && reached.TryGetValue(x.Step, out var end) && end > x.At);

    /// <summary>Takes the bits that flip because their bytes were erased or written.</summary>
    public ImmutableArray<Fault> TakeChanged(ulong start, int length)
    {
        var taken = ImmutableArray.CreateBuilder<Fault>();
        while (Take(x => x.Address >= start && x.Address < start + (uint)length && !taken.Contains(x)) is { } fault)
        {
            taken.Add(fault);
        }

        return taken.ToImmutable();
    }

    public void HasRotten(uint address)
    {
        lock (_gate)
        {
            _rotten = _rotten.Add(address);
        }
    }

    public void TakeOn(Fault fault, string own) => SerialNumber = fault.SerialNumber ?? Other(own);

    private static string Other(string own) => own.Length == 0 ? "1" : own[..^1] + (own[^1] == '1' ? '2' : '1');

    private Fault? Take(Func<Fault, bool> waitsHere)
    {
        lock (_gate)
        {
            for (var i = 0; i < _left.Length; i++)
            {
                if (_left[i] > 0 && waitsHere(script.Faults[i]))
                {
                    _left[i]--;
                    return script.Faults[i];
                }
            }

            return null;
        }
    }
}
