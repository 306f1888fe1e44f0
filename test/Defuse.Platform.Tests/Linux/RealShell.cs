using System.Collections.Immutable;
using Defuse.Platform.Commands;

namespace Defuse.Platform.Tests.Linux;

/// <summary>Runs scripts for real, on a system where udevadm does nothing.</summary>
internal sealed class RealShell : ICommandRunner
{
    private readonly ProcessCommandRunner _runner = new();

    /// <summary>Whether what is sent arrives.</summary>
    public bool HasInput { get; init; } = true;

    public string? Find(string name) => name == "udevadm" ? "/bin/true" : _runner.Find(name);

    public ValueTask<CommandResult> RunAsync(string file, ImmutableArray<string> arguments, string? input, CancellationToken cancellationToken) =>
        arguments is ["-c", var script, .. var rest]
            ? _runner.RunAsync(file, ["-c", "udevadm() { :; } && " + script, .. rest], HasInput ? input : null, cancellationToken)
            : _runner.RunAsync(file, arguments, input, cancellationToken);
}
