using System.CommandLine;
using Defuse.Cli.DfuUtil;
using Defuse.Cli.Help;

namespace Defuse.Cli.Commands;

/// <summary>defuse dfu-util, as the help and the completion know it; <see cref="DfuUtilFrontEnd"/> runs it.</summary>
internal static class DfuUtilCommand
{
    public static Command Create()
    {
        var command = new DocumentedCommand(DfuUtilFrontEnd.Name, "Take dfu-util's command line, for programs that call dfu-util.")
        {
            Group = CommandGroup.Boards,
            Examples = [],
            TreatUnmatchedTokensAsErrors = false,
        };
        command.Validators.Add(result => result.AddError("dfu-util comes first, and its own options after it: defuse dfu-util -l."));
        return command;
    }
}
