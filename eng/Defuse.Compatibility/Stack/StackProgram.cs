using Defuse.Connections;
using Defuse.Targets;

namespace Defuse.Compatibility.Stack;

/// <summary>Defuse on the kernel's USB stack, in one process; and what other processes do to it.</summary>
internal static class StackProgram
{
    public static CancellationToken Never => CancellationToken.None;

    /// <summary>"stack [access] [faults] [rounds] [rounds200] [crowd]": these checks, or all but the longer rounds. "list": what this user can open. "hold ADDRESS": opens a board and keeps it until its input ends.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        switch (arguments)
        {
            case ["list"]:
                foreach (var board in await Catalog().ListAsync(null, Never).ConfigureAwait(false))
                {
                    Console.WriteLine($"{board.Address} {board.Access?.ToString() ?? "ready"} {board.Problem}; {board.Remedy}");
                }

                return 0;
            case ["hold", var address]:
                var target = await Catalog().OpenAsync(ConnectionAddress.Parse(address), Never).ConfigureAwait(false);
                await using (target.ConfigureAwait(false))
                {
                    Console.WriteLine("held");
                    Console.ReadLine();
                }

                return 0;
            default:
                var checks = new Checks();
                var only = arguments.Skip(1).ToHashSet(StringComparer.Ordinal);
                bool IsWanted(string name) => only.Count == 0 || only.Contains(name);
                if (IsWanted("access"))
                {
                    await AccessChecks.RunAsync(checks).ConfigureAwait(false);
                }

                if (IsWanted("faults"))
                {
                    await FaultChecks.RunAsync(checks).ConfigureAwait(false);
                }

                var rounds = only.Contains("rounds200") ? 200 : 75;
                if (rounds == 200 || IsWanted("rounds"))
                {
                    await checks.RunAsync($"{rounds} times plugged in and pulled leave nothing behind", () => LeakCheck.RunAsync(rounds)).ConfigureAwait(false);
                }

                if (IsWanted("crowd"))
                {
                    await CrowdChecks.RunAsync(checks).ConfigureAwait(false);
                }

                return checks.ExitCode;
        }
    }

    /// <summary>Of this machine's USB, as every front end has it.</summary>
    public static BoardCatalog Catalog() => DefuseBoards.CreateCatalog();

    /// <summary>A board, opened where the kernel has it.</summary>
    public static ValueTask<ITarget> OpenAsync(string path) => Catalog().OpenAsync(ConnectionAddress.Parse($"dfu:usb-{path}"), Never);
}
