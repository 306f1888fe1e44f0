using System.Collections.Immutable;
using System.Globalization;
using Defuse.Compatibility;
using Defuse.Compatibility.Stack;

// compatibility stack, compatibility list and compatibility hold ADDRESS: see StackProgram.
if (args is ["stack" or "list" or "hold", ..])
{
    return await StackProgram.RunAsync(args).ConfigureAwait(false);
}

// compatibility [--time SCALE] [--only ROW]... [--script impatient.py] FILE: makes the table; FILE is written, and compared
// first if it is there. With --only, FILE is only compared, row by row.
var scale = 0.0;
var only = new List<string>();
var script = "eng/usb-vm/impatient.py";
string? file = null;
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--time":
            scale = double.Parse(args[++i], CultureInfo.InvariantCulture);
            break;
        case "--script":
            script = args[++i];
            break;
        case "--only":
            only.Add(args[++i]);
            break;
        default:
            file = args[i];
            break;
    }
}

if (file is null)
{
    Console.Error.WriteLine("compatibility [--time SCALE] [--only ROW]... FILE");
    return 2;
}

ITool[] tools = [new DefuseTool(), new DfuUtil()];
var impatient = new Impatient(script);
var rows = Rows.All.Where(x => only.Count == 0 || only.Contains(x.Title)).ToList();
if (only.FirstOrDefault(x => rows.TrueForAll(y => y.Title != x)) is { } unknown)
{
    Console.Error.WriteLine($"there is no row {unknown}");
    return 2;
}

var results = new ImmutableDictionary<(string, Operation), Verdict>[rows.Count];
await Parallel.ForEachAsync(
    Enumerable.Range(0, rows.Count),
    new ParallelOptions { MaxDegreeOfParallelism = 6 },
    async (index, _) =>
    {
        var started = TimeProvider.System.GetTimestamp();
        try
        {
            results[index] = await Examination.OfAsync(rows[index], tools, impatient, scale, index).ConfigureAwait(false);
        }
        catch (InvalidOperationException e)
        {
            Console.WriteLine($"FAILED {rows[index].Title}: {e.Message}");
            return;
        }

        var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ok {rows[index].Title}: every operation, by both tools ({seconds:0.0} s)"));
    }).ConfigureAwait(false);

if (results.Contains(null))
{
    return 1;
}

var text = Table.Render([.. rows.Zip(results)], tools, impatient);
var before = File.Exists(file) ? await File.ReadAllTextAsync(file).ConfigureAwait(false) : "";
if (only.Count > 0)
{
    var kept = Table.Parse(before);
    var failures = 0;
    foreach (var (title, lines) in Table.Parse(text).Where(x => kept.GetValueOrDefault(x.Key) != x.Value))
    {
        // dfu-util, which repeats nothing, may lose the race with a device that leaves, on a machine that six rows keep busy.
        var index = rows.FindIndex(x => x.Title == title);
        var again = await Examination.OfAsync(rows[index], tools, impatient, scale, index).ConfigureAwait(false);
        if (Table.Parse(Table.Render([(rows[index], again)], tools, impatient)).GetValueOrDefault(title) == kept.GetValueOrDefault(title))
        {
            Console.WriteLine($"ok {title} is as docs/compatibility.md has it when it is examined alone; before it was:\n{lines}");
            continue;
        }

        failures++;
        Console.WriteLine($"FAILED {title} is not as docs/compatibility.md has it; it is now:\n{lines}");
    }

    return failures == 0 ? 0 : 1;
}

await File.WriteAllTextAsync(file, text).ConfigureAwait(false);
if (text == before)
{
    Console.WriteLine("ok the table is as docs/compatibility.md has it");
    return 0;
}

Console.WriteLine("FAILED the table is not as docs/compatibility.md has it; it is now:");
Console.WriteLine(text);
return 1;
