namespace Defuse.Simulator.Chips;

/// <summary>Bits and fields of option bytes, counted from the first byte's lowest bit on.</summary>
internal static class OptionBits
{
    public static bool Get(ReadOnlySpan<byte> bytes, int bit) => (bytes[bit / 8] & (1 << (bit % 8))) != 0;

    public static void Set(Span<byte> bytes, int bit, bool value)
    {
        var mask = 1 << (bit % 8);
        bytes[bit / 8] = (byte)(value ? bytes[bit / 8] | mask : bytes[bit / 8] & ~mask);
    }

    public static int GetField(ReadOnlySpan<byte> bytes, int bit, int width)
    {
        var value = 0;
        for (var i = 0; i < width; i++)
        {
            value |= Get(bytes, bit + i) ? 1 << i : 0;
        }

        return value;
    }

    public static void SetField(Span<byte> bytes, int bit, int width, int value)
    {
        for (var i = 0; i < width; i++)
        {
            Set(bytes, bit + i, (value & (1 << i)) != 0);
        }
    }
}
