namespace Defuse.Cli.DfuUtil;

/// <summary>An option of a command line in the manner of getopt_long.</summary>
/// <param name="Letter">Its short form.</param>
/// <param name="TakesValue">Whether a value follows it.</param>
/// <param name="Names">Its long forms.</param>
internal sealed record CommandLineOption(char Letter, bool TakesValue, params string[] Names);
