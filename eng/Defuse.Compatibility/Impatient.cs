namespace Defuse.Compatibility;

/// <summary>A script of ours that programs a board in pydfu's order: an address before every block, and never a wait.</summary>
internal sealed class Impatient(string script) : ITool
{
    public string Name => "pydfu's order";

    public async Task<Verdict> RunAsync(Operation operation, Stand stand)
    {
        if (operation != Operation.Start || stand.Row.TakesWholeImages)
        {
            return Verdict.None;
        }

        if (stand.Row.IsUnsteady)
        {
            return Verdict.Unsteady;
        }

        var vhci = stand.Vhci;
        try
        {
            var path = await vhci.AttachAsync().ConfigureAwait(false);
            var (code, output) = await Shell.RunAsync("/usr/bin/python3", script, path, stand.BinPath, $"0x{stand.Address:x8}").ConfigureAwait(false);
            return Verdict.Of(code == 0, stand.AllErased() && stand.HoldsImageBytes(), Last(output));
        }
        finally
        {
            await vhci.DetachAsync().ConfigureAwait(false);
        }
    }

    private static string Last(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "says nothing";
}
