using System.Globalization;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Programming;
using Defuse.Targets;

namespace Defuse.Cli.DfuUtil;

/// <summary>-U: from a device's memory into a file.</summary>
internal sealed class DfuUtilUpload(DfuUtilConsole console, ITarget target, byte alternate, string name, DfuSeModifiers modifiers)
{
    private const long UsualLength = 16 * 1024;

    /// <exception cref="DfuUtilException">It was not done.</exception>
    /// <exception cref="DefuseException">The device failed, or refused.</exception>
    public async Task RunAsync(string path, CancellationToken cancellationToken)
    {
        var file = Create(path);
        await using var closing = file.ConfigureAwait(false);
        var isWhole = false;
        try
        {
            await RunAsync(file, cancellationToken).ConfigureAwait(false);
            isWhole = true;
        }
        finally
        {
            if (!isWhole)
            {
                // A file that is there is a whole one.
                File.Delete(path);
            }
        }
    }

    private async Task RunAsync(FileStream file, CancellationToken cancellationToken)
    {
        if (target is IImageSink)
        {
            throw new DfuUtilException(
                SysExit.InputOutput, "Defuse reads no image back from a device without DfuSe's memory layout", "dfu-util itself may be able to");
        }

        var range = Range(target.Description.Memory.Regions.FirstOrDefault(x => x.AlternateSetting == alternate));
        var bar = new ProgressBar(console, "Upload", range.Length);
        bar.Report(0);
        var image = await new Programmer(target).ReadAsync(range, new PhaseBar(bar, ProgrammingPhase.Read), cancellationToken).ConfigureAwait(false);
        foreach (var segment in image.Segments)
        {
            await file.WriteAsync(segment.Data, cancellationToken).ConfigureAwait(false);
        }

        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
        bar.Finish();
    }

    // Never over a file that is there: it may be the only copy of what was read before.
    private static FileStream Create(string path)
    {
        try
        {
            return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete);
        }
        catch (IOException) when (File.Exists(path) || Directory.Exists(path))
        {
            throw Cannot(path, "File exists");
        }
        catch (Exception e) when (e is DirectoryNotFoundException or ArgumentException)
        {
            throw Cannot(path, "No such file or directory");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Cannot(path, Directory.Exists(path) ? "File exists" : e.Message.TrimEnd('.'));
        }
    }

    private static DfuUtilException Cannot(string path, string why) => new(SysExit.CannotCreate, $"Cannot open file {path} for writing: {why}");

    private AddressRange Range(MemoryRegion? region)
    {
        if (region is null)
        {
            throw new DfuUtilException(SysExit.InputOutput, string.Create(CultureInfo.InvariantCulture, $"Failed to parse memory layout for alternate interface {alternate}"));
        }

        if (modifiers.Address is not { } address)
        {
            return FromStart(region);
        }

        if (name is ['@', ..])
        {
            console.Line($"DfuSe interface name: \"{name[1..].Split('/')[0]}\"");
        }

        var run = region.Runs.Where(x => x.Range.Contains(address) && x.Access.HasFlag(SectorAccess.Readable)).Select(x => (SectorRun?)x).FirstOrDefault()
            ?? throw new DfuUtilException(SysExit.Usage, string.Create(CultureInfo.InvariantCulture, $"Page at 0x{address:x8} is not readable"));

        // Without a length, what is asked for ends with the sectors of one size; with one, with the memory.
        var rest = (modifiers.Length is null ? run.Range.End : EndOfMemory(region, run)) - address;
        if (modifiers.Length is { } length && length <= rest)
        {
            return new AddressRange(address, length);
        }

        console.Line(string.Create(CultureInfo.InvariantCulture, $"Limiting upload to end of memory segment, {rest} bytes"));
        return new AddressRange(address, rest);
    }

    private AddressRange FromStart(MemoryRegion region)
    {
        if (modifiers.Length is null)
        {
            console.Error("Unbound upload not supported on DfuSe devices");
        }

        var wanted = modifiers.Length ?? UsualLength;
        console.Line(string.Create(CultureInfo.InvariantCulture, $"Limiting default upload to {wanted} bytes"));
        return new AddressRange(region.Start, Math.Min(wanted, EndOfMemory(region, region.Runs[0]) - region.Start));
    }

    private static long EndOfMemory(MemoryRegion region, SectorRun first)
    {
        var end = first.Range.End;
        while (end <= uint.MaxValue && region.FindSector((uint)end) is { } next)
        {
            end = next.Range.End;
        }

        return end;
    }
}
