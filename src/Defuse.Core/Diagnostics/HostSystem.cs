using System.Collections.Immutable;

namespace Defuse.Diagnostics;

/// <summary>The computer that boards are plugged into.</summary>
public sealed record HostSystem
{
    /// <summary>Which operating system.</summary>
    public required HostKind Kind { get; init; }

    /// <summary>Its name and version, for people ("Windows 10.0.19045", "Debian GNU/Linux 12").</summary>
    public required string Version { get; init; }

    /// <summary>Whether it is a Windows Subsystem for Linux.</summary>
    public bool IsWsl { get; init; }

    /// <summary>The kind of container that this process runs in ("docker", "podman", "lxc"); null if in none.</summary>
    public string? Container { get; init; }

    /// <summary>Whether this process has an administrator's rights.</summary>
    public bool IsElevated { get; init; }

    /// <summary>The groups that this user is in, where they decide about devices (Linux).</summary>
    public ImmutableArray<string> Groups { get; init; } = [];

    /// <summary>Whether udev runs (Linux): without it, rules do nothing.</summary>
    public bool HasUdev { get; init; }

    /// <summary>Whether logind gives whoever sits at this machine the right to devices tagged uaccess (Linux).</summary>
    public bool GivesUserAccess { get; init; }

    /// <summary>Whether ModemManager runs, which probes serial ports (Linux).</summary>
    public bool HasModemManager { get; init; }

    /// <summary>Whether this machine has USB at all; a container or WSL may have none.</summary>
    public bool HasUsb { get; init; } = true;
}
