using Spectre.Console;

namespace Defuse.Cli.Output;

/// <summary>Rows for whoever reads them: a table with a head on a terminal, aligned lines with none in a pipe.</summary>
internal static class Tables
{
    public static void Print(Printer printer, string[] columns, IReadOnlyCollection<string[]> rows)
    {
        if (printer.DataIsForPeople)
        {
            var table = Create(columns);
            foreach (var row in rows)
            {
                table.AddRow([.. row.Select(Cell)]);
            }

            printer.CreateDataConsole().Write(table);
            return;
        }

        foreach (var line in Texts.Align(rows))
        {
            printer.Data(line);
        }
    }

    public static Table Create(params string[] columns)
    {
        var table = new Table { Border = TableBorder.None };
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column, new Style(Color.Grey))) { Padding = new Padding(0, 0, 2, 0) });
        }

        return table;
    }

    public static Text Cell(string text) => new(Plain.Of(text));
}
