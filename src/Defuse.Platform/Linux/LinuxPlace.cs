namespace Defuse.Platform.Linux;

/// <summary>The Linux that is looked at: this machine's, or one laid out in a folder.</summary>
/// <param name="Root">What stands for the folder /; the names that are told of do not have it.</param>
/// <param name="Access">Whether this process may open a node: access(2), and the errno if not.</param>
/// <param name="GroupOf">The group of a node; null if it cannot be told.</param>
/// <param name="Variable">A variable of the environment.</param>
/// <param name="ProcessId">This process, which holds nothing that stands in its own way.</param>
internal sealed record LinuxPlace(string Root, Func<string, int> Access, Func<string, string?> GroupOf, Func<string, string?> Variable, int ProcessId)
{
    public string At(string path) => Path.Combine(Root, path.TrimStart('/'));
}
