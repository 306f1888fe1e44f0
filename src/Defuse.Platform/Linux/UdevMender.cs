using System.Collections.Immutable;
using Defuse.Diagnostics;
using Defuse.Platform.Commands;

namespace Defuse.Platform.Linux;

/// <summary>Writes udev's rule for boards in DFU mode, and removes it again.</summary>
/// <param name="runner">Runs udevadm, and sudo or pkexec.</param>
/// <param name="root">The folder that the file system begins at: "/".</param>
/// <param name="user">Who is to open boards.</param>
internal sealed class UdevMender(ICommandRunner runner, string root, MendingUser user) : IMender
{
    private const string FixTitle = "let this user open boards in DFU mode";
    private const string UndoTitle = "remove the rule that lets users open boards in DFU mode";

    // Constant, with the path as an argument, so that one question for a password is enough. The file is there whole or not at all, and
    // nothing that came to be there since it was looked is written over or through.
    private const string WriteScript = "umask 022 && mkdir -p \"${1%/*}\" && [ ! -e \"$1\" ] && [ ! -L \"$1\" ] && rm -f \"$1.new\" && cat > \"$1.new\" && [ -s \"$1.new\" ] && mv \"$1.new\" \"$1\" && udevadm control --reload && udevadm trigger --subsystem-match=usb --action=change";
    private const string RemoveScript = "rm \"$1\" && udevadm control --reload && udevadm trigger --subsystem-match=usb --action=change";
    private const string ReloadScript = "udevadm control --reload && udevadm trigger --subsystem-match=usb --action=change";

    // Not one that this user's PATH leads to: it runs as root.
    private const string Shell = "/bin/sh";

    private const int LongestFile = 64 * 1024;

    private string RuleFile => At(UdevRuleFile.Path);

    public ValueTask<Mending?> PlanFixAsync(HostInventory inventory, CancellationToken cancellationToken) =>
        ValueTask.FromResult(inventory.UsbDevices.Any(IsClosedBoard) ? PlanFix(inventory.System) : null);

    public ValueTask<Mending?> PlanUndoAsync(HostInventory inventory, CancellationToken cancellationToken) =>
        ValueTask.FromResult(File.Exists(RuleFile) ? PlanUndo() : null);

    private static bool IsClosedBoard(SeenUsbDevice device) =>
        device.Problem?.Failure == AccessFailure.PermissionDenied
        && (device.Interfaces.Any(x => x is { Class: 0xFE, SubClass: 1, Protocol: 2 }) || device is { VendorId: 0x1EAF, ProductId: 0x0003 });

    private Mending PlanFix(HostSystem system)
    {
        if (WhyNoUdev(system) is { } obstacle)
        {
            return obstacle;
        }

        var text = UdevRuleFile.Text();
        var found = Read(RuleFile);
        if (found is null ? IsLink(RuleFile) : !string.Equals(found, text, StringComparison.Ordinal))
        {
            return Mending.Impossible(
                FixTitle,
                $"{UdevRuleFile.Path} is there already, and is not what Defuse writes: it is left as it is",
                $"see what it is for; to have Defuse's instead, move it away and try again: sudo mv {UdevRuleFile.Path} {UdevRuleFile.Path}.old",
                found is null ? [] : Lines($"{UdevRuleFile.Path} holds:", found));
        }

        var isThere = found is not null || string.Equals(Read(At(UdevRuleFile.PackagePath)), text, StringComparison.Ordinal);
        ImmutableArray<string> steps =
        [
            .. isThere ? [$"{(found is null ? UdevRuleFile.PackagePath : UdevRuleFile.Path)} is there already, and stays."] : Lines($"Write {UdevRuleFile.Path}:", text),
            .. Commands([]),
        ];
        return Change(FixTitle, steps, isThere ? ReloadScript : WriteScript, isThere ? null : text, isThere ? "udev applied the rule that is there" : $"wrote {UdevRuleFile.Path}", WhyStillClosed(system));
    }

    private Mending PlanUndo()
    {
        var found = Read(RuleFile);
        if (IsLink(RuleFile) || !string.Equals(found, UdevRuleFile.Text(), StringComparison.Ordinal))
        {
            return Mending.Impossible(
                UndoTitle,
                $"{UdevRuleFile.Path} is not what Defuse wrote, or was changed since: it is left as it is",
                $"see what it is for, and remove it yourself if nobody needs it: sudo rm {UdevRuleFile.Path}",
                found is null ? [] : Lines($"{UdevRuleFile.Path} holds:", found));
        }

        ImmutableArray<string> steps = [$"Remove {UdevRuleFile.Path}.", .. Commands([$"rm {UdevRuleFile.Path}"])];
        return Change(UndoTitle, steps, RemoveScript, input: null, $"removed {UdevRuleFile.Path}", "plug boards in again: until then they may stay open");
    }

    private Mending Change(string title, ImmutableArray<string> steps, string script, string? input, string done, string? remedy)
    {
        if (Elevation() is not { } prefix)
        {
            return Mending.Impossible(title, "this takes root's rights, and neither sudo nor pkexec is installed", "run defuse doctor again as root, with the same options", steps);
        }

        return new Mending(title, steps, async cancellationToken =>
        {
            ImmutableArray<string> command = [.. prefix, Shell, "-c", script, "defuse", RuleFile];
            var result = await runner.RunAsync(command[0], command[1..], input, cancellationToken).ConfigureAwait(false);
            if (result.ExitCode != 0)
            {
                return new MendingResult(false, $"it was not allowed or failed: {result.Reason.TrimEnd('.')}", $"do by hand, as root, what is shown above; the rule goes into {UdevRuleFile.Path}");
            }

            // udev works on what it was told of after the command has ended.
            if (runner.Find("udevadm") is { } udevadm)
            {
                await runner.RunAsync(udevadm, ["settle", "--timeout=10"], input: null, cancellationToken).ConfigureAwait(false);
            }

            return new MendingResult(true, done, remedy);
        });
    }

    private Mending? WhyNoUdev(HostSystem system)
    {
        if (runner.Find("udevadm") is not null && Path.Exists(At("/run/udev/control")))
        {
            return null;
        }

        var remedy = system switch
        {
            { Container: not null } => "give the container the device with its rights, or run defuse on the computer itself; a container without udev cannot give rights by itself",
            { IsWsl: true } => "switch systemd on in WSL, which starts udev: write [boot] and systemd=true into /etc/wsl.conf, and run wsl --shutdown in Windows; or use sudo defuse",
            _ => "use sudo defuse, or start udev",
        };
        return Mending.Impossible(FixTitle, "udev does not run here, and without it rules do nothing", remedy);
    }

    // What else a user without a seat at the machine lacks.
    private string? WhyStillClosed(HostSystem system)
    {
        if (system.GivesUserAccess || user.IsRoot)
        {
            return null;
        }

        var members = (Read(At("/etc/group")) ?? "").Split('\n')
            .Select(x => x.Split(':'))
            .FirstOrDefault(x => x is [UdevRuleFile.Group, _, _, _]);
        return members is null
            ? $"this user does not sit at the machine, and there is no group {UdevRuleFile.Group} to be in: sudo groupadd --system {UdevRuleFile.Group} && sudo usermod -aG {UdevRuleFile.Group} {user.Name}, log in again, and run defuse doctor --fix once more"
            : system.Groups.Contains(UdevRuleFile.Group, StringComparer.Ordinal) ? null
            : members[3].Trim().Split(',').Contains(user.Name, StringComparer.Ordinal)
                ? $"this user was added to the group {UdevRuleFile.Group} after logging in: log in again"
            : $"this user does not sit at the machine, and is not in the group {UdevRuleFile.Group}: sudo usermod -aG {UdevRuleFile.Group} {user.Name}, and log in again";
    }

    // A window asks for the password where there are windows, else the terminal does; without either, nothing must wait for it.
    private ImmutableArray<string>? Elevation()
    {
        if (user.IsRoot)
        {
            return [];
        }

        var (sudo, pkexec) = (runner.Find("sudo"), runner.Find("pkexec"));
        return pkexec is not null && (user.HasWindows || sudo is null) ? [pkexec]
            : sudo is not null ? (user.HasTerminal ? [sudo] : [sudo, "-n"])
            : null;
    }

    private ImmutableArray<string> Commands(ImmutableArray<string> first) =>
    [
        "Run as root:",
        .. first.Concat(["udevadm control --reload", "udevadm trigger --subsystem-match=usb --action=change"]).Select(x => $"  {(user.IsRoot ? "" : "sudo ")}{x}"),
    ];

    private string At(string path) => Path.Join(root, path);

    private static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;

    private static ImmutableArray<string> Lines(string title, string text) => [title, .. text.TrimEnd('\n').Split('\n').Select(x => "  " + x)];

    // Null if it is not there or cannot be read.
    private static string? Read(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            var buffer = new char[LongestFile];
            return new string(buffer, 0, reader.ReadBlock(buffer));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
