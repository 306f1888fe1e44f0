using System.Runtime.CompilerServices;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Targets;

namespace Defuse.Cli.Tests;

/// <summary>A board of a few sectors that fails when it is told to.</summary>
internal sealed class FakeTarget : IMemoryTarget
{
    public const uint Start = 0x0800_0000;
    private const int Block = 1024;
    private readonly byte[] _memory = new byte[256 * 1024];

    public FakeTarget(string address, bool isReadable = true) => Description = new TargetDescription
    {
        Name = "Fake board",
        Address = address,
        Memory = new MemoryMap([new MemoryRegion("Internal Flash", 0, [new SectorRun(Start, 4, 32 * 1024, SectorAccess.All), new SectorRun(0x0802_0000, 1, 128 * 1024, SectorAccess.All)])]),
        Candidates = [new ChipCandidate(ChipDatabase.Default.Chips.Single(x => x.Id == 0x451), ["the test says so"])],
        BlockSize = Block,
        VendorId = 0x0483,
        ProductId = 0xDF11,
        SerialNumber = "FAKE01",
        IsReadable = isReadable,
    };

    public TargetDescription Description { get; }

    public TimeProvider Time => TimeProvider.System;

    public Span<byte> Memory => _memory;

    /// <summary>Called before each step with "erase", "write", "read" or "start", and its address.</summary>
    public Action<string, uint> Before { get; set; } = (_, _) => { };

    /// <summary>Whether writing has no effect.</summary>
    public bool IgnoresWrites { get; set; }

    public ValueTask EraseSectorAsync(uint address, CancellationToken cancellationToken)
    {
        Before("erase", address);
        var range = Description.Memory.FindSector(address)!.Value.Range;
        _memory.AsSpan((int)(range.Start - Start), (int)range.Length).Fill(0xFF);
        return ValueTask.CompletedTask;
    }

    public ValueTask EraseAllAsync(CancellationToken cancellationToken)
    {
        Before("erase", Start);
        _memory.AsSpan().Fill(0xFF);
        return ValueTask.CompletedTask;
    }

    public ValueTask WriteAsync(uint address, ReadOnlyMemory<byte> data, IProgress<AddressRange>? written, CancellationToken cancellationToken)
    {
        for (var done = 0; done < data.Length; done += Block)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var at = address + (uint)done;
            Before("write", at);
            var block = data.Slice(done, Math.Min(Block, data.Length - done));
            if (!IgnoresWrites)
            {
                block.CopyTo(_memory.AsMemory((int)(at - Start)));
            }

            written?.Report(new AddressRange(at, block.Length));
        }

        return ValueTask.CompletedTask;
    }

    public async IAsyncEnumerable<MemoryBlock> ReadAsync(AddressRange range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        for (long at = range.Start; at < range.End; at += Block)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Before("read", (uint)at);
            yield return new MemoryBlock((uint)at, _memory.AsMemory((int)(at - Start), (int)Math.Min(Block, range.End - at)));
        }
    }

    public ValueTask<StartOutcome> StartAsync(uint address, CancellationToken cancellationToken)
    {
        Before("start", address);
        return ValueTask.FromResult(StartOutcome.Left);
    }

    public ValueTask SettleAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
