namespace Defuse.Simulator.Roms;

/// <summary>A device's descriptors, byte for byte (USB 2.0, section 9.6; USB DFU 1.1, section 4).</summary>
internal interface IDescriptors
{
    /// <summary>How many alternate settings its one interface has.</summary>
    int AlternateSettings { get; }

    byte[] Device { get; }

    byte[] Configuration { get; }

    /// <summary>The DFU functional descriptor.</summary>
    byte[] Functional { get; }

    /// <summary>A string descriptor; null if there is none of this index.</summary>
    byte[]? String(byte index);
}
