using System.Diagnostics;
using System.Globalization;
using Defuse.Formats;

namespace Defuse.Bench;

/// <summary>One conversion in a process of its own, as the other programs do it, to see its first call and its peak memory.</summary>
internal static class Conversion
{
    public const uint Address = 0x0800_0000;

    /// <summary>Converts a file and prints how long that took, in milliseconds.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var started = Stopwatch.GetTimestamp();
        var format = Enum.Parse<FirmwareFormat>(args[2]);
        FirmwareFile file;
        await using (var input = Open(args[0]))
        {
            file = await FirmwareFile.ReadAsync(input);
        }

        await using (var output = Create(args[1]))
        {
            await FirmwareFile.WriteAsync(output, format, file.NeedsAddress ? file.At(Address).Image : file.Image);
        }

        Console.WriteLine(Stopwatch.GetElapsedTime(started).TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
        return 0;
    }

    public static FileStream Open(string path) => new(path, new FileStreamOptions { BufferSize = 0 });

    public static FileStream Create(string path) =>
        new(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 });
}
