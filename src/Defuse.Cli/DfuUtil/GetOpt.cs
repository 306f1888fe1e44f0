namespace Defuse.Cli.DfuUtil;

/// <summary>
/// Reads a command line as POSIX's getopt and GNU's getopt_long do: short options bundled and with their value attached, long
/// ones shortened as far as they stay clear, operands anywhere, and nothing but operands after "--".
/// </summary>
internal static class GetOpt
{
    /// <returns>The options in their order, each with its value, and the operands.</returns>
    /// <exception cref="DfuUtilException">The command line is wrong.</exception>
    public static (IReadOnlyList<(char Letter, string? Value)> Options, IReadOnlyList<string> Operands) Parse(
        IReadOnlyList<string> args, IReadOnlyList<CommandLineOption> known)
    {
        var options = new List<(char, string?)>();
        var operands = new List<string>();
        for (var i = 0; i < args.Count; i++)
        {
            var arg = args[i];
            if (arg == "--")
            {
                operands.AddRange(args.Skip(i + 1));
                break;
            }

            if (arg.StartsWith("--", StringComparison.Ordinal))
            {
                options.Add(Long(args, ref i, known));
            }
            else if (arg is ['-', _, ..])
            {
                Short(args, ref i, known, options);
            }
            else
            {
                operands.Add(arg);
            }
        }

        return (options, operands);
    }

    private static (char Letter, string? Value) Long(IReadOnlyList<string> args, ref int index, IReadOnlyList<CommandLineOption> known)
    {
        var text = args[index][2..];
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? text : text[..equals];
        var value = equals < 0 ? null : text[(equals + 1)..];
        var (option, full) = Find(name, known);
        if (!option.TakesValue)
        {
            return value is null ? (option.Letter, null) : throw Wrong($"option '--{full}' doesn't allow an argument");
        }

        value ??= index + 1 < args.Count ? args[++index] : throw Wrong($"option '--{full}' requires an argument");
        return (option.Letter, value);
    }

    private static (CommandLineOption Option, string Name) Find(string name, IReadOnlyList<CommandLineOption> known)
    {
        var names = known.SelectMany(x => x.Names, (option, full) => (Option: option, Name: full)).ToList();
        if (names.FirstOrDefault(x => string.Equals(x.Name, name, StringComparison.Ordinal)) is { Option: not null } exact)
        {
            return exact;
        }

        // Two names of one option are no ambiguity.
        var begun = names.Where(x => x.Name.StartsWith(name, StringComparison.Ordinal)).ToList();
        return begun.Count == 0 ? throw Wrong($"unrecognized option '--{name}'")
            : begun.Exists(x => x.Option != begun[0].Option)
                ? throw Wrong($"option '--{name}' is ambiguous; possibilities:{string.Concat(begun.Select(x => $" '--{x.Name}'"))}")
            : begun[0];
    }

    private static void Short(
        IReadOnlyList<string> args, ref int index, IReadOnlyList<CommandLineOption> known, List<(char Letter, string? Value)> options)
    {
        var arg = args[index];
        for (var at = 1; at < arg.Length; at++)
        {
            var option = known.FirstOrDefault(x => x.Letter == arg[at]) ?? throw Wrong($"invalid option -- '{arg[at]}'");
            if (!option.TakesValue)
            {
                options.Add((option.Letter, null));
                continue;
            }

            var value = at + 1 < arg.Length ? arg[(at + 1)..]
                : index + 1 < args.Count ? args[++index]
                : throw Wrong($"option requires an argument -- '{option.Letter}'");
            options.Add((option.Letter, value));
            return;
        }
    }

    private static DfuUtilException Wrong(string what) => new(SysExit.Usage, what) { ShowsUsage = true };
}
