using System.Collections.Immutable;
using Defuse.Images;
using Defuse.Simulator;

namespace Defuse.Bench.Performance;

/// <summary>A piece of work that is measured.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Image">What is flashed; null where memory is only read.</param>
/// <param name="Holds">What is on the chip before it, over old firmware; null for nothing.</param>
/// <param name="EraseChip">Whether all is erased at once.</param>
internal sealed record Workload(string Name, byte[]? Image, byte[]? Holds = null, bool EraseChip = false)
{
    public const string Unchanged = "the same again";
    public const string OneByte = "one byte changed";
    public const string AtOnce = "--erase chip";

    /// <summary>Whether the image has no blank block.</summary>
    public bool IsFull { get; init; } = true;

    public static Workload Fresh(BenchBoard board) => new($"fresh, {board.Size >> 10} KiB", Random(board.Size, 1));

    public static ImmutableArray<Workload> Of(BenchBoard board, SimulatedChip chip)
    {
        var image = Random(board.Size, 1);
        var changed = image.ToArray();
        changed[^(board.Size / 3)] ^= 0xFF;
        var whole = Random(Math.Min(1 << 20, chip.FlashSize), 2);
        var blank = Enumerable.Repeat((byte)0xFF, board.Size).ToArray();
        image.AsSpan(0, board.Size / 10).CopyTo(blank);
        image.AsSpan(0, 1000).CopyTo(blank.AsSpan(board.Size - 1000));
        return
        [
            Fresh(board),
            .. whole.Length > board.Size ? [new($"fresh, {whole.Length >> 10} KiB", whole)] : ImmutableArray<Workload>.Empty,
            new(Unchanged, image, image),
            new(OneByte, image, changed),
            new("a tenth full", blank) { IsFull = false },
            new(AtOnce, image, EraseChip: true),
            new("read all", null),
        ];
    }

    public static byte[] Random(int size, int seed)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>What has to be read, programmed and verified.</summary>
    public FirmwareImage AsImage(SimulatedBoard board) => FirmwareImage.FromBytes(board.Chip.FlashAddress, Image!);

    public void Prepare(SimulatedBoard board)
    {
        if (Holds is { } bytes)
        {
            board.Chip.WriteFlash(board.Chip.FlashAddress, bytes);
        }
    }

    /// <summary>Throws unless the chip holds the image.</summary>
    public void Check(SimulatedBoard board)
    {
        var found = new byte[Image?.Length ?? 0];
        board.Chip.ReadFlash(board.Chip.FlashAddress, found);
        if (!found.AsSpan().SequenceEqual(Image ?? []))
        {
            throw new InvalidOperationException($"{Name}: the chip does not hold the image.");
        }
    }
}
