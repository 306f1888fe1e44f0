namespace Defuse.Simulator.Programs;

/// <summary>A program that talks over a serial line.</summary>
internal abstract class SerialProgram(IProgramLine line)
{
    /// <summary>Whether it takes bytes now; while it does not, they stay where they are, and soon the endpoint answers NAK.</summary>
    public virtual bool TakesInput => true;

    protected IProgramLine Line { get; } = line;

    /// <summary>It begins to run.</summary>
    public virtual void Start()
    {
    }

    /// <summary>A byte arrives, before its turn comes.</summary>
    /// <returns>Whether it is done with: an interrupt character.</returns>
    public virtual bool Arrived(byte value) => false;

    /// <summary>A byte's turn has come.</summary>
    public abstract void Receive(byte value);

    /// <summary>The host drove DTR and RTS.</summary>
    /// <param name="coding">Baud rate and frame that it set before.</param>
    public virtual void LinesChanged(LineCoding coding)
    {
    }
}
