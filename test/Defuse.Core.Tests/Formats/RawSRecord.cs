namespace Defuse.Core.Tests.Formats;

/// <summary>S-records from the manual's table, with no code of the product.</summary>
internal static class RawSRecord
{
    public const string End = "S9030000FC\n";

    public static string Record(int type, long address, params byte[] data)
    {
        var width = type switch { 2 or 6 or 8 => 3, 3 or 7 => 4, _ => 2 };
        byte[] body = [(byte)(width + data.Length + 1), .. Enumerable.Range(1, width).Select(i => (byte)((address >> (8 * (width - i))) & 0xFF)), .. data];
        return $"S{type}{Convert.ToHexString(body)}{~body.Sum(x => x) & 0xFF:X2}\n";
    }
}
