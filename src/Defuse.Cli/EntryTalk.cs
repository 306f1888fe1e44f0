using Defuse.Entering;

namespace Defuse.Cli;

/// <summary>Tells people how a board is taken from its program to its bootloader.</summary>
internal sealed class EntryTalk(CommandContext context) : IProgress<EntryEvent>
{
    public void Report(EntryEvent value)
    {
        context.AskedProgram |= value.Step == EntryStep.Asking;
        context.LeftProgram |= value.Step == EntryStep.Entered;
        var line = $"{char.ToUpperInvariant(value.Text[0])}{value.Text[1..]}.";
        if (value.Step is EntryStep.Asking or EntryStep.Entered)
        {
            context.Printer.Talk(line);
        }
        else
        {
            context.Printer.Detail(line);
        }
    }
}
