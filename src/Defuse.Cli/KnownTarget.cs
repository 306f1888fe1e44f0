using System.CommandLine.Parsing;
using Defuse.Devices;
using Defuse.Inspection;

namespace Defuse.Cli;

/// <summary>A board or chip that somebody named, connected or not.</summary>
/// <param name="Target">What is known of it.</param>
/// <param name="Bootloader">Where the board keeps its bootloader, if it is sold with one.</param>
internal sealed record KnownTarget(TargetDescription Target, BootloaderArea? Bootloader = null)
{
    private const int MostNames = 8;

    /// <summary>For an option's parser: adds an error where nothing, or more than one thing, has the name.</summary>
    public static KnownTarget? Parse(ArgumentResult result, Func<string, KnownTarget> find)
    {
        try
        {
            return find(result.Tokens[0].Value);
        }
        catch (UsageException e)
        {
            return CommonOptions.Fail<KnownTarget>(result, $"{e.Message}; {e.Remedy}.");
        }
    }

    /// <exception cref="UsageException">No known board has that name, or several.</exception>
    public static KnownTarget OfBoard(string name)
    {
        var found = BoardDatabase.Default.Find(name);
        if (found is not [var board])
        {
            throw Unclear(name, "board", [.. found.Select(x => x.Name)]);
        }

        var bootloader = board.Bootloaders is [var first, ..] ? new BootloaderArea(first.Range, first.Name) : null;
        return new KnownTarget(board.ToTarget(ChipDatabase.Default), bootloader);
    }

    /// <exception cref="UsageException">No known chip has that name, or several.</exception>
    public static KnownTarget OfChip(string name)
    {
        var found = ChipDatabase.Default.Find(name);
        if (found is not [var match])
        {
            throw Unclear(name, "chip", [.. found.Select(x => x.Chip.Name)]);
        }

        var layout = match.FlashBytes is { } size ? match.Chip.Layouts.FirstOrDefault(x => x.ByteCount == size) : null;
        return new KnownTarget(match.Chip.ToTarget(layout, match.Part));
    }

    private static UsageException Unclear(string name, string what, string[] found)
    {
        if (found.Length == 0)
        {
            return new UsageException($"no known {what} is '{name}'", $"defuse {what}s lists them");
        }

        var more = found.Length > MostNames ? $" and {found.Length - MostNames} more" : "";
        return new UsageException($"'{name}' may be {string.Join(", ", found.Take(MostNames))}{more}", $"say which {what}");
    }
}
