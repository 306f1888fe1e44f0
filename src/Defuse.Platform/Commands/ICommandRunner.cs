using System.Collections.Immutable;

namespace Defuse.Platform.Commands;

/// <summary>Runs other programs.</summary>
internal interface ICommandRunner
{
    /// <summary>Where a program is; null if it is not installed.</summary>
    string? Find(string name);

    /// <summary>Runs a program to its end. It has the terminal of this process, to ask for a password.</summary>
    /// <param name="file">Where it is.</param>
    /// <param name="arguments">Its arguments, each as it is: no shell reads them.</param>
    /// <param name="input">What it reads from standard input; null for nothing.</param>
    /// <param name="cancellationToken">Ends the waiting, and the program.</param>
    ValueTask<CommandResult> RunAsync(string file, ImmutableArray<string> arguments, string? input, CancellationToken cancellationToken);
}
