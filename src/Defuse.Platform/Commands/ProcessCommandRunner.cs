using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Defuse.Platform.Commands;

/// <summary>Runs programs as children of this process.</summary>
internal sealed class ProcessCommandRunner : ICommandRunner
{
    private const int LongestError = 16 * 1024;

    // Users' paths often lack those where administrators' programs are.
    private static readonly ImmutableArray<string> Folders = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

    public string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Where(Path.IsPathFullyQualified)
        .Concat(Folders)
        .Select(x => Path.Combine(x, name))
        .FirstOrDefault(File.Exists);

    public async ValueTask<CommandResult> RunAsync(string file, ImmutableArray<string> arguments, string? input, CancellationToken cancellationToken)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(file, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false },
        };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            return new CommandResult(127, e.Message);
        }

        try
        {
            var output = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, cancellationToken);
            var error = ErrorAsync(process.StandardError, cancellationToken);
            await FeedAsync(process.StandardInput, input, cancellationToken).ConfigureAwait(false);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            await output.ConfigureAwait(false);
            return new CommandResult(process.ExitCode, await error.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            Kill(process);
            throw;
        }
    }

    private static async Task FeedAsync(StreamWriter writer, string? input, CancellationToken cancellationToken)
    {
        try
        {
            await writer.WriteAsync(input.AsMemory(), cancellationToken).ConfigureAwait(false);
            await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
            writer.Close();
        }
        catch (IOException)
        {
            // It did not want to hear it; its exit code tells why.
        }
    }

    private static async Task<string> ErrorAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var kept = new StringBuilder();
        var buffer = new char[1024];
        for (var count = await reader.ReadAsync(buffer, cancellationToken).ConfigureAwait(false); count > 0; count = await reader.ReadAsync(buffer, cancellationToken).ConfigureAwait(false))
        {
            kept.Append(buffer, 0, Math.Min(count, LongestError - Math.Min(LongestError, kept.Length)));
        }

        return kept.ToString();
    }

    // One that runs as root cannot be ended by this user.
    private static void Kill(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
        }
    }
}
