namespace Defuse.Cli.DfuUtil;

/// <summary>Prints as dfu-util does: progress and what was found to stdout, what went wrong to stderr.</summary>
internal sealed class DfuUtilConsole(CliEnvironment environment)
{
    private const string Program = "dfu-util";
    private bool _isInLine;

    public void Line(string text)
    {
        EndLine();
        environment.Out.WriteLine(text);
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
        environment.Error.WriteLine($"{Program}: {text}");
    }

    /// <summary>The words of a failure.</summary>
    public void Error(DfuUtilException failure)
    {
        EndLine();
        environment.Error.WriteLine(failure.HasPrefix ? $"{Program}: {failure.Message}" : failure.Message);
        if (failure.Remedy is { } remedy)
        {
            environment.Error.WriteLine($"{Program}: {remedy}");
        }

        if (failure.ShowsUsage)
        {
            DfuUtilHelp.Write(environment.Error);
        }
    }

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
