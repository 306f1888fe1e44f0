using Defuse.Devices;
using Defuse.Targets.Dfu;

namespace Defuse.DataCompiler;

/// <summary>Compiles the folder data into the files that Defuse.Core carries.</summary>
internal static class Program
{
    public static int Main(string[] args)
    {
        if (args is not ([] or ["--check"]))
        {
            Console.Error.WriteLine("usage: dotnet run --project eng/Defuse.DataCompiler [-- --check]");
            return 2;
        }

        var root = Repository.Root();
        var data = Compilation.Of(DataFolder.Read(Path.Combine(root, "data")));
        foreach (var problem in data.Problems)
        {
            Console.Error.WriteLine(problem);
        }

        if (data is not { Tables: { } tables, Options: { } options })
        {
            return 1;
        }

        if (args is ["--check"])
        {
            var isCurrent = Check(root, Repository.Artefact, x => DeviceTablesWriter.Holds(x, tables));
            isCurrent = Check(root, Repository.OptionArtefact, x => OptionTablesWriter.Holds(x, options)) && isCurrent;
            return Texts(data).Aggregate(isCurrent, (x, y) => IsCurrent(root, y.File, y.Text) && x) ? 0 : 1;
        }

        Write(root, Repository.Artefact, DeviceTablesWriter.Write(tables), $"{tables.Chips.Length} chips, {tables.Chips.Sum(x => x.Parts.Length)} parts, {tables.Boards.Length} boards");
        Write(
            root,
            Repository.OptionArtefact,
            OptionTablesWriter.Write(options),
            $"option bytes of {options.Layouts.Sum(x => x.Chips.Length)} chips, {options.Layouts.Sum(x => x.Registers.Sum(y => y.Fields.Length))} fields");
        foreach (var (path, text) in Texts(data))
        {
            File.WriteAllText(Path.Combine(root, path), text);
            Console.WriteLine(path == Repository.UsbIds ? $"{path}: {data.UsbIds.Length} USB ids" : $"{path}: {data.Quirks.Length} quirks");
        }

        return 0;
    }

    /// <summary>The files that are texts, as they should be.</summary>
    internal static (string File, string Text)[] Texts(Compilation data) =>
    [
        (Repository.Quirks, DfuQuirkTable.Write(data.Quirks.Select(x => x.Quirk))),
        (Repository.QuirkDocument, QuirkDocument.Of(data.Quirks)),
        (Repository.UsbIds, UsbIdTable.Write(data.UsbIds)),
    ];

    private static bool Check(string root, string artefact, Func<Stream, bool> holds)
    {
        using var file = File.OpenRead(Path.Combine(root, artefact));
        return Tell(artefact, holds(file));
    }

    private static bool IsCurrent(string root, string path, string text)
    {
        var file = Path.Combine(root, path);
        return Tell(path, File.Exists(file) && File.ReadAllText(file).ReplaceLineEndings("\n") == text);
    }

    private static bool Tell(string path, bool isCurrent)
    {
        Console.WriteLine(isCurrent ? $"{path} is what data/ says" : $"{path} is stale: dotnet run --project eng/Defuse.DataCompiler");
        return isCurrent;
    }

    private static void Write(string root, string artefact, byte[] bytes, string contents)
    {
        var packed = TableWriter.Pack(bytes);
        File.WriteAllBytes(Path.Combine(root, artefact), packed);
        Console.WriteLine($"{artefact}: {packed.Length} bytes, {bytes.Length} unpacked; {contents}");
    }
}
