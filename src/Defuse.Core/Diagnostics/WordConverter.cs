using System.Text.Json;
using System.Text.Json.Serialization;

namespace Defuse.Diagnostics;

/// <summary>The members of an enumeration as words in lower case with hyphens; nothing else is one.</summary>
internal sealed class WordConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        foreach (var value in Enum.GetValues<T>())
        {
            if (string.Equals(Word(value), text, StringComparison.Ordinal))
            {
                return value;
            }
        }

        throw new JsonException($"one of {string.Join(", ", Enum.GetValues<T>().Select(Word))} belongs here");
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(Word(value));

    private static string Word(T value) => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
