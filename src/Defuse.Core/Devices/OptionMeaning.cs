using System.Collections.Immutable;

namespace Defuse.Devices;

/// <summary>What values of a field mean.</summary>
/// <param name="Field">The field.</param>
/// <param name="Texts">Values, each with its meaning in plain words.</param>
/// <param name="AddressUnit">What the value is multiplied with to be an address; 0 if it is none.</param>
internal sealed record OptionMeaning(string Field, ImmutableArray<(uint Value, string Text)> Texts, uint AddressUnit)
{
    public string? Of(uint value) =>
        AddressUnit > 0 ? $"0x{unchecked(value * AddressUnit):X8}"
        : Texts.Where(x => x.Value == value).Select(x => x.Text).FirstOrDefault();
}
