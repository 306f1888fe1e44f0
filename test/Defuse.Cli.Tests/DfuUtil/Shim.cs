using System.Text;

namespace Defuse.Cli.Tests.DfuUtil;

/// <summary>defuse dfu-util on a simulated board, with some firmware to flash.</summary>
internal sealed class Shim : IDisposable
{
    public const string Address = "0x08000000";

    public Shim(string? device = Cli.F767)
    {
        if (device is not null)
        {
            Device = device;
        }

        var bytes = new byte[5003];
        new Random(1).NextBytes(bytes);
        Firmware = [0x00, 0x10, 0x00, 0x20, 0x01, 0x01, 0x00, 0x08, .. bytes];
        Bin = Cli.Write("firmware.bin", Firmware);
        DfuSe = Cli.Dfu;
    }

    public Cli Cli { get; } = new();

    /// <summary>A file of raw bytes.</summary>
    public string Bin { get; }

    /// <summary>What is in it.</summary>
    public byte[] Firmware { get; }

    /// <summary>A file that says itself where it goes: to 0x08000000.</summary>
    public string DfuSe { get; }

    /// <summary>The simulated board.</summary>
    public string Device
    {
        get => Cli.Variables["DEFUSE_DEVICE"];
        set => Cli.Variables["DEFUSE_DEVICE"] = value;
    }

    public Task<CliResult> RunAsync(params string[] args) => Cli.RunAsync(["dfu-util", .. args]);

    /// <summary>What the board holds, by our own way of reading.</summary>
    public async Task<byte[]> HeldAsync(int length, uint address = 0x0800_0000)
    {
        var board = Device.Split('?')[0];
        var path = Path.Combine(Cli.Folder, $"held-{Guid.NewGuid():N}.bin");
        var result = await Cli.RunAsync("read", "-d", board, "--range", $"0x{address:X8}+{length}", "-o", path);
        Assert.True(result.ExitCode == 0, result.Error);
        return await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
    }

    /// <summary>Output with its carriage returns made visible, and of each bar only the beginning and the end.</summary>
    public string Scrub(CliResult result)
    {
        var text = new StringBuilder($"exit code {result.ExitCode}\n");
        foreach (var (name, stream) in new[] { ("stdout", result.Out), ("stderr", result.Error) })
        {
            text.Append(name).Append(":\n").Append(Cli.Scrub(stream).Replace("\r", "\n<CR>", StringComparison.Ordinal));
        }

        return string.Join('\n', text.ToString().Split('\n').Where(x => !x.StartsWith("<CR>", StringComparison.Ordinal)
            || x.Contains("]   0%", StringComparison.Ordinal) || x.Contains("] 100%", StringComparison.Ordinal)));
    }

    public void Dispose() => Cli.Dispose();
}
