using Defuse.Cli.Output;
using Defuse.Devices;
using Defuse.Formats;
using Defuse.Images;
using Defuse.Programming;

namespace Defuse.Cli;

/// <summary>The file that takes what memory held before it is erased: the one that --backup names, or one in case --keep is cut off.</summary>
internal sealed class BackupFile
{
    private readonly CommandContext _context;
    private readonly string _path;
    private readonly FirmwareFormat _format;
    private readonly bool _isRescue;
    private bool _isWritten;

    private BackupFile(CommandContext context, string path, FirmwareFormat format, bool isRescue) =>
        (_context, _path, _format, _isRescue) = (context, path, format, isRescue);

    /// <summary>The file that a person named.</summary>
    /// <exception cref="UsageException">It cannot be written, or is there: it may be the backup of an earlier try.</exception>
    public static BackupFile Named(CommandContext context, string path)
    {
        if (path == FirmwareSink.StandardOutput)
        {
            throw new UsageException("a backup goes to a file, not to stdout", "name a file");
        }

        var format = FirmwareSink.FormatOf(path, "another name");
        if (format == FirmwareFormat.Binary)
        {
            throw new UsageException(
                $"raw bytes such as {path} have no addresses: sectors that are not neighbours would be flashed back as one, over all that lies between them",
                "name the backup .dfu, .hex, .srec or .uf2");
        }

        FirmwareSink.RefuseUnwritable(path);
        return File.Exists(path)
            ? throw new UsageException(
                $"{path} is there already, and may be the backup of an earlier try", "name another file; or leave --backup out, if this one holds what is worth keeping")
            : new BackupFile(context, path, format, isRescue: false);
    }

    /// <summary>One in the folder for temporary files, for the time that kept bytes are nowhere else.</summary>
    public static BackupFile Rescue(CommandContext context) => new(
        context,
        Path.Combine(context.Environment.TemporaryFolder, $"defuse-kept-{Guid.NewGuid():N}.hex"),
        FirmwareFormat.IntelHex,
        isRescue: true);

    /// <summary>Writes it, down to the disk.</summary>
    public async ValueTask SaveAsync(FirmwareImage image, TargetDescription target, CancellationToken cancellationToken)
    {
        await FirmwareSink.SaveAsync(_context, _path, _format, image, MemoryFile.Options(target, image.Segments[0].Range), cancellationToken, isPrivate: _isRescue).ConfigureAwait(false);
        _isWritten = true;
        _context.Rescue = _path;
        if (!_isRescue)
        {
            _context.Printer.Talk($"Saved {Texts.Bytes(image.ByteCount)} that will be overwritten to {_path}.");
        }
    }

    /// <summary>Says what became of it, or removes what nobody needs any more.</summary>
    /// <returns>How to have back what was erased, where work broke off; null where nothing is lost.</returns>
    public string? Close(FlashReport report)
    {
        if (!_isWritten)
        {
            SayWhyNot(report);
            return null;
        }

        var changed = report.Ranges.Any(x => x.State is RangeState.Blank or RangeState.Indeterminate or RangeState.Written or RangeState.Different);
        if (_isRescue && (report.Outcome == FlashOutcome.Verified || !changed))
        {
            File.Delete(_path);
            _context.Rescue = null;
        }
        else if (_isRescue && report.IsSuccess)
        {
            _context.Printer.Warning($"what was written back was not read back: what the erased sectors held stays in {_path}");
        }
        else if (!report.IsSuccess && changed)
        {
            _context.Printer.Warning($"what was overwritten is in {_path}");
            return $"flash {_path} first, which has what was overwritten; then run the same command again{(_isRescue ? "" : " without --backup")}";
        }

        return null;
    }

    private void SayWhyNot(FlashReport report)
    {
        if (_isRescue || !report.IsSuccess)
        {
            return;
        }

        _context.Printer.Talk(report is { BytesWritten: 0, SectorsErased: 0 }
            ? $"Nothing was overwritten, and {_path} was not written."
            : $"There was nothing to save, and {_path} was not written.");
    }
}
