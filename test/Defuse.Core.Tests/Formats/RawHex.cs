namespace Defuse.Core.Tests.Formats;

/// <summary>Intel HEX records from the specification's table, with no code of the product.</summary>
internal static class RawHex
{
    public const string End = ":00000001FF\n";

    public static string Record(int type, int address, params byte[] data)
    {
        byte[] body = [(byte)data.Length, (byte)(address >> 8), (byte)(address & 0xFF), (byte)type, .. data];
        return ":" + Convert.ToHexString(body) + (-body.Sum(x => x) & 0xFF).ToString("X2") + "\n";
    }
}
