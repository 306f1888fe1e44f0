using System.CommandLine.Parsing;

namespace Defuse.Cli;

/// <summary>A file as commands take it that take several: FILE, or FILE@ADDRESS for raw bytes.</summary>
/// <param name="Path">The file, or - for stdin.</param>
/// <param name="Address">Where its first byte belongs, if that was said.</param>
internal sealed record FirmwareInput(string Path, uint? Address)
{
    /// <summary>What messages call it.</summary>
    public string Name => FirmwareSource.NameOf(Path);

    /// <exception cref="UsageException">What follows the @ is no address.</exception>
    public static FirmwareInput Parse(string text)
    {
        var at = text.LastIndexOf('@');
        if (at <= 0 || System.IO.Path.Exists(text))
        {
            return new(text, null);
        }

        var (path, number) = (text[..at], text[(at + 1)..]);
        return Numbers.TryParseAddress(number, out var address) ? new(path, address)
            : path == FirmwareSource.StandardInput || System.IO.Path.Exists(path)
                ? throw new UsageException($"'{number}' is no address", $"{Numbers.Advise(number, "0x08000000").TrimEnd('.')}, behind the @ of {text}")
            : new(text, null);
    }

    /// <summary>Refuses options that do not exist, which a list of files takes in, and stdin twice.</summary>
    public static void Validate(CommandResult result, IEnumerable<string?> texts)
    {
        var known = texts.OfType<string>().ToList();
        foreach (var text in known.Where(x => x is ['-', not '@', ..]))
        {
            var likely = Spelling.Nearest(text, result.Command.Options.Select(x => x.Name));
            result.AddError($"There is no option '{text}'{(likely is null ? "" : $", did you mean {likely}?")}");
        }

        if (known.Count(x => x == FirmwareSource.StandardInput || x.StartsWith(FirmwareSource.StandardInput + "@", StringComparison.Ordinal)) > 1)
        {
            result.AddError("Stdin can be read once only: give - once.");
        }
    }
}
