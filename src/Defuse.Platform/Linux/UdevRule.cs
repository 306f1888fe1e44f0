using Defuse.Transports;

namespace Defuse.Platform.Linux;

/// <summary>How a user gets the right to open a device: a rule of udev's that gives it to whoever sits at the machine (systemd's TAG uaccess).</summary>
internal static class UdevRule
{
    // 73-seat-late.rules acts on the tag, so that the number has to be lower.
    private const string File = "/etc/udev/rules.d/60-defuse.rules";

    public static UsbAccessProblem PermissionDenied(ushort vendorId, ushort productId) => new(
        AccessFailure.PermissionDenied,
        "this user may not open the device (no udev rule allows it)",
        $"Allow it: `echo 'SUBSYSTEM==\"usb\", ATTR{{idVendor}}==\"{vendorId:x4}\", ATTR{{idProduct}}==\"{productId:x4}\", TAG+=\"uaccess\"' | sudo tee -a {File} && sudo udevadm control --reload && sudo udevadm trigger`");
}
