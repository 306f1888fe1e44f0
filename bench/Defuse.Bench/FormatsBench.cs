using System.Diagnostics;
using System.Globalization;
using System.Text;
using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Bench;

/// <summary>Each format read and written here, and the same conversions by programs that others use.</summary>
internal static class FormatsBench
{
    public static async Task<int> RunAsync(int size, int runs)
    {
        var folder = Directory.CreateTempSubdirectory("defuse-bench-").FullName;
        try
        {
            var image = FirmwareImage.FromBytes(Conversion.Address, Bytes(size));
            Print($"{size >> 20} MiB of random bytes, records of 16 bytes; minimum of {runs} runs; Release: {!IsDebug()}");
            Print("");
            await InProcessAsync(image, folder, runs);
            Print("");
            await AsProcessesAsync(image, folder, runs);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task InProcessAsync(FirmwareImage image, string folder, int runs)
    {
        Print("In process, ms            parse   read file       write  write file");
        foreach (var format in BenchFormat.All)
        {
            var path = System.IO.Path.Combine(folder, "image." + format.Name);
            await File.WriteAllBytesAsync(path, Bytes(image, format));
            var bytes = await File.ReadAllBytesAsync(path);
            var parse = await MinimumAsync(runs, () =>
            {
                Check(FirmwareFile.Parse(bytes), image);
                return Task.CompletedTask;
            });
            var read = await MinimumAsync(runs, async () =>
            {
                await using var stream = Conversion.Open(path);
                Check(await FirmwareFile.ReadAsync(stream), image);
            });
            double? write = null;
            double? writeFile = null;
            if (format.IsWritten)
            {
                write = await MinimumAsync(runs, () =>
                {
                    FirmwareFile.Write(format.Format, image);
                    return Task.CompletedTask;
                });
                writeFile = await MinimumAsync(runs, async () =>
                {
                    await using var stream = Conversion.Create(path);
                    await FirmwareFile.WriteAsync(stream, format.Format, image);
                });
            }

            Print($"  {format.Name,-12}{parse,17:F1}{read,12:F1}{Cell(write, 12)}{Cell(writeFile, 12)}");
        }
    }

    private static async Task AsProcessesAsync(FirmwareImage image, string folder, int runs)
    {
        var peers = new[] { Peer.Defuse, Peer.Objcopy, Peer.SrecCat };
        foreach (var missing in peers.Where(x => x.Path is null))
        {
            Print($"{missing.Name} is not installed, and left out");
        }

        peers = [.. peers.Where(x => x.Path is not null)];
        var bin = BenchFormat.All.Single(x => x.Format == FirmwareFormat.Binary);
        var startUp = await StartUpAsync(peers, folder, bin, runs);
        Print("As processes, file to file, ms: whole, and less the start-up (the same of 16 bytes), which is:");
        Print("  " + string.Join(", ", peers.Select(x => $"{x.Name} {startUp[x]:F0}")));
        Print("                      whole  less start-up  its own clock  times defuse's  peak / image");
        foreach (var (from, to) in BenchFormat.All.Where(x => x != bin).SelectMany(x => new[] { (x, bin), (bin, x) }))
        {
            var input = System.IO.Path.Combine(folder, "in." + from.Name);
            await File.WriteAllBytesAsync(input, Bytes(image, from));
            double? ours = null;
            foreach (var peer in peers)
            {
                if (peer.Arguments(input, from, System.IO.Path.Combine(folder, "out." + to.Name), to) is not { } arguments)
                {
                    continue;
                }

                var (whole, inside) = (double.MaxValue, double.MaxValue);
                for (var i = 0; i < runs; i++)
                {
                    var (elapsed, output, _) = await peer.RunAsync(arguments);
                    whole = Math.Min(whole, elapsed);
                    inside = Math.Min(inside, double.TryParse(output, CultureInfo.InvariantCulture, out var said) ? said : double.MaxValue);
                }

                var work = whole - startUp[peer];
                ours ??= work;
                var own = inside < double.MaxValue ? (double?)inside : null;
                var peak = (double)await peer.PeakAsync(arguments) / image.ByteCount;
                Print($"  {from.Name + " to " + to.Name,-14}{peer.Name,-9}{whole,4:F0}{work,15:F0}{Cell(own, 15)}{work / ours,16:F1}{peak,14:F1}");
            }
        }
    }

    private static async Task<Dictionary<Peer, double>> StartUpAsync(Peer[] peers, string folder, BenchFormat bin, int runs)
    {
        var input = System.IO.Path.Combine(folder, "small.bin");
        await File.WriteAllBytesAsync(input, Bytes(16));
        var minima = new Dictionary<Peer, double>();
        foreach (var peer in peers)
        {
            var arguments = peer.Arguments(input, bin, System.IO.Path.Combine(folder, "small.hex"), BenchFormat.All[0])!;
            minima[peer] = await MinimumAsync(runs, () => peer.RunAsync(arguments));
        }

        return minima;
    }

    private static async Task<double> MinimumAsync(int runs, Func<Task> work)
    {
        var minimum = double.MaxValue;
        for (var i = 0; i < runs; i++)
        {
            // What an earlier run left is not collected at this one's cost.
            GC.Collect();
            var started = Stopwatch.GetTimestamp();
            await work();
            minimum = Math.Min(minimum, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return minimum;
    }

    private static void Check(FirmwareFile file, FirmwareImage image)
    {
        if (file.Image.ByteCount != image.ByteCount)
        {
            throw new InvalidOperationException("It was read wrongly.");
        }
    }

    private static byte[] Bytes(FirmwareImage image, BenchFormat format) =>
        format.IsWritten ? FirmwareFile.Write(format.Format, image) : TiText(image);

    private static byte[] TiText(FirmwareImage image)
    {
        var text = new StringBuilder();
        foreach (var segment in image.Segments)
        {
            text.Append(CultureInfo.InvariantCulture, $"@{segment.Range.Start:X}\n");
            foreach (var line in segment.Data.ToArray().Chunk(16))
            {
                text.Append(BitConverter.ToString(line).Replace('-', ' ')).Append(" \n");
            }
        }

        return Encoding.ASCII.GetBytes(text.Append("q\n").ToString());
    }

    private static byte[] Bytes(int size)
    {
        var bytes = new byte[size];
        new Random(16).NextBytes(bytes);
        return bytes;
    }

    private static string Cell(double? value, int width) =>
        (value is null ? "-" : value.Value.ToString("F1", CultureInfo.InvariantCulture)).PadLeft(width);

    private static bool IsDebug() =>
        typeof(FirmwareFile).Assembly.GetCustomAttributes(typeof(DebuggableAttribute), inherit: false) is [DebuggableAttribute { IsJITOptimizerDisabled: true }];

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private static void Print(string text) => Console.WriteLine(text);
}
