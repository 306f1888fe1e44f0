using Defuse;
using Defuse.Connections;
using Defuse.Formats;
using Defuse.Planning;
using Defuse.Programming;

// FILE [BOARD]: lists the boards, and flashes the one that is named, or the only one.
var catalog = DefuseBoards.CreateCatalog();
foreach (var board in await catalog.ListAsync(null, default))
{
    Console.WriteLine($"{board.Address}  {board.Name}  {board.Problem}");
}

var file = FirmwareFile.Parse(await File.ReadAllBytesAsync(args[0]));
await using var target = await catalog.OpenAsync(args.Length > 1 ? ConnectionAddress.Parse(args[1]) : null, default);
var progress = new Progress<ProgrammingEvent>(x => Console.WriteLine(x));
var report = await new Programmer(target).FlashAsync(file.Image, FlashOptions.Default, progress, default);
Console.WriteLine($"{report.Outcome}: {report.BytesVerified} bytes verified");
return report.Outcome == FlashOutcome.Verified ? 0 : 1;
