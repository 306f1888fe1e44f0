namespace Defuse.Platform.Commands;

/// <summary>Who mends, and how a password could be asked for.</summary>
/// <param name="Name">The user's name.</param>
/// <param name="IsRoot">Whether this process has all rights.</param>
/// <param name="HasTerminal">Whether there is a terminal to ask on.</param>
/// <param name="HasWindows">Whether there is a desktop to ask on.</param>
internal sealed record MendingUser(string Name, bool IsRoot, bool HasTerminal, bool HasWindows);
