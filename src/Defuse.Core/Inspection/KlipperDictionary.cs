using System.IO.Compression;
using System.Text.Json;

namespace Defuse.Inspection;

/// <summary>What a Klipper micro-controller tells its host: JSON, packed with zlib into the image (klippy, buildcommands.py).</summary>
internal static class KlipperDictionary
{
    /// <summary>A zlib stream at the highest level.</summary>
    public const string Marker = "\u0078\u00DA";

    // A real one has some 2 KB packed and 10 KB unpacked.
    private const int MostPacked = 16 * 1024;
    private const int MostUnpacked = 128 * 1024;

    // Two bytes turn up by chance, once in 64 KB.
    private const int MostTried = 64;

    public static FirmwareIdentity? Find(ImageText text)
    {
        foreach (var place in text.Places(Marker).Take(MostTried))
        {
            if (Unpack(text.From(place)) is { } json && Read(json, text.AddressOf(place)) is { } identity)
            {
                return identity;
            }
        }

        return null;
    }

    private static byte[]? Unpack(ReadOnlySpan<byte> packed)
    {
        using var source = new MemoryStream(packed[..Math.Min(packed.Length, MostPacked)].ToArray());
        using var stream = new ZLibStream(source, CompressionMode.Decompress);
        var bytes = new byte[1];
        try
        {
            if (stream.ReadAtLeast(bytes, 1, throwOnEndOfStream: false) == 0 || bytes[0] != (byte)'{')
            {
                return null;
            }

            using var unpacked = new MemoryStream();
            unpacked.Write(bytes);
            var buffer = new byte[4096];
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                unpacked.Write(buffer, 0, read);
                if (unpacked.Length > MostUnpacked)
                {
                    return null;
                }
            }

            return unpacked.ToArray();
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static FirmwareIdentity? Read(byte[] json, uint address)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            var root = document.RootElement;
            if (Text(root, "version") is not { } version || !root.TryGetProperty("commands", out _))
            {
                return null;
            }

            var mcu = root.TryGetProperty("config", out var config) && config.ValueKind == JsonValueKind.Object ? Text(config, "MCU") : null;
            var name = Text(root, "app") ?? "Klipper";
            return new FirmwareIdentity(name, FirmwareKind.Product, "its dictionary of commands, packed", address)
            {
                Version = version,
                Mcu = mcu?.StartsWith("stm32", StringComparison.Ordinal) == true ? mcu.ToUpperInvariant() : mcu,
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        && value.GetString() is { Length: > 0 and <= 64 } text && text.All(x => x is >= ' ' and <= '~') ? text : null;
}
