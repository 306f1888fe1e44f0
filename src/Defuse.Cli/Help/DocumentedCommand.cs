using System.Collections.Immutable;
using System.CommandLine;

namespace Defuse.Cli.Help;

/// <summary>A command that comes with examples.</summary>
internal sealed class DocumentedCommand(string name, string description) : Command(name, description)
{
    /// <summary>Under which heading the program's help lists it.</summary>
    public required CommandGroup Group { get; init; }

    /// <summary>What people do with it, each with its command line.</summary>
    public required ImmutableArray<(string What, string Line)> Examples { get; init; }

    /// <summary>Lines that stand before the examples; indented lines are lists.</summary>
    public Func<IEnumerable<string>>? Notes { get; init; }
}
