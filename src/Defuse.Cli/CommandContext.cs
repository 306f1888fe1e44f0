using System.Collections.Concurrent;
using System.Collections.Immutable;
using Defuse.Cli.Json;
using Defuse.Cli.Live;
using Defuse.Cli.Output;
using Defuse.Connections;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Programming;

namespace Defuse.Cli;

/// <summary>One run of one command, and what its result line will say.</summary>
internal sealed class CommandContext(string command, CliEnvironment environment, Printer printer)
{
    public string Command => command;

    public CliEnvironment Environment => environment;

    public Printer Printer => printer;

    /// <summary>Takes the library's log.</summary>
    public PrinterLog Log { get; } = new(printer);

    /// <summary>What is known of the board's memory so far.</summary>
    public KnownState Known { get; } = new();

    /// <summary>The catalogue that boards are opened from, once there is one.</summary>
    public BoardCatalog? Catalog { get; set; }

    /// <summary>Takes the trace of every transfer, where one is wanted.</summary>
    public TraceOptions? Trace { get; set; }

    /// <summary>The file that it is about, once that is known.</summary>
    public string? File { get; set; }

    /// <summary>Whether the file's hash is wanted: what computes it takes its time to load.</summary>
    public bool WantsFileHash { get; set; }

    /// <summary>The SHA-256 of the file, where it is wanted and the file was read.</summary>
    public string? FileHash { get; set; }

    /// <summary>How the user called boards, where several are worked on.</summary>
    public IReadOnlyDictionary<ConnectionAddress, string> Names { get; set; } = ImmutableDictionary<ConnectionAddress, string>.Empty;

    /// <summary>What became of them so far; null where there is only one.</summary>
    public BoardTally? Boards { get; set; }

    /// <summary>Held while a board's record is told and the board is taken from <see cref="AtWork"/>: it has one record only.</summary>
    public Lock Telling { get; } = new();

    /// <summary>Those of the boards, where several are worked on at the same time.</summary>
    public ConcurrentDictionary<string, CommandContext> AtWork { get; } = new(StringComparer.Ordinal);

    /// <summary>Which of several files is being opened, for what may go wrong there.</summary>
    public string? Input { get; set; }

    /// <summary>Where what was to be kept was saved to, while it is nowhere else.</summary>
    public string? Rescue { get; set; }

    /// <summary>What a capture erases and writes, from when it begins to until it is whole.</summary>
    public ImmutableArray<AddressRange> Scratch { get; set; } = [];

    /// <summary>What a person is told of <see cref="Scratch"/>; null where there is none.</summary>
    public string? ScratchText => Scratch.IsEmpty ? null : $"{string.Join(" and ", Scratch)} may hold anything: it was being erased and written";

    /// <summary>The device that it is about, once that is known.</summary>
    public TargetDescription? Device { get; set; }

    /// <summary>Whether a program was asked for its bootloader on the way.</summary>
    public bool AskedProgram { get; set; }

    /// <summary>Whether a board was taken from its program to its bootloader on the way.</summary>
    public bool LeftProgram { get; set; }

    /// <summary>What to say of a board that stays in the bootloader which it was taken to; null where there is none, or other advice comes first.</summary>
    /// <param name="line">What became of the work.</param>
    public string? StaysInBootloader(ResultLine line) =>
        LeftProgram && Device is { } device && line is { Started: not true, SectorsErased: not > 0, BytesWritten: not > 0 }
            && !device.Address.StartsWith(Cli.Boards.SimulatorScheme + ":", StringComparison.Ordinal)
            ? $"{device.Address} stays in DFU mode; defuse start --device {device.Address} runs its program again."
            : null;

    /// <summary>The end of something with nothing to prove.</summary>
    public ResultLine Done() => Line("done", ExitCode.Done, null);

    public ResultLine Failed(Failure failure) =>
        Line(failure.Outcome, failure.ExitCode, failure.ExitCode == ExitCode.Cancelled ? null : failure);

    /// <summary>The end of what is not waited for.</summary>
    public ResultLine Abandoned() => Known.Fill(Line("cancelled", ExitCode.Cancelled, null));

    /// <summary>A board as the user calls it.</summary>
    public string NameOf(ConnectionAddress board) => Names.GetValueOrDefault(board) ?? board.ToString();

    /// <summary>The end of work on a board.</summary>
    /// <param name="report">What was done.</param>
    /// <param name="wayBack">How to have back what was overwritten, where that has to come first.</param>
    public ResultLine Ended(FlashReport report, string? wayBack = null)
    {
        foreach (var warning in report.Warnings)
        {
            printer.Warning(warning);
        }

        var line = Line(Texts.Word(report.Outcome), ExitCode.Of(report.Outcome), report.Error is { } error ? Failure.Of(error).With(wayBack) : null);
        return line with
        {
            BytesWritten = report.BytesWritten,
            Retries = report.Retries > 0 ? report.Retries : null,
            BytesVerified = report.BytesVerified,
            SectorsErased = report.SectorsErased,
            Started = report.Started is not null,
            Ranges = [.. report.Ranges.Select(x => JsonRange.Of(x.Range, Texts.Word(x.State)))],
            Seconds = Math.Round(report.Elapsed.TotalSeconds, 3),
        };
    }

    private ResultLine Line(string outcome, int exitCode, Failure? error)
    {
        var line = Bare(outcome, exitCode, error);
        line = command is "flash" or "verify" or "erase" or "unprotect"
            ? line with { BytesWritten = 0, BytesVerified = 0, SectorsErased = 0, Ranges = [], Seconds = 0 }
            : line;
        return Boards?.Fill(line) ?? line;
    }

    private ResultLine Bare(string outcome, int exitCode, Failure? error) => new()
    {
        Command = command,
        Outcome = outcome,
        ExitCode = exitCode,
        Error = error is null ? null : JsonError.Of(error),
        Warnings = [.. printer.Warnings],
        Device = Device is { } device ? JsonDevice.Of(device) : null,
        File = File,
        Ranges = Scratch.IsEmpty ? null : [.. Scratch.Select(x => JsonRange.Of(x, Texts.Word(RangeState.Indeterminate)))],
    };
}
