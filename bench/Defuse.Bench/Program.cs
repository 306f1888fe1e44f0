using Defuse.Bench;
using Defuse.Bench.Performance;

return args switch
{
    ["formats"] => await FormatsBench.RunAsync(16 << 20, 7),
    ["formats", var megabytes, var runs] when int.TryParse(megabytes, out var size) && int.TryParse(runs, out var count) && size is > 0 and <= 64 && count > 0 =>
        await FormatsBench.RunAsync(size << 20, count),
    ["performance"] => await PerformanceBench.MakeAsync(ofThisMachine: true),
    ["performance", "--exact"] => await PerformanceBench.MakeAsync(ofThisMachine: false),
    ["performance", "--check"] => await PerformanceBench.CheckAsync(),
    ["--kernel", var path, .. var boards] => await KernelRun.RunAsync(path, boards),
    ["--convert", ..] => await Conversion.RunAsync(args[1..]),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: Defuse.Bench formats [MEGABYTES RUNS] | performance [--exact | --check]");
    return 2;
}
