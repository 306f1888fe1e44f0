namespace Defuse.Diagnostics.Rules;

/// <summary>A container that no USB device is passed into.</summary>
internal sealed class ContainerRule : IHostRule
{
    public static Remedy PassThrough { get; } = new()
    {
        Text = "Start the container with the USB devices passed in. This one keeps working when the board leaves and comes back, which it does when its bootloader starts",
        Command = "docker run -v /dev/bus/usb:/dev/bus/usb --device-cgroup-rule='c 189:* rmw' IMAGE",
    };

    public string Name => "container-without-device";

    public Finding? Examine(DiagnosisContext context) =>
        context.Inventory.System.Container is { } kind && !context.Boards.Any(x => x.IsReady() || x.Fails(AccessFailure.PermissionDenied))
            ? new Finding
            {
                Rule = Name,
                Level = context.Boards.IsEmpty ? FindingLevel.Blocker : FindingLevel.Note,
                Text = $"This is a container ({kind}). It sees only what it was given when it was started{(context.Boards.IsEmpty ? ", and there is no board among that" : "")}.",
                Evidence = [$"container: {kind}"],
                Remedies =
                [
                    PassThrough,
                    new Remedy { Text = "For a board that stays what it is, this is enough", Command = "docker run --device=/dev/bus/usb IMAGE" },
                    new Remedy { Text = "The computer outside has to let you open the board as well: run `defuse doctor` there if it is still not seen" },
                ],
            }
            : null;
}
