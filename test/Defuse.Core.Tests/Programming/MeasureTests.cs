using Defuse.Planning;
using Defuse.Programming;

namespace Defuse.Core.Tests.Programming;

public sealed class MeasureTests
{
    [Fact]
    public async Task Measure()
    {
        var lines = new List<string>();
        foreach (var board in Environment.GetEnvironmentVariable("BOARDS")?.Split(',') ?? ["pybv11", "nucleo-f767zi", "nucleo-h743zi"])
        {
            using var bench = new Bench(board);
            bench.FillFlash();
            await using var target = await bench.OpenAsync();
            var image = ProgrammerTests.Firmware(bench, 300 * 1024);
            var all = new Traffic(bench);
            var marks = new List<string>();
            var report = await new Programmer(target).FlashAsync(image, FlashOptions.Default with { Start = false }, new Callback(e =>
            {
                if (e is ProgrammingEvent.PhaseFinished f)
                {
                    var w = bench.Wire;
                    marks.Add($"{f.Phase} {f.Elapsed.TotalMilliseconds:0} ms, transfers {w.Requests.Count}, polls {all.Polls}, slept {all.Slept.TotalMilliseconds:0}, blocks {all.Blocks}");
                }
            }), Bench.Cancel);
            lines.Add($"{board}: {report.Outcome} {report.Elapsed.TotalSeconds:0.000} s, blocks {all.Blocks}, commands {all.Commands}, uploads {all.Uploads}, polls {all.Polls}, transfers {all.Transfers}, slept {all.Slept.TotalMilliseconds:0} ms");
            lines.AddRange(marks.Select(x => "    " + x));
        }

        await File.WriteAllLinesAsync("/tmp/host/measure.txt", lines, Bench.Cancel);
    }

    private sealed class Callback(Action<ProgrammingEvent> action) : IProgress<ProgrammingEvent>
    {
        public void Report(ProgrammingEvent value) => action(value);
    }
}
