using System.Text.Json.Serialization.Metadata;
using Defuse.Cli.Json;
using Spectre.Console;

namespace Defuse.Cli.Output;

/// <summary>Decides once what goes where: data to stdout, talk to stderr, each with colour or without.</summary>
internal sealed class Printer
{
    private const string Red = "1;31";
    private const string Yellow = "33";
    private const string Cyan = "36";
    private const string Green = "32";

    private readonly CliEnvironment _environment;
    private readonly List<string> _warnings = [];
    private readonly Lock _json = new();
    private readonly bool _outColor;
    private readonly bool _errorColor;
    private readonly string _prefix = "";
    private bool _ended;

    public Printer(CliEnvironment environment, ColorChoice color, Verbosity verbosity, bool json, bool noProgress)
    {
        _environment = environment;
        Verbosity = verbosity;
        IsJson = json;
        var dumb = string.Equals(environment.GetVariable("TERM"), "dumb", StringComparison.Ordinal);
        var auto = !dumb && string.IsNullOrEmpty(environment.GetVariable("NO_COLOR"));
        _outColor = color == ColorChoice.Always || (color == ColorChoice.Auto && auto && environment.OutIsTerminal);
        _errorColor = color == ColorChoice.Always || (color == ColorChoice.Auto && auto && environment.ErrorIsTerminal);

        // Details are lines of their own, which a display that redraws itself would tear apart.
        IsLive = environment.ErrorIsTerminal && !dumb && !noProgress && verbosity == Verbosity.Normal;
    }

    private Printer(Printer whole, string prefix, bool isSilent, TextWriter? talk)
    {
        _environment = talk is null ? whole._environment : whole._environment with { Error = talk };
        _outColor = whole._outColor;
        _errorColor = whole._errorColor;
        _prefix = prefix + ": ";
        Verbosity = isSilent ? Verbosity.Quiet : whole.Verbosity;
    }

    public Verbosity Verbosity { get; }

    /// <summary>Whether stdout gets JSON lines.</summary>
    public bool IsJson { get; }

    /// <summary>Whether progress is shown by a display that redraws itself.</summary>
    public bool IsLive { get; }

    /// <summary>Whether a person reads the data.</summary>
    public bool DataIsForPeople => _environment.OutIsTerminal;

    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>One for what is said of one of several boards. It has no JSON, and warnings of its own.</summary>
    /// <param name="board">What its lines begin with.</param>
    /// <param name="isSilent">Whether it only keeps warnings, because a live display has the terminal.</param>
    /// <param name="talk">Where talk goes, if not to stderr at once.</param>
    public Printer Of(string board, bool isSilent, TextWriter? talk = null) => new(this, board, isSilent, talk);

    /// <summary>A line of data.</summary>
    public void Data(string line) => _environment.Out.WriteLine(Plain.Of(line));

    /// <summary>A line of data in colours; blanks at its end are left out.</summary>
    public void Data(IReadOnlyList<(string Text, Ink Ink)> parts)
    {
        var last = parts.Count - 1;
        while (last > 0 && string.IsNullOrWhiteSpace(parts[last].Text))
        {
            last--;
        }

        _environment.Out.WriteLine(string.Concat(parts.Take(last + 1).Select(x => Painted(Plain.Of(x.Text), x.Ink))));
    }

    /// <summary>Data that is a program's text, such as a script: as it is.</summary>
    public void Script(string text) => _environment.Out.Write(text);

    /// <summary>A line of JSON, if that was asked for.</summary>
    public void Json<T>(T line, JsonTypeInfo<T> type)
        where T : JsonLine
    {
        lock (_json)
        {
            if (IsJson && !_ended)
            {
                _environment.Out.WriteLine(System.Text.Json.JsonSerializer.Serialize(line, type));
                _environment.Out.Flush();
            }
        }
    }

    /// <summary>The last line of JSON; none comes after it, whoever else is still at work.</summary>
    public void Result(ResultLine line)
    {
        lock (_json)
        {
            Json(line, CliJsonContext.Lines.ResultLine);
            _ended = true;
        }
    }

    public void Talk(string line)
    {
        if (Verbosity != Verbosity.Quiet)
        {
            _environment.Error.WriteLine(_prefix + Plain.Of(line));
        }
    }

    /// <summary>Talk that belongs to the errors above it.</summary>
    public void Sum(string line) => _environment.Error.WriteLine(_prefix + Plain.Of(line));

    /// <summary>Talk that says that all is well.</summary>
    public void Success(string word, string rest)
    {
        if (Verbosity != Verbosity.Quiet)
        {
            _environment.Error.WriteLine(_prefix + Paint(Green, word) + Plain.Of(rest));
        }
    }

    public void Detail(string line)
    {
        if (Verbosity == Verbosity.Verbose)
        {
            _environment.Error.WriteLine(_prefix + Plain.Of(line));
        }
    }

    /// <summary>Something that a person should know; kept for the result line.</summary>
    /// <param name="text">What.</param>
    /// <param name="again">Whether to say it also if it was said before.</param>
    public void Warning(string text, bool again = false)
    {
        if (!_warnings.Contains(text, StringComparer.Ordinal))
        {
            _warnings.Add(text);
        }
        else if (!again)
        {
            return;
        }

        if (Verbosity != Verbosity.Quiet)
        {
            _environment.Error.WriteLine($"{_prefix}{Paint(Yellow, "warning:")} {Plain.Of(text)}");
        }
    }

    /// <summary>Keeps a warning for the result line that a person was shown otherwise.</summary>
    public void KeepWarning(string text)
    {
        if (!_warnings.Contains(text, StringComparer.Ordinal))
        {
            _warnings.Add(text);
        }
    }

    public void Error(Failure failure, IEnumerable<string>? more = null)
    {
        _environment.Error.WriteLine($"{_prefix}{Paint(Red, "error:")} {Plain.Of(failure.Reason)}");
        if (failure.Address is { } address)
        {
            _environment.Error.WriteLine($"{_prefix}  at {Texts.Address(address)}");
        }

        foreach (var line in more ?? [])
        {
            _environment.Error.WriteLine(_prefix + "  " + Plain.Of(line));
        }

        if (failure.Remedy is { } remedy)
        {
            Help(remedy);
        }
    }

    /// <summary>What a person can do.</summary>
    public void Help(string remedy) => _environment.Error.WriteLine($"{_prefix}  {Paint(Cyan, "help:")} {Plain.Of(remedy)}");

    /// <summary>Stdout for tables.</summary>
    public IAnsiConsole CreateDataConsole() => Terminal.CreateConsole(_environment.Out, _environment.OutIsTerminal, _outColor, _environment.Width, _environment.Height);

    /// <summary>Stderr for the live display.</summary>
    public IAnsiConsole CreateTalkConsole() => Terminal.CreateConsole(_environment.Error, _environment.ErrorIsTerminal, _errorColor, _environment.Width, _environment.Height);

    private string Painted(string text, Ink ink) =>
        ink == Ink.None || !_outColor ? text : $"\u001b[{(ink == Ink.First ? Red : Green)}m{text}\u001b[0m";

    private string Paint(string code, string text) => _errorColor ? $"\u001b[{code}m{text}\u001b[0m" : text;
}
