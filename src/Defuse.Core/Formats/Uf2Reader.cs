using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Formats;

/// <summary>Puts the blocks of a UF2 file together (microsoft/uf2, README).</summary>
internal ref struct Uf2Reader
{
    private const string GetAgain = "download it again: it may be cut off or damaged";

    // Where STM32 have flash, and external flash that is read as memory.
    private static readonly ImmutableArray<AddressRange> UsualFlash = [new(0x0800_0000, 0x100_0000), new(0x9000_0000, 0x1000_0000)];

    private readonly ReadOnlySpan<byte> _file;
    private readonly FirmwareReadOptions _options;
    private readonly Warnings _warnings = new();
    private readonly List<Uf2Block> _blocks;
    private readonly HashSet<uint> _outsideFlash = [];

    private Uf2Reader(ReadOnlySpan<byte> file, FirmwareReadOptions options)
    {
        _file = file;
        _options = options;
        _blocks = new List<Uf2Block>(file.Length / Uf2Block.Length);
    }

    public static bool Recognizes(ReadOnlySpan<byte> file) => Uf2Block.Starts(file);

    public static FirmwareFile Read(ReadOnlySpan<byte> file, FirmwareReadOptions options)
    {
        if (!Recognizes(file))
        {
            throw new FirmwareFormatException(
                FirmwareFormatErrorKind.Malformed,
                "the file does not start with \"UF2\", so it is no UF2 file",
                GetAgain,
                $"0x{Uf2Block.Magic0:X8} and 0x{Uf2Block.Magic1:X8}",
                0);
        }

        return new Uf2Reader(file, options).Read();
    }

    private readonly FirmwareFile Read()
    {
        ReadBlocks();
        var parts = Parts();
        var family = Choose(parts);
        var blocks = _blocks.Where(x => x.Family == family && !x.IsOfFile).ToList();
        CheckNumbers(blocks);
        TellOfTheRest(parts, family, blocks);
        var pieces = new List<FilePart>(blocks.Count);
        var info = new Uf2Info { Parts = parts, Family = family };
        foreach (var block in blocks)
        {
            info = block.AddTags(_file, info);
            if (block.IsMainFlash && block.Size > 0)
            {
                CheckRange(block);
                pieces.Add(new FilePart(block.Address, block.Offset + Uf2Block.PayloadOffset, block.Size, block.Number));
            }
        }

        return new FirmwareFile(FirmwareFormat.Uf2, FilePart.Build(_file, pieces, "block"))
        {
            Uf2 = info,
            Warnings = _warnings.ToImmutable(),
        };
    }

    private readonly void ReadBlocks()
    {
        for (var offset = 0; offset < _file.Length; offset += Uf2Block.Length)
        {
            var left = _file.Length - offset;
            var starts = Uf2Block.Starts(_file[offset..]);
            if (left >= Uf2Block.Length && starts)
            {
                _blocks.Add(Uf2Block.Read(_file, offset));
            }
            else if (starts)
            {
                Tolerate(
                    FileAllowances.Eof,
                    FirmwareFormatErrorKind.Eof,
                    $"the block at offset 0x{offset:X} is cut off: the file ends after {left} of its {Uf2Block.Length} bytes",
                    offset);
            }
            else
            {
                var length = Math.Min(left, Uf2Block.Length);
                Tolerate(FileAllowances.Trailing, FirmwareFormatErrorKind.Trailing, $"offset 0x{offset:X}: {PrintableText.Count(length, "byte")} outside any UF2 block", offset);
            }
        }
    }

    private readonly ImmutableArray<Uf2Part> Parts()
    {
        var parts = new Dictionary<ulong, Uf2Part>();
        var order = new List<ulong>();
        foreach (var block in _blocks)
        {
            if (block.IsOfFile)
            {
                continue;
            }

            var key = block.Family ?? ulong.MaxValue;
            if (!parts.TryGetValue(key, out var part))
            {
                part = new Uf2Part(block.Family, 0, 0);
                order.Add(key);
            }

            if (block.Family is { } id && block.IsMainFlash && !UsualFlash.Any(x => x.Contains(block.Address)))
            {
                _outsideFlash.Add(id);
            }

            parts[key] = part with { Blocks = part.Blocks + 1, Bytes = part.Bytes + (block.IsMainFlash ? block.Size : 0) };
        }

        return [.. order.Select(x => parts[x])];
    }

    private readonly uint? Choose(ImmutableArray<Uf2Part> parts)
    {
        var full = parts.Where(x => x.Bytes > 0).ToArray();
        if (_options.Uf2Family is { } wanted)
        {
            return full.Any(x => x.Family == wanted) ? wanted : throw new FirmwareFormatException(
                FirmwareFormatErrorKind.Content,
                $"the file is a UF2 file with nothing for {Uf2Families.Name(wanted)}{(full.Length == 0 ? "" : $"; it holds {List(full)}")}",
                "give the file that was made for the board's chip, or name a family that is in it");
        }

        if (full.Length == 0)
        {
            throw _blocks.Exists(x => x.IsOfFile)
                ? new FirmwareFormatException(
                    FirmwareFormatErrorKind.Content,
                    $"the file is a UF2 file that holds files for a file system ({FileNames()}), and nothing for flash",
                    "copy it to the drive that the board shows, or give the firmware itself")
                : FirmwareFile.NoData();
        }

        // Blocks for chips of other makers may stand beside those for an STM32.
        var outside = _outsideFlash;
        var likely = full.Where(x => MayBeStm32(x, outside)).ToArray();
        var known = likely.Where(x => x.Family is { } id && Uf2Families.Find(id) is not null).ToArray();
        if (known.Length > 0)
        {
            likely = known;
        }

        if (likely is [var only])
        {
            return only.Family;
        }

        if (likely.Length == 0 && full is [var foreign])
        {
            RefuseForeign(foreign);
            return foreign.Family;
        }

        throw new FirmwareFormatException(
            FirmwareFormatErrorKind.Content,
            $"the file is a UF2 file for several families of chips: {List(likely.Length == 0 ? full : likely)}",
            likely.Length == 0
                ? "none of them is an STM32; give the file that was made for the board's chip"
                : "say which family's part is meant, or give a file for the board's chip alone");
    }

    // A family that no list has may be a board's own; then its addresses speak.
    private static bool MayBeStm32(Uf2Part part, HashSet<uint> outsideFlash) => part.Family switch
    {
        null => true,
        { } id when Uf2Families.Find(id) is { } family => family.IsStm32Like,
        { } id => !outsideFlash.Contains(id),
    };

    private readonly void RefuseForeign(Uf2Part part)
    {
        var family = Uf2Families.Find(part.Family!.Value);
        var name = family is null
            ? $"a UF2 file for {Uf2Families.Name(part.Family)}, with bytes where no STM32 has flash"
            : $"a UF2 file for {family.Name}, a microcontroller of {family.Maker}, not an STM32";
        if (!_options.Allow.HasFlag(FileAllowances.Image))
        {
            throw new FirmwareFormatException(FirmwareFormatErrorKind.Content, $"the file is {name}", "give the file that was made for the board's chip");
        }

        _warnings.Add($"the file is {name}");
    }

    private readonly void CheckNumbers(List<Uf2Block> blocks)
    {
        // Blocks of files are counted with the rest, and name no family.
        var numbered = blocks.Concat(_blocks.Where(x => x.IsOfFile)).OrderBy(x => x.Number).ToArray();
        var count = numbered[0].Count;
        var next = 0L;
        Uf2Block? previous = null;
        foreach (var block in numbered)
        {
            if (block.Count != count)
            {
                Refuse($"the block at offset 0x{block.Offset:X} is one of {block.Count}, another is one of {count}; two files may have been joined", block);
                return;
            }

            if (block.Number >= count)
            {
                Refuse($"the block at offset 0x{block.Offset:X} has the number {block.Number}, but there are to be {count} of them, counted from 0", block);
                return;
            }

            if (block.Number > next)
            {
                break;
            }

            if (previous is { } twin && twin.Number == block.Number && twin.Address != block.Address)
            {
                Refuse(
                    $"two blocks have the number {block.Number}, one for 0x{twin.Address:X8} and one for 0x{block.Address:X8}, at offset 0x{block.Offset:X}",
                    block);
                return;
            }

            previous = block;
            next = block.Number + 1L;
        }

        if (next < count)
        {
            var present = numbered.Select(x => x.Number).Distinct().LongCount();
            Tolerate(
                FileAllowances.Eof,
                FirmwareFormatErrorKind.Eof,
                $"of the file's {count} blocks, {count - present} missing; the first of them is number {next}",
                null);
        }
    }

    private readonly void Refuse(string reason, Uf2Block block) =>
        Tolerate(FileAllowances.Eof, FirmwareFormatErrorKind.Eof, reason, block.Offset);

    private readonly void TellOfTheRest(ImmutableArray<Uf2Part> parts, uint? family, List<Uf2Block> blocks)
    {
        if (family is null)
        {
            _warnings.Add("the file does not say which family of chips it is for");
        }
        else if (Uf2Families.Find(family.Value) is null)
        {
            _warnings.Add($"the file is for {Uf2Families.Name(family)}");
        }

        foreach (var part in parts)
        {
            if (part.Family != family && _warnings.HasRoom())
            {
                _warnings.Add($"{PrintableText.Count(part.Blocks, "block")} for {Uf2Families.Name(part.Family)} left out");
            }
        }

        if (blocks.Count(x => !x.IsMainFlash) is > 0 and var aside)
        {
            _warnings.Add($"{PrintableText.Count(aside, "block")} not for the main flash left out");
        }

        if (_blocks.Count(x => x.IsOfFile) is > 0 and var files)
        {
            _warnings.Add($"{PrintableText.Count(files, "block")} of files for a file system ({FileNames()}) left out");
        }
    }

    private static void CheckRange(Uf2Block block)
    {
        if (block.Size > AddressRange.AddressSpaceEnd - block.Address)
        {
            throw new FirmwareFormatException(
                FirmwareFormatErrorKind.Malformed,
                $"the block at offset 0x{block.Offset:X}, {block.Size} bytes from 0x{block.Address:X8}, would end past 0xFFFFFFFF",
                "build the file again with the right address",
                "bytes that end at 0xFFFFFFFF or before",
                block.Offset + 12,
                address: block.Address);
        }
    }

    private readonly string FileNames()
    {
        var names = new List<string>();
        foreach (var block in _blocks)
        {
            if (!block.IsOfFile || names.Count > PrintableText.MostListed)
            {
                continue;
            }

            var name = block.Behind(_file);
            var end = name.IndexOf((byte)0);
            var text = PrintableText.Short(end < 0 ? name : name[..end]);
            if (!names.Contains(text, StringComparer.Ordinal))
            {
                names.Add(text);
            }
        }

        return PrintableText.List(names);
    }

    private static string List(Uf2Part[] parts) =>
        PrintableText.List([.. parts.Select(x => $"{Uf2Families.Name(x.Family)} ({x.Bytes} bytes)")]);

    private readonly void Tolerate(FileAllowances allowance, FirmwareFormatErrorKind kind, string reason, int? offset)
    {
        if (!_options.Allow.HasFlag(allowance))
        {
            throw new FirmwareFormatException(kind, reason, GetAgain, offset: offset);
        }

        if (_warnings.HasRoom())
        {
            _warnings.Add(reason);
        }
    }
}
