using System.Collections.Immutable;
using System.Globalization;
using Defuse.Cli.Output;
using Defuse.Connections;
using Defuse.Diagnostics;
using Defuse.Entering;
using Defuse.Formats;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;

namespace Defuse.Cli;

/// <summary>An exception as the command line tells of it.</summary>
/// <param name="ExitCode">What the process ends with.</param>
/// <param name="Outcome">The word for it in a result line.</param>
/// <param name="Kind">What sort of trouble it is, for programs.</param>
/// <param name="Reason">What happened.</param>
/// <param name="Address">The memory address that it happened at.</param>
/// <param name="Remedy">What a person can do.</param>
internal sealed record Failure(int ExitCode, string Outcome, string Kind, string Reason, uint? Address, string? Remedy)
{
    private const string FailedOutcome = "failed";

    private static readonly ImmutableArray<string> Repeats = ["run the same command again", "and run the same command again", "and repeat"];

    public static Failure Of(Exception exception) => exception switch
    {
        OperationCanceledException => new(Cli.ExitCode.Cancelled, "cancelled", "cancelled", "cancelled", null, null),
        DefuseException e => Of(e),
        IOException or UnauthorizedAccessException => new(Cli.ExitCode.Failed, FailedOutcome, "file", exception.Message, null, null),
        _ => new(
            Cli.ExitCode.Failed,
            FailedOutcome,
            "internal",
            $"this is a mistake in defuse itself: {exception.GetType().Name}: {exception.Message}",
            null,
            "please report it, with what the same command prints with -v"),
    };

    /// <summary>The same, where what was overwritten has to be brought back before anything is repeated.</summary>
    /// <param name="wayBack">How; null where nothing was lost.</param>
    public Failure With(string? wayBack)
    {
        if (wayBack is null)
        {
            return this;
        }

        // To repeat it at once would lose for good what was to be kept.
        var repeat = Repeats.Select(x => Remedy?.IndexOf(x, StringComparison.Ordinal) ?? -1).Where(x => x >= 0).DefaultIfEmpty(Remedy?.Length ?? 0).Min();
        var rest = Remedy?[..repeat].TrimEnd(' ', ',', ';');
        return this with { Remedy = string.IsNullOrEmpty(rest) ? wayBack : $"{rest}; then {wayBack}" };
    }

    private static Failure Of(DefuseException e)
    {
        var (exitCode, outcome, kind) = e switch
        {
            UsageException { InnerException: AddressNeededException } => (Cli.ExitCode.Usage, FailedOutcome, "address-needed"),
            UsageException => (Cli.ExitCode.Usage, FailedOutcome, "usage"),
            AddressNeededException => (Cli.ExitCode.Usage, FailedOutcome, "address-needed"),
            FirmwareFormatException or HostInventoryFormatException => (Cli.ExitCode.Refused, "refused", "format"),
            ImageConflictException => (Cli.ExitCode.Refused, "refused", "conflict"),
            PlanRefusedException refused => (Cli.ExitCode.Refused, "refused", refused.Refusals[0].Kind.ToString().ToLower(CultureInfo.InvariantCulture)),
            ConnectionException connection => Of(connection.Failure),
            EntryException => (Cli.ExitCode.CannotOpen, FailedOutcome, "no-entry"),
            MendingException mending => (mending.IsRefusal ? Cli.ExitCode.Refused : Cli.ExitCode.Failed, mending.IsRefusal ? "refused" : FailedOutcome, "mending"),
            VerificationException => (Cli.ExitCode.Differs, "differs", "differs"),
            TransportException => (Cli.ExitCode.Failed, FailedOutcome, "transport"),
            DeviceRefusedException => (Cli.ExitCode.Failed, FailedOutcome, "device"),
            _ => (Cli.ExitCode.Failed, FailedOutcome, "other"),
        };
        return new(exitCode, outcome, kind, ReasonOf(e), e.Address, RemedyOf(e));
    }

    private static string ReasonOf(DefuseException e) => e is VerificationException { Difference.Count: >= 1000 and var count }
        ? e.Message.Replace(count.ToString(CultureInfo.InvariantCulture) + " bytes", Texts.Bytes(count), StringComparison.Ordinal)
        : e.Message;

    // The library knows of no options.
    private static string? RemedyOf(DefuseException e) => e switch
    {
        FirmwareFormatException { Kind: FirmwareFormatErrorKind.Crc } => Or(e.Remedy, "crc"),
        FirmwareFormatException { Kind: FirmwareFormatErrorKind.Eof } => Or(e.Remedy, "eof"),
        FirmwareFormatException { Kind: FirmwareFormatErrorKind.Trailing } => Or(e.Remedy, "trailing"),
        FirmwareFormatException { Kind: FirmwareFormatErrorKind.Content } => Or(e.Remedy, "image"),
        TransportException => e.Remedy ?? "plug the board in again with BOOT0 high, and run the same command again",
        _ => e.Remedy,
    };

    private static string Or(string? remedy, string word) =>
        remedy is null ? $"take it all the same with --allow {word}" : $"{remedy}, or take it all the same with --allow {word}";

    private static (int ExitCode, string Outcome, string Kind) Of(ConnectionFailure failure) => failure switch
    {
        ConnectionFailure.BadAddress => (Cli.ExitCode.Usage, FailedOutcome, "usage"),
        ConnectionFailure.NoDevice => (Cli.ExitCode.NoDevice, FailedOutcome, "no-device"),
        ConnectionFailure.SeveralDevices => (Cli.ExitCode.NoDevice, FailedOutcome, "several-devices"),
        _ => (Cli.ExitCode.CannotOpen, FailedOutcome, "cannot-open"),
    };
}
