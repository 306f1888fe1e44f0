using System.Text.Json;

namespace Defuse.Diagnostics;

/// <summary>A report: what was seen of a computer and of what is plugged in, as a JSON file that can be looked at again elsewhere.</summary>
/// <remarks>Immutable.</remarks>
public sealed record HostInventoryFile
{
    /// <summary>The version of the form that this version writes and reads. It grows when a member's meaning changes, not when members are added.</summary>
    public const int CurrentSchema = 1;

    /// <summary>The longest file that is read, in bytes; what a computer with 127 devices on each of eight buses fills is a tenth of it.</summary>
    public const int LongestFile = 8 << 20;

    internal const string FileType = "host-inventory";

    /// <summary>The version of the form: 1.</summary>
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>What kind of file it is: "host-inventory".</summary>
    public string Type { get; init; } = FileType;

    /// <summary>What wrote it, with its version ("defuse 0.1.0").</summary>
    public string? Program { get; init; }

    /// <summary>The address of the board that it was asked for; null for all.</summary>
    public string? Address { get; init; }

    /// <summary>Whether serial numbers and names were replaced.</summary>
    public bool IsScrubbed { get; init; }

    /// <summary>What was seen.</summary>
    public required HostInventory Inventory { get; init; }

    /// <summary>Reads a report, whoever wrote it.</summary>
    /// <param name="utf8">The file's bytes.</param>
    /// <exception cref="HostInventoryFormatException">It is none, is of a later form, or holds more than any computer has.</exception>
    public static HostInventoryFile Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > LongestFile)
        {
            throw TooLong();
        }

        var text = utf8.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? utf8[3..] : utf8;
        HostInventoryFile? file;
        try
        {
            // Of a later form, no more is to be understood than that.
            var envelope = JsonSerializer.Deserialize(text, HostInventoryJson.File.HostInventoryEnvelope);
            if (envelope is not { Type: FileType })
            {
                throw new HostInventoryFormatException("that is no report of defuse doctor", "write one with defuse doctor --report FILE");
            }

            if (envelope.Schema != CurrentSchema)
            {
                throw new HostInventoryFormatException($"the report has form {envelope.Schema}, and this version reads form {CurrentSchema}", "use the version of defuse that wrote it, or a later one");
            }

            file = JsonSerializer.Deserialize(text, HostInventoryJson.File.HostInventoryFile);
            if (file is not null && envelope.Inventory?.System is { HasUsb: null })
            {
                // The generated code gives members that are left out the value of their type, not their own.
                file = file with { Inventory = file.Inventory with { System = file.Inventory.System with { HasUsb = true } } };
            }
        }
        catch (JsonException e)
        {
            throw new HostInventoryFormatException($"that is no report that can be read: {(e.InnerException is JsonException ? $"line {(e.LineNumber ?? 0) + 1} is no JSON" : e.Message.TrimEnd('.'))}", "write one with defuse doctor --report FILE", e);
        }

        return HostInventoryCheck.Checked(file ?? throw new HostInventoryFormatException("the report is empty", "write one with defuse doctor --report FILE"));
    }

    /// <summary>Reads a report from a stream, to its end.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="HostInventoryFormatException">It is none, is of a later form, or holds more than any computer has.</exception>
    public static async ValueTask<HostInventoryFile> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var bytes = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (var count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            count > 0;
            count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false))
        {
            if (bytes.Length + count > LongestFile)
            {
                throw TooLong();
            }

            await bytes.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
        }

        return Parse(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    /// <summary>The file's bytes: UTF-8, indented, with a line feed at the end.</summary>
    public byte[] ToUtf8() => [.. JsonSerializer.SerializeToUtf8Bytes(this, HostInventoryJson.File.HostInventoryFile), (byte)'\n'];

    private static HostInventoryFormatException TooLong() =>
        new($"a report has {LongestFile >> 20} MB at most, and this file is longer", "write one with defuse doctor --report FILE");
}
