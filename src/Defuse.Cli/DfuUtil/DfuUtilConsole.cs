using Defuse.Cli.Output;

namespace Defuse.Cli.DfuUtil;

/// <summary>Prints as dfu-util does: progress and what was found to stdout, what went wrong to stderr.</summary>
internal sealed class DfuUtilConsole(CliEnvironment environment)
{
    private const string Program = "dfu-util";
    private bool _isInLine;

    public void Line(string text)
    {
        EndLine();
        environment.Out.WriteLine(Shown(text));
    }

    /// <summary>Writes what the next line or the next such writing follows on its line.</summary>
    public void Write(string text)
    {
        _isInLine = true;
        environment.Out.Write(text);
        environment.Out.Flush();
    }

    /// <summary>A line on stderr that begins with the program's name.</summary>
    public void Error(string text)
    {
        EndLine();
        environment.Error.WriteLine($"{Program}: {Shown(text)}");
    }

    /// <summary>The words of a failure.</summary>
    public void Error(DfuUtilException failure)
    {
        EndLine();
        environment.Error.WriteLine((failure.HasPrefix ? $"{Program}: " : "") + Shown(failure.Message));
        if (failure.Remedy is { } remedy)
        {
            environment.Error.WriteLine($"{Program}: {Shown(remedy)}");
        }

        if (failure.ShowsUsage)
        {
            DfuUtilHelp.Write(environment.Error);
        }
    }

    // Some texts have several lines; names of devices and in files may hold anything.
    private static string Shown(string text) => string.Join('\n', text.Split('\n').Select(Plain.Of));

    /// <summary>Ends a progress bar that did not come to its end.</summary>
    public void EndLine()
    {
        if (_isInLine)
        {
            _isInLine = false;
            environment.Out.WriteLine();
        }
    }
}
