using System.Collections.Immutable;
using System.CommandLine;
using Defuse.Cli.Help;
using Defuse.Cli.Json;
using Defuse.Cli.Output;

namespace Defuse.Cli.Commands;

/// <summary>A command that lists what is known, searches it, or shows one.</summary>
/// <typeparam name="T">What is looked up.</typeparam>
internal sealed record LookUp<T>
{
    public required string Name { get; init; }

    public required string Description { get; init; }

    /// <summary>What is searched for, in help.</summary>
    public required string Word { get; init; }

    public required string WordDescription { get; init; }

    public required ImmutableArray<(string What, string Line)> Examples { get; init; }

    /// <summary>All that a text fits; everything for a blank one.</summary>
    public required Func<string, ImmutableArray<T>> Find { get; init; }

    /// <summary>What to try where nothing fits.</summary>
    public required Func<string, string> Advice { get; init; }

    /// <summary>Prints one as JSON, if that was asked for.</summary>
    public required Action<Printer, T> Json { get; init; }

    /// <summary>One, with all there is to say.</summary>
    public required Func<T, IEnumerable<string>> Text { get; init; }

    public required string[] Columns { get; init; }

    /// <summary>One of several.</summary>
    public required Func<T, string[]> Row { get; init; }

    public Command Create(CommandRunner runner)
    {
        var common = runner.Common;
        var search = new Argument<string[]>(Word) { Description = WordDescription, Arity = ArgumentArity.ZeroOrMore };
        var command = new DocumentedCommand(Name, Description)
        {
            Group = CommandGroup.Reference,
            Arguments = { search },
            Options = { common.Json },
            Examples = Examples,
        };
        command.SetAction((parse, cancellationToken) => runner.RunAsync(
            parse, context => Task.FromResult(Run(context, string.Join(' ', parse.GetValue(search) ?? [])))));
        return command;
    }

    private ResultLine Run(CommandContext context, string text)
    {
        var found = Find(text);
        if (found.IsEmpty)
        {
            throw new UsageException($"no known {Word.ToLowerInvariant()} is '{text}'", Advice(text));
        }

        var printer = context.Printer;
        foreach (var one in found)
        {
            Json(printer, one);
        }

        if (printer.IsJson)
        {
            return context.Done();
        }

        if (found.Length > 1 || text.Length == 0)
        {
            Tables.Print(printer, Columns, [.. found.Select(Row)]);
            return context.Done();
        }

        foreach (var line in Text(found[0]))
        {
            printer.Data(line);
        }

        return context.Done();
    }
}
