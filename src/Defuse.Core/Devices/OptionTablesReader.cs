namespace Defuse.Devices;

/// <summary>Reads the unpacked tables of option bytes.</summary>
internal sealed class OptionTablesReader(byte[] bytes) : TableReader(bytes)
{
    public OptionTables Read() => new(Many(Layout), Many(Meaning));

    private OptionLayout Layout() => new()
    {
        Chips = Many(() => (ushort)Number()),
        Registers = Many(() => new OptionRegister(Address(), Text(), Many(() => new OptionField(Text(), Number(), Number())), Text())),
        ReadOutField = Text(),
        ReadOutCoding = (ReadOutCoding)Number(),
        WriteProtection = Many(() => new WriteProtectionRule(
            Text(), OptionalObject(Text), Number(), Number(), Long(), Number(), Number() == 1, Number() == 1, Number() == 1)),
        Reverse = OptionalObject(Text),
        Meanings = Many(Meaning),
    };

    private OptionMeaning Meaning() => new(Text(), Many(() => (Address(), Text())), Address());
}
