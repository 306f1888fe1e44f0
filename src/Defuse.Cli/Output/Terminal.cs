using System.Text;
using Spectre.Console;

namespace Defuse.Cli.Output;

/// <summary>A stream as Spectre.Console sees it, with nothing looked up behind our back.</summary>
internal sealed class Terminal(TextWriter writer, bool isTerminal, int width, int height) : IAnsiConsoleOutput
{
    public TextWriter Writer => writer;

    public bool IsTerminal => isTerminal;

    public int Width => width;

    public int Height => height;

    public void SetEncoding(Encoding encoding)
    {
        // The process keeps the encoding that it was started with.
    }

    /// <param name="writer">Where it goes.</param>
    /// <param name="isTerminal">Whether a person sees it.</param>
    /// <param name="color">Whether it may have colour.</param>
    /// <param name="width">How many columns there are.</param>
    /// <param name="height">How many lines there are.</param>
    public static IAnsiConsole CreateConsole(TextWriter writer, bool isTerminal, bool color, int width, int height)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isTerminal || color ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = color ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Yes : InteractionSupport.No,
            Out = new Terminal(writer, isTerminal, width, height),
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
            EnvironmentVariables = [],
        });
        console.Profile.Capabilities.Unicode = true;
        console.Profile.Capabilities.Links = false;
        return console;
    }
}
