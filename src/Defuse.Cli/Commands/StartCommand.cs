using System.CommandLine;
using Defuse.Cli.Help;
using Defuse.Cli.Json;
using Defuse.Cli.Output;
using Defuse.Connections;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;

namespace Defuse.Cli.Commands;

/// <summary>defuse start.</summary>
internal static class StartCommand
{
    public static Command Create(CommandRunner runner)
    {
        var common = runner.Common;
        var noFollow = CommonOptions.NoFollow();
        var address = CommonOptions.Address("Where the program's vector table is. Without it, at the start of flash.");
        var command = new DocumentedCommand("start", "Have a board leave its bootloader and run its program.")
        {
            Group = CommandGroup.Boards,
            Options = { common.Device, address, noFollow, common.Trace, common.Json },
            Examples =
            [
                ("The program at the start of flash", "defuse start"),
                ("A program behind a bootloader", "defuse start --address 0x08020000"),
            ],
        };
        command.SetAction((parse, cancellationToken) => runner.RunAsync(
            parse, context => RunAsync(context, parse.GetValue(common.Device), parse.GetValue(address), !parse.GetValue(noFollow), cancellationToken)));
        return command;
    }

    private static async Task<ResultLine> RunAsync(CommandContext context, ConnectionAddress? device, uint? address, bool follow, CancellationToken cancellationToken)
    {
        var target = await Boards.OpenAsync(context, device, cancellationToken).ConfigureAwait(false);
        await using var closing = target.ConfigureAwait(false);
        Boards.RequireMemory(target);
        if (address is { } start && target.Description.Memory.Flash is { } flash && flash.FindSector(start) is null)
        {
            throw new PlanRefusedException(
                [
                    new Refusal(
                        RefusalKind.Outside,
                        $"{Texts.Address(start)} is not in this device's flash, where a program could be",
                        new AddressRange(start, 1),
                        $"give an address from {Texts.Address(flash.Start)} on, where the program was flashed to"),
                ]);
        }

        await new Programmer(target, context.Log).StartAsync(address, cancellationToken).ConfigureAwait(false);
        context.Printer.Success("Started", $" the program on {Texts.Device(target.Description)}.");
        if (follow)
        {
            await ReturnWatching.RunAsync(context, target, cancellationToken).ConfigureAwait(false);
        }

        return context.Done() with { Started = true };
    }
}
