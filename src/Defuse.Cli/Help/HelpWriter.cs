using System.CommandLine;
using System.CommandLine.Help;

namespace Defuse.Cli.Help;

/// <summary>Writes a command's help as plain text.</summary>
internal sealed class HelpWriter(TextWriter writer, int width)
{
    private const string Program = "defuse";
    private const int WidestLabel = 30;

    public void Write(Command command)
    {
        WriteWrapped(command.Description ?? "", "");
        writer.WriteLine();
        writer.WriteLine($"Usage: {Usage(command)}");
        WriteCommands([.. command.Subcommands.OfType<DocumentedCommand>()]);
        WriteSection("Arguments:", [.. command.Arguments.Where(x => !x.Hidden).Select(x => (ArgumentLabel(x), x.Description ?? ""))]);
        WriteSection("Options:", [.. OptionsOf(command).Select(x => (Label(x), x.Description ?? ""))]);
        if (command is DocumentedCommand documented)
        {
            WriteNotes(documented.Notes?.Invoke() ?? []);
            WriteExamples(documented.Examples);
        }
        else
        {
            WriteNotes(RootHelp.Notes);
            WriteExamples(RootHelp.Examples);
        }
    }

    // The groups share a column, so that they read as one list.
    private void WriteCommands(List<DocumentedCommand> commands)
    {
        var widest = commands.Count == 0 ? 0 : commands.Max(x => Label(x).Length);
        foreach (var group in commands.GroupBy(x => x.Group).OrderBy(x => x.Key))
        {
            WriteSection(RootHelp.Title(group.Key), [.. group.Select(x => (Label(x), x.Description ?? ""))], widest);
        }
    }

    private void WriteSection(string title, List<(string Label, string Text)> rows, int? widest = null)
    {
        if (rows.Count == 0)
        {
            return;
        }

        writer.WriteLine();
        writer.WriteLine(title);
        var column = Math.Min(WidestLabel, widest ?? rows.Max(x => x.Label.Length)) + 4;
        foreach (var (label, text) in rows)
        {
            var indent = new string(' ', column);
            var first = "  " + label;
            if (first.Length > column - 2)
            {
                writer.WriteLine(first);
                first = "";
            }

            WriteWrapped(text, indent, first.PadRight(column));
        }
    }

    private void WriteNotes(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            writer.WriteLine(line);
        }
    }

    private void WriteExamples(IEnumerable<(string What, string Line)> examples)
    {
        writer.WriteLine();
        writer.WriteLine("Examples:");
        foreach (var (what, line) in examples)
        {
            writer.WriteLine($"  # {what}");
            writer.WriteLine($"  {line}");
        }
    }

    private void WriteWrapped(string text, string indent, string? first = null)
    {
        var line = first ?? indent;
        var isEmpty = true;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!isEmpty && line.Length + 1 + word.Length > width)
            {
                writer.WriteLine(line);
                line = indent;
                isEmpty = true;
            }

            line += isEmpty ? word : " " + word;
            isEmpty = false;
        }

        writer.WriteLine(line);
    }

    private static string Usage(Command command)
    {
        var name = command is RootCommand ? Program : $"{Program} {command.Name}";
        var arguments = string.Concat(command.Arguments.Select(x => " " + ArgumentLabel(x)));
        return command.Subcommands.Count > 0 ? $"{name} COMMAND [options]" : $"{name}{arguments} [options]";
    }

    private static string Label(Command command) => command.Name + string.Concat(command.Arguments.Select(x => " " + ArgumentLabel(x)));

    private static string ArgumentLabel(Argument argument) => (argument.HelpName ?? argument.Name) + (argument.Arity.MaximumNumberOfValues > 1 ? "..." : "");

    private static string Label(Option option)
    {
        var shortName = option.Aliases.FirstOrDefault(x => x.Length == 2) is { } alias ? $"{alias}, " : "    ";
        var value = option.HelpName is { } name ? $" {name}" : "";
        return $"{shortName}{option.Name}{value}";
    }

    // The command's own options first, then those that every command has, help last.
    private static IEnumerable<Option> OptionsOf(Command command)
    {
        var inherited = command is RootCommand ? [] : command.Parents.OfType<Command>().SelectMany(x => x.Options).Where(x => x.Recursive);
        return command.Options.Concat(inherited).Where(x => !x.Hidden).Distinct().OrderBy(x => x is HelpOption);
    }
}
