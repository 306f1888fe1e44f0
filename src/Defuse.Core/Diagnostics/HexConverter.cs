using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Defuse.Diagnostics;

/// <summary>Numbers as USB's documents and tools write them, in hexadecimal digits: "0483", "fe".</summary>
internal sealed class HexConverter<T> : JsonConverter<T>
    where T : struct, IBinaryInteger<T>, IUnsignedNumber<T>
{
    private static int Digits => 2 * Unsafe.SizeOf<T>();

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        // GetString of anything but a text throws what is not meant for bad files.
        if (reader.TokenType != JsonTokenType.String
            || reader.GetString() is not { } text
            || text.Length != Digits
            || !T.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            throw new JsonException($"{Digits} hexadecimal digits belong here");
        }

        return value;
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString($"x{Digits}", CultureInfo.InvariantCulture));
}
