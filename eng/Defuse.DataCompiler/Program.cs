using Defuse.Targets.Dfu;

namespace Defuse.DataCompiler;

/// <summary>Compiles the folder data into the file that Defuse.Core carries.</summary>
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
        var target = Path.Combine(root, Repository.Artefact);
        var data = Compilation.Of(DataFolder.Read(Path.Combine(root, "data")));
        foreach (var problem in data.Problems)
        {
            Console.Error.WriteLine(problem);
        }

        if (data.Tables is not { } tables)
        {
            return 1;
        }

        if (args is ["--check"])
        {
            using var file = File.OpenRead(target);
            var current = DeviceTablesWriter.Holds(file, tables);
            Console.WriteLine(current ? $"{Repository.Artefact} is what data/ says" : $"{Repository.Artefact} is stale: dotnet run --project eng/Defuse.DataCompiler");
            return Texts(data).Aggregate(current, (x, y) => IsCurrent(root, y.File, y.Text) && x) ? 0 : 1;
        }

        var bytes = DeviceTablesWriter.Write(tables);
        var packed = DeviceTablesWriter.Pack(bytes);
        File.WriteAllBytes(target, packed);
        Console.WriteLine(
            $"{Repository.Artefact}: {packed.Length} bytes, {bytes.Length} unpacked; {tables.Chips.Length} chips, {tables.Chips.Sum(x => x.Parts.Length)} parts, {tables.Boards.Length} boards");
        foreach (var (path, text) in Texts(data))
        {
            File.WriteAllText(Path.Combine(root, path), text);
            Console.WriteLine($"{path}: {data.Quirks.Length} quirks");
        }

        return 0;
    }

    /// <summary>The files that are texts, as they should be.</summary>
    internal static (string File, string Text)[] Texts(Compilation data) =>
        [(Repository.Quirks, DfuQuirkTable.Write(data.Quirks.Select(x => x.Quirk))), (Repository.QuirkDocument, QuirkDocument.Of(data.Quirks))];

    private static bool IsCurrent(string root, string path, string text)
    {
        var file = Path.Combine(root, path);
        var current = File.Exists(file) && File.ReadAllText(file).ReplaceLineEndings("\n") == text;
        Console.WriteLine(current ? $"{path} is what data/ says" : $"{path} is stale: dotnet run --project eng/Defuse.DataCompiler");
        return current;
    }
}
