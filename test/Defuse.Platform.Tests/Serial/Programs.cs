using System.Diagnostics;

namespace Defuse.Platform.Tests.Serial;

/// <summary>Programs of the system.</summary>
internal static class Programs
{
    /// <summary>What a program prints.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return text.Trim();
    }
}
