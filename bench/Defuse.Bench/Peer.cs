using System.Diagnostics;
using System.Globalization;

namespace Defuse.Bench;

/// <summary>A program that converts files, run as a process.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Path">Where it is; null if it is not installed.</param>
/// <param name="Arguments">What it is told, to convert one file into another; null if it cannot.</param>
internal sealed record Peer(
    string Name, string? Path, Func<string, BenchFormat, string, BenchFormat, IReadOnlyList<string>?> Arguments)
{
    private static readonly string ToAddress = string.Create(CultureInfo.InvariantCulture, $"0x{Conversion.Address:X}");

    public static Peer Defuse { get; } = new(
        "defuse",
        Environment.ProcessPath,
        (input, from, output, to) => to.IsWritten ? ["--convert", input, output, to.Format.ToString()] : null);

    public static Peer Objcopy { get; } = new(
        "objcopy",
        Find("objcopy"),
        (input, from, output, to) => from.Objcopy is null || to.Objcopy is null
            ? null
            : ["-I", from.Objcopy, "-O", to.Objcopy, .. from.Name == "bin" ? ["--change-addresses", ToAddress] : Array.Empty<string>(), input, output]);

    public static Peer SrecCat { get; } = new(
        "srec_cat",
        Find("srec_cat"),
        (input, from, output, to) => from.SrecCat is null || to.SrecCat is null
            ? null
            :
            [
                input, from.SrecCat, .. from.Name == "bin" ? ["-offset", ToAddress] : Array.Empty<string>(),
                .. to.Name == "bin" ? ["-offset", "-" + ToAddress] : Array.Empty<string>(),
                "-o", output, to.SrecCat, .. to.Name is "hex" or "srec" ? ["-obs=16"] : Array.Empty<string>(),
            ]);

    /// <summary>Runs it once.</summary>
    /// <returns>How long it took from outside, and what it printed.</returns>
    public async Task<(double Milliseconds, string Output)> RunAsync(IReadOnlyList<string> arguments, bool anyExitCode = false)
    {
        var started = Stopwatch.GetTimestamp();
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        await Task.WhenAll(output, process.StandardError.ReadToEndAsync(), process.WaitForExitAsync());
        var elapsed = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        return anyExitCode || process.ExitCode == 0
            ? (elapsed, await output)
            : throw new InvalidOperationException($"{Name} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }

    /// <summary>Runs it once more and looks at its peak memory in bytes, which disturbs its time; 0 where it cannot be seen.</summary>
    public async Task<long> PeakAsync(IReadOnlyList<string> arguments)
    {
        using var process = Start(arguments);
        var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        var peak = 0L;
        while (!process.HasExited)
        {
            peak = Math.Max(peak, PeakOf(process.Id));
            await Task.Delay(1);
        }

        await output;
        return peak;
    }

    // Their warnings would stand in the table.
    private Process Start(IReadOnlyList<string> arguments) =>
        Process.Start(new ProcessStartInfo(Path!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    // The kernel keeps the high-water mark itself, so what is missed lies in the last millisecond.
    private static long PeakOf(int id)
    {
        try
        {
            var line = File.ReadLines($"/proc/{id}/status").FirstOrDefault(x => x.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : 1024 * long.Parse(line[6..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator)
        .Select(folder => System.IO.Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
