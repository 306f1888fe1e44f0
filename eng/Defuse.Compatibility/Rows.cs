using System.Collections.Immutable;

namespace Defuse.Compatibility;

/// <summary>The rows of the table: every simulated board, and those of its options that change what a tool meets.</summary>
internal static class Rows
{
    public static ImmutableArray<Row> All { get; } =
    [
        Of("pybv11"),
        Of("nucleo-f767zi"),
        Of("nucleo-f767zi", "bank=dual"),
        Of("nucleo-f767zi", "flash=1M"),
        Of("nucleo-f767zi", "flash=1M", "bank=dual"),
        Of("nucleo-h743zi"),
        Of("nucleo-h743zi", "rev=y"),
        Of("stm32l476g-disco"),
        Of("b-l072z-lrwan1"),
        Of("32f072bdiscovery"),
        Of("32f072bdiscovery", "port=xhci") with { IsUnsteady = true },
        Of("nucleo-g431kb"),
        Of("nucleo-g0b1re"),
        Of("b-u585i-iot02a"),
        Of("nucleo-h563zi"),
        Of("nucleo-c562re"),
        Of("gd32f103"),
        Of("gd32vf103"),

        // What these keep for themselves lies below.
        Of("at32f437") with { Address = 0x0800_8000 },
        Of("pybd-sf6") with { Address = 0x0800_8000 },
        Of("daisy") with { Address = 0x9004_0000 },
        Of("maple") with { AlternateSetting = 2, Address = 0x0800_2000 },
        Of("dfu11-tolerant") with { AlternateSetting = 0, Address = 0x0800_2000 },
        Of("dfu11-detach") with { AlternateSetting = 0, Address = 0x0800_2000 },
    ];

    public static Row Of(string name, params ReadOnlySpan<string> options)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var option in options)
        {
            var parts = option.Split('=');
            values.Add(parts[0], parts[1]);
        }

        return new Row(name, values.ToImmutable());
    }
}
