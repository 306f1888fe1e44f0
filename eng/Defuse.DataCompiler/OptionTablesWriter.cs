using Defuse.Devices;

namespace Defuse.DataCompiler;

/// <summary>Writes what OptionTablesReader reads.</summary>
internal sealed class OptionTablesWriter : TableWriter
{
    /// <summary>The tables as bytes: the same tables always give the same.</summary>
    public static byte[] Write(OptionTables tables)
    {
        var writer = new OptionTablesWriter();
        writer.Many(tables.Layouts, writer.Layout);
        writer.Many(tables.Meanings, writer.Meaning);
        return writer.Whole();
    }

    /// <summary>Whether a packed file holds these tables.</summary>
    public static bool Holds(Stream packed, OptionTables tables) => Write(OptionTables.Unpack(packed)).AsSpan().SequenceEqual(Write(tables));

    private void Layout(OptionLayout layout)
    {
        Many(layout.Chips, x => Number(x));
        Many(layout.Registers, register =>
        {
            Number(register.Address);
            Text(register.Name);
            Many(register.Fields, x =>
            {
                Text(x.Name);
                Number(x.Bit);
                Number(x.Width);
            });
            Text(register.Source);
        });
        Text(layout.ReadOutField);
        Number((int)layout.ReadOutCoding);
        Many(layout.WriteProtection, rule =>
        {
            Text(rule.Field);
            OptionalObject(rule.LastField, Text);
            Number(rule.ProtectsWhen);
            Number(rule.First);
            Number(rule.UnitBytes);
            Number(rule.UnitSectors);
            Number(rule.SecondBank ? 1 : 0);
            Number(rule.Rest ? 1 : 0);
            Number(rule.Halves ? 1 : 0);
        });
        OptionalObject(layout.Reverse, Text);
        Many(layout.Meanings, Meaning);
    }

    private void Meaning(OptionMeaning meaning)
    {
        Text(meaning.Field);
        Many(meaning.Texts, x =>
        {
            Number(x.Value);
            Text(x.Text);
        });
        Number(meaning.AddressUnit);
    }
}
