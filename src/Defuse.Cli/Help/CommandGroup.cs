namespace Defuse.Cli.Help;

/// <summary>Under which heading the program's help lists a command.</summary>
internal enum CommandGroup
{
    /// <summary>What works with a board.</summary>
    Boards,

    /// <summary>What works with files alone.</summary>
    Files,

    /// <summary>What tells what is known, of chips and boards that nobody has connected.</summary>
    Reference,

    /// <summary>The rest.</summary>
    Others,
}
