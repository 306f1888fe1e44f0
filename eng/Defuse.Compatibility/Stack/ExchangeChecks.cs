using System.Globalization;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;

namespace Defuse.Compatibility.Stack;

/// <summary>What one tool writes another one reads, on every board with memory.</summary>
internal static class ExchangeChecks
{
    // Whole program units and blocks of every ROM; dfu-util pads nothing.
    private const int Size = 8 * 1024;
    private const int AtOnce = 4;

    public static async Task RunAsync(Checks checks)
    {
        var rows = Rows.All.Where(x => !x.TakesWholeImages && !x.IsUnsteady).ToList();
        await Parallel.ForAsync(
            0,
            rows.Count,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (i, _) => await checks.RunAsync($"{rows[i].Title}: dfu-util, pydfu's sequence and Defuse read what the others wrote", () => ExchangeAsync(rows[i], i)).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static async Task ExchangeAsync(Row row, int number)
    {
        var folder = Directory.CreateTempSubdirectory("stack");
        var stand = new Stand(row, 0, folder.FullName, number);
        await using (stand.ConfigureAwait(false))
        {
            await stand.PrepareAsync().ConfigureAwait(false);
            var path = await stand.Vhci.AttachAsync().ConfigureAwait(false);
            var file = Path.Combine(folder.FullName, "file.bin");
            var at = string.Create(CultureInfo.InvariantCulture, $"0x{stand.Address:x8}");
            var range = new AddressRange(stand.Address, Size);

            var first = Bytes(stand, 11);
            await File.WriteAllBytesAsync(file, first).ConfigureAwait(false);
            await DoAsync("dfu-util", "-p", path, "-a", "0", "-w", "-s", at, "-D", file).ConfigureAwait(false);
            Checks.That((await ReadAsync(path, range).ConfigureAwait(false)).AsSpan().SequenceEqual(first), "Defuse does not read what dfu-util wrote");

            var second = Bytes(stand, 12);
            await FlashAsync(path, range, second).ConfigureAwait(false);
            File.Delete(file);
            await DoAsync("dfu-util", "-p", path, "-a", "0", "-s", $"{at}:{Size.ToString(CultureInfo.InvariantCulture)}", "-U", file).ConfigureAwait(false);
            Checks.That((await File.ReadAllBytesAsync(file).ConfigureAwait(false)).AsSpan().SequenceEqual(second), "dfu-util does not read what Defuse wrote");

            var third = Bytes(stand, 13);
            await File.WriteAllBytesAsync(file, third).ConfigureAwait(false);
            var script = Environment.GetEnvironmentVariable("DEFUSE_PYDFU");
            if (script is { Length: > 0 })
            {
                var (exitCode, output) = await Shell.RunAsync("/usr/bin/python3", script, path, at, file).ConfigureAwait(false);
                var onChip = new byte[Size];
                stand.Board.Chip.ReadFlash(stand.Address, onChip);
                Checks.That((await ReadAsync(path, range).ConfigureAwait(false)).AsSpan().SequenceEqual(onChip), "Defuse does not read what pydfu's sequence left");
                if (exitCode != 0 || !onChip.AsSpan().SequenceEqual(third))
                {
                    Checks.Note($"{row.Title}: pydfu's sequence does not do: {(exitCode == 0 ? "it ends well, and other bytes are on the chip" : output.Trim().Split('\n')[^1])}");
                }
            }
        }

        folder.Delete(recursive: true);
    }

    private static byte[] Bytes(Stand stand, int seed)
    {
        var bytes = new byte[Size];
        new Random(seed).NextBytes(bytes);
        stand.Image.AsSpan(0, 64).CopyTo(bytes);
        return bytes;
    }

    private static async Task<byte[]> ReadAsync(string path, AddressRange range)
    {
        var target = await StackProgram.OpenAsync(path).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            var image = await new Programmer(target).ReadAsync(range, null, StackProgram.Never).ConfigureAwait(false);
            return image.Segments[0].Data.ToArray();
        }
    }

    private static async Task FlashAsync(string path, AddressRange range, byte[] bytes)
    {
        var target = await StackProgram.OpenAsync(path).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            var report = await new Programmer(target).FlashAsync(
                FirmwareImage.FromBytes(range.Start, bytes), FlashOptions.Default with { Start = false }, null, StackProgram.Never).ConfigureAwait(false);
            report.EnsureSuccess();
        }
    }

    private static async Task DoAsync(string program, params string[] arguments)
    {
        var (code, output) = await Shell.RunAsync(program, arguments).ConfigureAwait(false);
        Checks.That(code == 0, $"{program} {string.Join(' ', arguments)} ended with {code}: {output}");
    }
}
