using System.Numerics;
using Defuse.Devices;
using Defuse.Images;

namespace Defuse.DataCompiler;

/// <summary>Checks one chip's figures, and reads its layouts and RAM.</summary>
internal sealed class ChipChecks(ChipDraft draft, Problems problems)
{
    private readonly Record _record = draft.Record;

    public void Run()
    {
        foreach (var entry in _record.All("layout"))
        {
            AddLayout(entry);
        }

        foreach (var entry in _record.All("ram"))
        {
            AddRam(entry);
        }

        Check("idcode", x => IsAligned(x, 4), "an address that is a multiple of 4");
        Check("option-register", x => IsAligned(x, 4), "an address that is a multiple of 4");
        Check("uid", x => IsAligned(x, 4), "an address that is a multiple of 4");
        Check("flash-size", x => IsAligned(x, 2), "an address that is a multiple of 2");
        Check("erased", x => x is "0x00" or "0xFF", "0x00 or 0xFF");
        Check("bank-bit", x => Figures.Bank(x) is { Bit: < 32, RegisterBit: < 32 }, "'NAME [ADDRESS bit N,] register bit N single|dual when 1'");
        Check("usb-dfu", x => x.Split(' ', 2) is ["yes" or "no" or "unknown", { Length: > 0 }], "'yes|no|unknown WHY'");
        Check("release", x => x.Split(' ').All(y => Figures.Address(y) is <= 0xFFFF), "numbers of 16 bits");
        Check("program-unit", IsProgramUnit, "a power of 2 that divides every sector");
        foreach (var key in (string[])["system", "option-bytes", "otp", "data-eeprom"])
        {
            Check(key, x => Figures.Range(x) is { } range && range.Start % 4 == 0, "'ADDRESS+SIZE', a multiple of 4");
            Check(key, x => Figures.Range(x) is not { } range || !draft.Layouts.Exists(y => y.Layout.Runs.Any(z => z.Range.Overlaps(range))), "outside main flash");
        }
    }

    private void AddLayout(Entry entry)
    {
        var parts = entry.Value.Split(' ', 3);
        if (parts is not [var size, "single" or "dual", var banks] || Figures.Size(size) is not { } bytes)
        {
            problems.Add(entry.Line, "a layout is 'SIZE single|dual ADDRESS NxSIZE… [; ADDRESS NxSIZE…]'");
            return;
        }

        var groups = banks.Split(';', StringSplitOptions.TrimEntries).Select(Figures.Runs).ToList();
        if (groups.Contains(null))
        {
            problems.Add(entry.Line, "a bank is 'ADDRESS NxSIZE…'");
            return;
        }

        var dual = parts[1] is "dual";
        var runs = groups.SelectMany(x => x!).ToList();
        if (groups.Count != (dual ? 2 : 1))
        {
            problems.Add(entry.Line, $"a {parts[1]} bank layout has {groups.Count} banks");
        }

        if (runs.Sum(x => x.Range.Length) != bytes)
        {
            problems.Add(entry.Line, $"the sectors have {runs.Sum(x => x.Range.Length) / 1024} KB together, not {bytes / 1024} KB");
        }

        if (runs.Exists(x => x.Range.Start % x.SectorSize != 0))
        {
            problems.Add(entry.Line, "a sector begins at no multiple of its size");
        }

        for (var i = 1; i < runs.Count; i++)
        {
            if (runs[i].Range.Start < runs[i - 1].Range.End)
            {
                problems.Add(entry.Line, $"sectors overlap at 0x{runs[i].Range.Start:X8}");
            }
        }

        var layout = new FlashLayout("", dual, [.. FlashLayout.Joined(runs)]) { SecondBank = groups.Count > 1 ? groups[1]![0].Range.Start : null };
        if (draft.Layouts.Exists(x => x.Layout.Equals(layout)))
        {
            problems.Add(entry.Line, "this layout is there twice");
        }

        draft.Layouts.Add((layout, entry.Line));
    }

    private void AddRam(Entry entry)
    {
        var parts = entry.Value.Split(' ', 2);
        var regions = parts.Length < 2 ? [] : parts[1].Split(',', StringSplitOptions.TrimEntries).Select(Figures.Ram).ToArray();
        if (regions.Length == 0 || regions.Contains(null))
        {
            problems.Add(entry.Line, "RAM is 'LABEL NAME ADDRESS+SIZE[ alias], …'");
            return;
        }

        var sorted = regions.OrderBy(x => x!.Range).ToList();
        for (var i = 1; i < sorted.Count; i++)
        {
            if (sorted[i]!.Range.Overlaps(sorted[i - 1]!.Range))
            {
                problems.Add(entry.Line, $"{sorted[i - 1]!.Name} and {sorted[i]!.Name} overlap");
            }
        }

        if (draft.Ram.Values.FirstOrDefault() is { } most && regions.Any(x => !IsIn(x!.Range, most)))
        {
            problems.Add(entry.Line, "the first RAM of a chip holds all the others; this one reaches out of it");
        }

        if (!draft.Ram.TryAdd(parts[0], regions!))
        {
            problems.Add(entry.Line, $"RAM {parts[0]} is there twice");
        }
    }

    private static bool IsIn(AddressRange range, RamRegion[] all)
    {
        var next = (long)range.Start;
        foreach (var region in all.Select(x => x.Range).Order().Where(x => x.End > range.Start && x.Start < range.End))
        {
            if (region.Start > next)
            {
                return false;
            }

            next = region.End;
        }

        return next >= range.End;
    }

    private bool IsProgramUnit(string text) =>
        Figures.Size(text) is { } unit
        && BitOperations.IsPow2(unit)
        && draft.Layouts.TrueForAll(x => x.Layout.Runs.All(y => y.SectorSize % unit == 0));

    private static bool IsAligned(string text, uint unit) => Figures.Address(text) is { } address && address % unit == 0;

    private void Check(string key, Func<string, bool> isRight, string what)
    {
        if (_record.Find(key) is { } entry && !isRight(entry.Value))
        {
            problems.Add(entry.Line, $"{key} is not {what}: {entry.Value}");
        }
    }
}
