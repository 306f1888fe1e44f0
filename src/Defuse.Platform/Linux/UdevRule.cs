using Defuse.Transports;

namespace Defuse.Platform.Linux;

/// <summary>
/// How a user gets the right to open a device: a rule of udev's that gives it to whoever sits at the machine (systemd's TAG
/// uaccess) and to the group plugdev, as eng/release/60-defuse.rules does.
/// </summary>
internal static class UdevRule
{
    public static AccessProblem PermissionDenied() => new(
        AccessFailure.PermissionDenied,
        "this user may not open the device (no udev rule allows it)",
        $"Allow it: `defuse doctor --fix` writes udev's rule {UdevRuleFile.Path}; over SSH, or without a screen, also `sudo usermod -aG {UdevRuleFile.Group} $USER`, and log in again");
}
