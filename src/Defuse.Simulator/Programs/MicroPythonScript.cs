using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Defuse.Simulator.Programs;

/// <summary>The little of Python that hosts use to look at a board and to have it leave; all else is an error, as a mistake would be.</summary>
internal sealed partial class MicroPythonScript(string banner)
{
    private static readonly ImmutableArray<string> Modules = ["gc", "machine", "micropython", "os", "pyb", "sys", "time", "uos", "utime"];

    // What is imported lives until the next soft reset.
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    public string Banner => banner;

    /// <summary>Runs a program. It yields how long it does nothing; null for ever.</summary>
    /// <param name="code">The program.</param>
    /// <param name="isInteractive">Whether values of expressions are printed.</param>
    /// <param name="output">Takes what it prints.</param>
    /// <param name="leave">Has the board leave, to the bootloader or by a reset.</param>
    /// <exception cref="MicroPythonError">It died; when it is run.</exception>
    public IEnumerable<TimeSpan?> Run(string code, bool isInteractive, StringBuilder output, Action<bool> leave)
    {
        foreach (var statement in Statements(code))
        {
            if (Loop().IsMatch(statement))
            {
                yield return null;
            }
            else if (Call().Match(statement) is { Success: true } call && Resolve(call.Groups["name"].Value) is { } function)
            {
                var argument = call.Groups["argument"].Value.Trim();
                switch (function)
                {
                    case "machine.bootloader" or "pyb.bootloader":
                        leave(true);
                        yield return null;
                        break;
                    case "machine.reset" or "pyb.hard_reset":
                        leave(false);
                        yield return null;
                        break;
                    case "time.sleep" or "time.sleep_ms" or "utime.sleep" or "utime.sleep_ms":
                        var unit = function.EndsWith("_ms", StringComparison.Ordinal) ? 0.001 : 1;
                        yield return TimeSpan.FromSeconds(Number(argument) * unit);
                        break;
                    case "gc.collect":
                        break;
                    case "os.uname" or "uos.uname":
                        Show(Uname(), isInteractive, output);
                        break;
                    case "help":
                        output.Append("Welcome to MicroPython!\r\n");
                        break;
                    case "print":
                        output.Append(argument.Length == 0 ? "" : Text(Value(argument))).Append("\r\n");
                        break;
                    default:
                        throw new MicroPythonError("TypeError: object isn't callable");
                }
            }
            else if (Import().Match(statement) is { Success: true } import)
            {
                DoImport(import);
            }
            else if (Assignment().Match(statement) is { Success: true } assignment)
            {
                _names[assignment.Groups["name"].Value] = Value(assignment.Groups["value"].Value);
            }
            else if (statement != "pass")
            {
                Show(Value(statement), isInteractive, output);
            }
        }
    }

    private static void Show(string value, bool isInteractive, StringBuilder output)
    {
        if (isInteractive)
        {
            output.Append(value).Append("\r\n");
        }
    }

    // Lines and semicolons; what is indented belongs to the line before, which only ever is a loop without end.
    private static IEnumerable<string> Statements(string code) =>
        code.ReplaceLineEndings("\n").Split('\n')
            .Where(x => x.Length > 0 && x[0] is not (' ' or '\t' or '#'))
            .SelectMany(x => Loop().IsMatch(x) ? [x] : Parts(x))
            .Select(x => x.Trim())
            .Where(x => x.Length > 0);

    // At semicolons outside of texts.
    private static IEnumerable<string> Parts(string line)
    {
        char? quote = null;
        var start = 0;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] is '\'' or '"')
            {
                quote = quote is null ? line[i] : quote == line[i] ? null : quote;
            }
            else if (line[i] == ';' && quote is null)
            {
                yield return line[start..i];
                start = i + 1;
            }
        }

        yield return line[start..];
    }

    private static double Number(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number < 1e6
            ? number
            : throw new MicroPythonError("TypeError: can't convert to float");

    // From the form that the REPL shows to the one that print does.
    private static string Text(string value) => value is ['\'', .., '\''] ? value[1..^1] : value;

    private void DoImport(Match import)
    {
        foreach (var name in import.Groups["modules"].Value.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!Modules.Contains(name, StringComparer.Ordinal))
            {
                throw new MicroPythonError($"ImportError: no module named '{name}'");
            }

            if (import.Groups["from"].Length > 0)
            {
                continue;
            }

            _names[name] = name;
        }
    }

    /// <summary>A name's full form; an exception if there is none of the first part.</summary>
    private string Resolve(string name)
    {
        if (name is "print" or "help")
        {
            return name;
        }

        var parts = name.Split('.', 2);
        if (!_names.TryGetValue(parts[0], out var first))
        {
            throw new MicroPythonError($"NameError: name '{parts[0]}' isn't defined");
        }

        return (parts.Length == 1 ? first : $"{first}.{parts[1]}") is var full && IsKnown(full)
            ? full
            : throw new MicroPythonError($"AttributeError: 'module' object has no attribute '{parts[^1]}'");
    }

    private static bool IsKnown(string name) => name
        is "machine.bootloader" or "pyb.bootloader" or "machine.reset" or "pyb.hard_reset" or "time.sleep" or "time.sleep_ms"
        or "utime.sleep" or "utime.sleep_ms" or "gc.collect" or "os.uname" or "uos.uname";

    private string Value(string expression)
    {
        if (Literal().IsMatch(expression))
        {
            return expression[0] == '"' ? $"'{expression[1..^1]}'" : expression;
        }

        if (Call().Match(expression) is { Success: true } call && Resolve(call.Groups["name"].Value) is "os.uname" or "uos.uname")
        {
            return Uname();
        }

        var parts = expression.Split('.', 2);
        if (!Name().IsMatch(parts[0]))
        {
            throw new MicroPythonError("SyntaxError: invalid syntax");
        }

        return _names.TryGetValue(parts[0], out var first)
            ? (first, parts.Length == 1 ? null : parts[1]) switch
            {
                (_, null) when Modules.Contains(first, StringComparer.Ordinal) => $"<module '{first}'>",
                (_, null) => first,
                ("sys", "version") => $"'3.4.0; {banner.Split(';')[0]}'",
                ("sys", "platform") => "'pyboard'",
                _ => throw new MicroPythonError($"AttributeError: 'module' object has no attribute '{parts[1]}'"),
            }
            : throw new MicroPythonError($"NameError: name '{parts[0]}' isn't defined");
    }

    private string Uname()
    {
        var (version, machine) = (banner.Split(';')[0], banner.Split("; ", 2)[^1]);
        return $"(sysname='pyboard', nodename='pyboard', release='{version.Split(' ')[1].TrimStart('v')}', version='{version["MicroPython ".Length..]}', machine='{machine}')";
    }

    [GeneratedRegex(@"^while\s+(True|1)\s*:", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Loop();

    [GeneratedRegex(@"^(?<name>[A-Za-z_][\w.]*)\((?<argument>.*)\)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Call();

    [GeneratedRegex(@"^(?:import\s+(?<modules>[\w, ]+)|(?<from>from)\s+(?<modules>\w+)\s+import\s+[\w*, ]+)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Import();

    [GeneratedRegex(@"^(?<name>[A-Za-z_]\w*)\s*=\s*(?<value>[^=].*)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Assignment();

    [GeneratedRegex(@"^(?:\d+|'[^']*'|""[^""']*"")$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Literal();

    [GeneratedRegex(@"^[A-Za-z_]\w*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}
