using Defuse.Cli.Output;
using Defuse.Entering;

namespace Defuse.Cli;

/// <summary>Tells people how a board is taken from its program to its bootloader.</summary>
internal sealed class EntryTalk(Printer printer) : IProgress<EntryEvent>
{
    public void Report(EntryEvent value)
    {
        var line = $"{char.ToUpperInvariant(value.Text[0])}{value.Text[1..]}.";
        if (value.Step is EntryStep.Asking or EntryStep.Entered)
        {
            printer.Talk(line);
        }
        else
        {
            printer.Detail(line);
        }
    }
}
