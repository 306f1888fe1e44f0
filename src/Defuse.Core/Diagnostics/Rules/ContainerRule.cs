namespace Defuse.Diagnostics.Rules;

/// <summary>A container that no USB device is passed into.</summary>
internal sealed class ContainerRule : IHostRule
{
    // The kernel's numbers of what may be opened (Documentation/admin-guide/devices.txt): 189 USB devices, 166 their modems' serial ports.
    private const string Usb = "--device-cgroup-rule='c 189:* rmw'";
    private const string Ports = "--device-cgroup-rule='c 166:* rmw'";

    public string Name => "container-without-device";

    public Finding? Examine(DiagnosisContext context) =>
        context.Inventory.System.Container is { } kind && !context.Boards.Any(x => x.IsReady() || x.Fails(AccessFailure.PermissionDenied))
            ? new Finding
            {
                Rule = Name,
                Level = context.ShowsNoBoard() ? FindingLevel.Blocker : FindingLevel.Note,
                Text = $"This is a container ({kind}). It sees only what it was given when it was started{(context.ShowsNoBoard() ? ", and there is no board among that" : "")}.",
                Evidence = [$"container: {kind}"],
                Remedies =
                [
                    PassThrough(kind),
                    .. Run(kind, "--device=/dev/bus/usb") is { } shorter ? new[] { new Remedy { Text = "For a board that stays what it is, this is enough", Command = shorter } } : [],
                    new Remedy
                    {
                        Text = "To have programs asked for DFU mode too, pass their serial ports in as well (/dev/ttyACM0 and others)",
                        Command = Run(kind, $"-v /dev:/dev {Usb} {Ports}"),
                    },
                    new Remedy { Text = "The computer outside has to let you open the board as well: run `defuse doctor` there if it is still not seen" },
                ],
            }
            : null;

    /// <summary>How a container of a kind gets at USB devices.</summary>
    /// <param name="container">What makes it: <see cref="HostSystem.Container"/>.</param>
    public static Remedy PassThrough(string container) => new()
    {
        Text = "Start the container with the USB devices passed in (/dev/bus/usb)"
            + (Run(container, "") is null ? "" : ". This one keeps working when the board leaves and comes back, which it does when its bootloader starts"),
        Command = Run(container, $"-v /dev/bus/usb:/dev/bus/usb {Usb}"),
    };

    // Podman takes rules for devices from root alone. How others are told is theirs.
    private static string? Run(string container, string arguments) => container switch
    {
        "docker" => $"docker run {arguments} IMAGE",
        "podman" => $"sudo podman run {arguments} IMAGE",
        _ => null,
    };
}
