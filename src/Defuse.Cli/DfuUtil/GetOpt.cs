namespace Defuse.Cli.DfuUtil;

/// <summary>
/// Reads a command line as POSIX's getopt and GNU's getopt_long do: short options bundled and with their value attached, long
/// ones shortened as far as they stay clear, operands anywhere, and nothing but operands after "--".
/// </summary>
internal static class GetOpt
{
    /// <param name="args">The command line.</param>
    /// <param name="known">The options that there are.</param>
    /// <param name="operands">Takes what is no option.</param>
    /// <returns>The options in their order, each with its value; what is wrong is found only when its turn comes.</returns>
    /// <exception cref="DfuUtilException">The command line is wrong.</exception>
    public static IEnumerable<(char Letter, string? Value)> Parse(
        IReadOnlyList<string> args, IReadOnlyList<CommandLineOption> known, ICollection<string> operands)
    {
        for (var i = 0; i < args.Count; i++)
        {
            var arg = args[i];
            if (arg == "--")
            {
                foreach (var operand in args.Skip(i + 1))
                {
                    operands.Add(operand);
                }

                yield break;
            }

            if (arg.StartsWith("--", StringComparison.Ordinal))
            {
                yield return Long(args, ref i, known);
            }
            else if (arg is ['-', _, ..])
            {
                for (var at = 1; at < arg.Length;)
                {
                    yield return Short(args, ref i, ref at, known);
                }
            }
            else
            {
                operands.Add(arg);
            }
        }
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

    private static (char Letter, string? Value) Short(IReadOnlyList<string> args, ref int index, ref int at, IReadOnlyList<CommandLineOption> known)
    {
        var letter = args[index][at];
        var rest = args[index][(at + 1)..];
        var option = known.FirstOrDefault(x => x.Letter == letter) ?? throw Wrong($"invalid option -- '{letter}'");
        if (!option.TakesValue)
        {
            at++;
            return (letter, null);
        }

        at = args[index].Length;
        return rest.Length > 0 ? (letter, rest)
            : index + 1 < args.Count ? (letter, args[++index])
            : throw Wrong($"option requires an argument -- '{letter}'");
    }

    private static DfuUtilException Wrong(string what) => new(SysExit.Usage, what) { ShowsUsage = true };
}
