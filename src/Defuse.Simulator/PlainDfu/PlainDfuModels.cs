namespace Defuse.Simulator.PlainDfu;

/// <summary>Bootloaders without ST's extensions.</summary>
internal static class PlainDfuModels
{
    /// <summary>
    /// STM32duino's bootloader for Maple-like boards (1EAF:0003): strings, bcdDevice, serial number, DFU version, wTransferSize
    /// and dfuMANIFEST-WAIT-RESET as dfu-util's output shows them; the manufacturer and product strings are inferred.
    /// </summary>
    public static PlainDfuModel Maple { get; } = new()
    {
        VendorId = 0x1EAF,
        ProductId = 0x0003,
        DeviceRelease = 0x0201,
        Manufacturer = "LeafLabs",
        Product = "Maple 003",
        SerialNumber = "LLM 003",
        AlternateSettings =
        [
            ("STM32duino bootloader v1.0  ERROR. Upload to RAM not supported.", null),
            ("STM32duino bootloader v1.0  Upload to Flash 0x8005000", 0x0800_5000),
            ("STM32duino bootloader v1.0  Upload to Flash 0x8002000", 0x0800_2000),
        ],
        TransferSize = 1024,
        CanUpload = true,
        WaitsForReset = true,
    };

    /// <summary>A device of nobody's: it answers on after it took an image. The USB id is one that is set aside for tests.</summary>
    public static PlainDfuModel Tolerant { get; } = new()
    {
        VendorId = 0x1209,
        ProductId = 0x0001,
        DeviceRelease = 0x0100,
        Manufacturer = "Defuse",
        Product = "DFU 1.1 device",
        SerialNumber = "TOLERANT",
        AlternateSettings = [("Firmware", 0x0800_2000)],
        TransferSize = 512,
        CanUpload = true,
        IsManifestationTolerant = true,
    };

    /// <summary>Another: its program has a run-time interface that detaches, and its bootloader leaves the bus with the image.</summary>
    public static PlainDfuModel Detaching { get; } = new()
    {
        VendorId = 0x1209,
        ProductId = 0x0002,
        RunTimeProductId = 0x0003,
        DeviceRelease = 0x0100,
        Manufacturer = "Defuse",
        Product = "DFU 1.1 device that detaches",
        SerialNumber = "DETACHING",
        AlternateSettings = [("Firmware", 0x0800_2000)],
        TransferSize = 256,
    };
}
