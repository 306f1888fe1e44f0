using System.Globalization;

namespace Defuse.Compatibility.Stack;

/// <summary>Prints "ok NAME" or "FAILED NAME" for each check.</summary>
internal sealed class Checks
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);

    private bool _failed;

    public int ExitCode => _failed ? 1 : 0;

    public async Task RunAsync(string name, Func<Task> check)
    {
        var started = TimeProvider.System.GetTimestamp();
        string? trouble = null;
        try
        {
            await check().WaitAsync(Limit).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            trouble = e is DefuseException or CheckFailedException ? $"{e.Message} {(e as DefuseException)?.Remedy}" : e.ToString();
        }

        _failed |= trouble is not null;
        var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine(trouble is null ? string.Create(CultureInfo.InvariantCulture, $"ok {name} ({seconds:0.0} s)") : $"FAILED {name}: {trouble}");
    }

    public static void That(bool isSo, string what)
    {
        if (!isSo)
        {
            throw new CheckFailedException(what);
        }
    }

    public static void Note(string text) => Console.WriteLine($"    {text}");
}
