using Defuse.Transports;

namespace Defuse.Platform.Linux;

/// <summary>
/// How a user gets the right to open a device: a rule of udev's that gives it to whoever sits at the machine (systemd's TAG
/// uaccess) and to the group plugdev, as eng/release/60-defuse.rules does.
/// </summary>
internal static class UdevRule
{
    // Another file than the one that defuse doctor --fix writes, which it leaves alone if it holds anything else. 73-seat-late.rules
    // acts on the tag, so that the number has to be lower.
    private const string File = "/etc/udev/rules.d/61-defuse.rules";

    public static AccessProblem PermissionDenied(ushort vendorId, ushort productId) => new(
        AccessFailure.PermissionDenied,
        "this user may not open the device (no udev rule allows it)",
        $"Allow it: `echo 'SUBSYSTEM==\"usb\", ATTR{{idVendor}}==\"{vendorId:x4}\", ATTR{{idProduct}}==\"{productId:x4}\", TAG+=\"uaccess\", MODE=\"0664\", GROUP=\"plugdev\"' | sudo tee -a {File} && sudo udevadm control --reload && sudo udevadm trigger`; over SSH, or without a screen, also `sudo usermod -aG plugdev $USER`, and log in again");
}
