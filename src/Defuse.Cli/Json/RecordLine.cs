using System.Globalization;
using System.Text.Json.Serialization;
using Defuse.Cli.Output;
using Defuse.Gangs;

namespace Defuse.Cli.Json;

/// <summary>What became of one of several boards.</summary>
internal sealed record RecordLine() : JsonLine("record")
{
    /// <summary>Its address, which names the port.</summary>
    public required string Board { get; init; }

    public string? Name { get; init; }

    public string? UsbId { get; init; }

    public string? SerialNumber { get; init; }

    public string? Chip { get; init; }

    public required string? File { get; init; }

    /// <summary>The SHA-256 of the file as it was read, in lower case.</summary>
    public required string? Sha256 { get; init; }

    /// <summary>When it was begun, in UTC.</summary>
    public string? Began { get; init; }

    public required string Outcome { get; init; }

    /// <summary>What the process would end with, were it the only board.</summary>
    public required int ExitCode { get; init; }

    public long BytesWritten { get; init; }

    public long BytesVerified { get; init; }

    public int SectorsErased { get; init; }

    public int? Retries { get; init; }

    public bool Started { get; init; }

    public JsonRange[] Ranges { get; init; } = [];

    /// <summary>How long the work took, on <see cref="Clock"/>.</summary>
    public double Seconds { get; init; }

    /// <summary>wall; or board, of a simulated one, whose time need not pass as ours does.</summary>
    public required string Clock { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public JsonError? Error { get; init; }

    public string[] Warnings { get; init; } = [];

    /// <param name="record">What became of it.</param>
    /// <param name="work">Its own context.</param>
    /// <param name="wayBack">How to have back what was overwritten, where that has to come first.</param>
    /// <param name="whole">The command's context.</param>
    public static RecordLine Of(BoardRecord record, CommandContext work, string? wayBack, CommandContext whole)
    {
        var outcome = BoardOutcome.Of(record);
        var report = record.Report;

        // Work that ended without a report may have begun all the same.
        var known = report is null && record.Target is not null ? work.Abandoned() : null;
        return new RecordLine
        {
            Board = whole.NameOf(record.Board.Address),
            Name = record.Target?.Name ?? record.Board.Name,
            UsbId = record.Target is { VendorId: { } vendor, ProductId: { } product } ? $"{vendor:x4}:{product:x4}" : record.Board.UsbId,
            SerialNumber = record.SerialNumber,
            Chip = record.Target?.ChipName,
            File = whole.File,
            Sha256 = whole.FileHash,
            Began = record.Began.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
            Outcome = outcome.Outcome,
            ExitCode = outcome.ExitCode,
            BytesWritten = report?.BytesWritten ?? known?.BytesWritten ?? 0,
            BytesVerified = report?.BytesVerified ?? known?.BytesVerified ?? 0,
            SectorsErased = report?.SectorsErased ?? known?.SectorsErased ?? 0,
            Retries = report is { Retries: > 0 and var retries } ? retries : null,
            Started = report?.Started is not null,
            Ranges = [.. report?.Ranges.Select(x => JsonRange.Of(x.Range, Texts.Word(x.State))) ?? known?.Ranges ?? []],
            Clock = ClockOf(record.Board.Address.Scheme),
            Seconds = Math.Round(report?.Elapsed.TotalSeconds ?? 0, 3),
            Error = outcome.Failure is { } failure ? JsonError.Of(failure.With(wayBack)) : null,
            Warnings = [.. work.Printer.Warnings],
        };
    }

    private static string ClockOf(string scheme) => scheme is "sim" or "replay" ? "board" : "wall";

    /// <summary>Of a board whose work is not waited for.</summary>
    public static RecordLine OfAbandoned(string board, CommandContext work, CommandContext whole)
    {
        var known = work.Abandoned();
        return new RecordLine
        {
            Board = board,
            SerialNumber = work.Device?.SerialNumber,
            Chip = work.Device?.ChipName,
            File = whole.File,
            Sha256 = whole.FileHash,
            Outcome = known.Outcome,
            ExitCode = known.ExitCode,
            BytesWritten = known.BytesWritten ?? 0,
            BytesVerified = known.BytesVerified ?? 0,
            SectorsErased = known.SectorsErased ?? 0,
            Ranges = known.Ranges ?? [],
            Clock = ClockOf(board.Split(':')[0]),
            Warnings = known.Warnings,
        };
    }
}
