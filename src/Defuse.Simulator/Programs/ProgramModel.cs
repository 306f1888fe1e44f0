using System.Text;

namespace Defuse.Simulator.Programs;

/// <summary>A program that a board runs, and what it shows on USB: one CDC ACM function.</summary>
internal sealed record ProgramModel
{
    public required ushort VendorId { get; init; }

    public required ushort ProductId { get; init; }

    /// <summary>bcdDevice.</summary>
    public ushort DeviceRelease { get; init; } = 0x0200;

    public required string Manufacturer { get; init; }

    public required string Product { get; init; }

    public required Func<SimulatedChip, string> SerialNumber { get; init; }

    /// <summary>Whether an interface association says that the two interfaces belong together; else the device's own class does.</summary>
    public bool HasAssociation { get; init; } = true;

    /// <summary>Whether a third interface offers DFU at run time, and detaches into the ROM.</summary>
    public bool HasDfuRunTime { get; init; }

    /// <summary>Whether it sends nothing while DTR is low, and keeps only the last of it.</summary>
    public bool WaitsForDtr { get; init; }

    /// <summary>
    /// What is on USB instead of the program: an adapter at its serial line, on a socket of its own. Null for a program that has USB itself.
    /// </summary>
    public ProgramModel? Adapter { get; init; }

    /// <summary>The text in flash memory by which the program is known.</summary>
    public required string Marker { get; init; }

    /// <summary>Makes the program.</summary>
    public required Func<IProgramLine, SerialProgram> Create { get; init; }

    /// <summary>The beginning of flash memory as the board is sold: vectors that a chip can start from, and the program's marker.</summary>
    public byte[] ShippedImage(uint address)
    {
        var image = new byte[1024];
        image.AsSpan().Fill(0xFF);
        BitConverter.TryWriteBytes(image, 0x2000_8000u);
        for (var vector = 1; vector < 16; vector++)
        {
            BitConverter.TryWriteBytes(image.AsSpan(4 * vector), address + 0x201);
        }

        // A branch to itself, then the marker.
        image[0x200] = 0xFE;
        image[0x201] = 0xE7;
        image.AsSpan(0x240, 128).Clear();
        Encoding.ASCII.GetBytes(Marker, image.AsSpan(0x240, 127));
        return image;
    }
}
