using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Inspection;

/// <summary>Every firmware that is known, and by what.</summary>
internal static class IdentityRules
{
    private const string BetaflightName = "Betaflight";
    private const string BetaflightId = "BTFL";
    private const string InavName = "INAV";
    private const string InavBanner = "# %s/%s %s %s / %s (%s)";
    private const string HidesMicroPython = "Pybricks";

    private static readonly ImmutableArray<IdentityRule> Rules =
    [
        new("Pybricks", FirmwareKind.Product, "Pybricks MicroPython ", IdentityForms.Pybricks)
        {
            Details = [(" with ", IdentityForms.PybricksHub)],
        },

        // The smallest hub has no room for the name in its banner.
        new("Pybricks", FirmwareKind.Product, " on 20", IdentityForms.PybricksDate) { Besides = ["Pybricks Hub", "pybricks.hubs"] },
        new("CircuitPython", FirmwareKind.Product, "Adafruit CircuitPython ", IdentityForms.CircuitPython),
        .. new[] { "ArduCopter V", "ArduPlane V", "ArduRover V", "ArduSub V", "AntennaTracker V", "Blimp V", "AP_Periph V" }
            .Select(x => new IdentityRule("ArduPilot", FirmwareKind.Product, x, IdentityForms.ArduPilot)
            {
                Refine = static (identity, _) => identity with { Name = $"ArduPilot {identity.Name}" },
            }),
        new("Espruino", FirmwareKind.Product, " G.Williams", IdentityForms.Espruino),
        new("Marlin", FirmwareKind.Product, "FIRMWARE_NAME:Marlin ", IdentityForms.Marlin),
        new("PX4", FirmwareKind.Product, "PX4 git-hash: %s", IdentityForms.Px4)
        {
            Refine = static (identity, text) => text.Places("HW arch: %s").Count == 0 ? null : identity with
            {
                Board = text.OnlyString(IdentityForms.Px4Board),
                Version = text.OnlyString(IdentityForms.GitTag),
            },
        },
        new("Flipper Zero firmware", FirmwareKind.Product, "furi_check failed", IdentityForms.Flipper) { Besides = ["Flipper Devices Inc."] },
        new("DAPLink", FirmwareKind.Product, "# DAPLink Firmware - see http", IdentityForms.DapLink)
        {
            Details = [("Build ID: ", IdentityForms.DapLinkBuild)],
        },
        new("Black Magic Probe", FirmwareKind.Product, "Black Magic Probe ", IdentityForms.BlackMagic) { Besides = ["Black Magic GDB Server"] },
        new("nanoFramework", FirmwareKind.Product, "nanoCLR running @ ", IdentityForms.NanoFramework),
        new("mboot", FirmwareKind.Bootloader, "mboot-v", IdentityForms.Mboot)
        {
            Refine = static (identity, text) => text.Places("@Internal Flash ").Count == 0 ? null : identity,
        },
        new("TinyUF2", FirmwareKind.Bootloader, "TinyUF2 Bootloader ", IdentityForms.TinyUf2),
        new("Daisy bootloader", FirmwareKind.Bootloader, "Daisy Bootloader", IdentityForms.Daisy)
        {
            Besides = ["Daisy Bootloader", "Electrosmith"],

            // Every Daisy is a Daisy Seed or has its chip.
            Refine = static (identity, _) => identity with { Board = "Daisy", Mcu = "STM32H750" },
        },
        new("Arduino core STM32", FirmwareKind.Framework, " CDC in FS Mode", IdentityForms.Arduino)
        {
            // The three strings begin with one name.
            Refine = static (identity, text) =>
                NameBefore(text, " CDC Config") is { } name && name == NameBefore(text, " CDC Interface") && identity.Board!.EndsWith(name, StringComparison.Ordinal)
                    ? identity with { Board = name }
                    : null,
        },
        new("Mbed OS", FirmwareKind.Framework, "mbed-os/", IdentityForms.MbedOs)
        {
            Details = [("&tgt=", IdentityForms.MbedTarget), ("TARGET_STM/TARGET_STM32", IdentityForms.MbedFamily)],
            Refine = static (identity, _) => identity with { Mcu = McuOfMbedBoard(identity.Board) ?? identity.Mcu },
        },
        new("Mbed 2", FirmwareKind.Framework, "mbed-dev/", IdentityForms.Mbed2)
        {
            Details = [("TARGET_STM/TARGET_STM32", IdentityForms.MbedFamily)],
        },
        new("Rust", FirmwareKind.Framework, "/rustc/", IdentityForms.Rust)
        {
            Refine = static (identity, _) => identity with { Version = $"(compiler's commit {identity.Version![..9]})" },
        },
        new("Zephyr", FirmwareKind.OperatingSystem, "*** Booting Zephyr OS ", IdentityForms.Zephyr)
        {
            Refine = static (identity, text) => identity with { Version = identity.Version ?? text.OnlyString(IdentityForms.GitTag) },
        },
        new("NuttX", FirmwareKind.OperatingSystem, "NuttShell (NSH) NuttX-", IdentityForms.NuttX),
        new("RIOT", FirmwareKind.OperatingSystem, "This is RIOT! (Version: ", IdentityForms.Riot),
        new("Keil RTX", FirmwareKind.OperatingSystem, "RTX V5.", IdentityForms.KeilRtx),
        new("FreeRTOS", FirmwareKind.OperatingSystem, "Tmr Svc", IdentityForms.FreeRtos) { Besides = ["Tmr Svc", "IDLE"] },
        new("Linux program", FirmwareKind.OperatingSystem, "/ld-linux", IdentityForms.Linux),
        new("HAL for Rust", FirmwareKind.Library, "/registry/src/", IdentityForms.RustHal)
        {
            Refine = static (identity, _) => identity with { Mcu = identity.Mcu is null ? null : $"STM32{identity.Mcu.ToUpperInvariant()}" },
        },
        new("STM32Cube HAL", FirmwareKind.Library, "xx_HAL_Driver", IdentityForms.CubeHal),
        .. new[] { "CDC", "DFU", "MSC", "HID", "AUDIO", "Custom HID", "CUSTOM_HID" }
            .Select(x => new IdentityRule("STM32Cube USB device library", FirmwareKind.Library, $"{x} Interface", IdentityForms.CubeUsb)
            {
                Besides = [$"{x} Interface", $"{x} Config"],
            }),
        new("DfuSe interface", FirmwareKind.Library, "/0x", IdentityForms.DfuSe),
        new("NXP MCUXpresso SDK", FirmwareKind.Library, "/drivers/fsl_", IdentityForms.NxpSdk),
        new("NXP MCUXpresso SDK", FirmwareKind.Library, "\\drivers\\fsl_", IdentityForms.NxpSdk),
    ];

    private static readonly MarkerScan Scan = new(
        Rules.SelectMany(x => x.Markers)
            .Concat([BetaflightName, BetaflightId, InavName, InavBanner, "HW arch: %s", "@Internal Flash ", " CDC Config", " CDC Interface"])
            .Concat([ArduPilotVersion.Marker, ChibiOsVersion.Marker, KlipperDictionary.Marker])
            .Distinct(StringComparer.Ordinal));

    /// <summary>All that an image says it is, the most specific first.</summary>
    public static ImmutableArray<FirmwareIdentity> Apply(FirmwareImage image)
    {
        var text = new ImageText(image, Scan);
        var found = new List<FirmwareIdentity>();
        foreach (var identity in (IEnumerable<FirmwareIdentity?>)
            [
                ArduPilotVersion.Find(text),
                KlipperDictionary.Find(text),
                FlightController(text, BetaflightName, text.Whole(BetaflightId)),
                FlightController(text, InavName, text.Places(InavBanner) is [var banner, ..] ? banner : null),
                .. Rules.Select(x => x.Find(text)),
                MicroPythonBanner.Find(image),
                ChibiOsVersion.Find(text),
            ])
        {
            if (identity is not null
                && !found.Any(x => x.Name == identity.Name)
                && !(identity.Name == "MicroPython" && found.Any(x => x.Name == HidesMicroPython)))
            {
                found.Add(identity);
            }
        }

        return [.. found.OrderBy(x => x.Kind)];
    }

    // Betaflight and INAV keep name, version, target and date as strings of their own, in no order: what there is only one
    // of is taken.
    private static FirmwareIdentity? FlightController(ImageText text, string name, TextPlace? besides) =>
        besides is null || text.Whole(name) is not { } place ? null : new FirmwareIdentity(name, FirmwareKind.Product, name, text.AddressOf(place))
        {
            Version = text.OnlyString(IdentityForms.FlightVersion),
            Date = text.OnlyString(IdentityForms.CompilerDate) is { } date ? IdentityRule.ParseDate(date) : null,
            Mcu = text.OnlyString(IdentityForms.FlightMcu),
        };

    // What stands before a marker in one string with it; without code that happens to be printable, as far as can be told.
    private static string? NameBefore(ImageText text, string marker)
    {
        foreach (var place in text.Places(marker))
        {
            var around = text.Around(place, out var start);
            var length = place.Offset - start.Offset;
            if (length >= 2 && around.Length == length + marker.Length && !around.AsSpan(0, length).ContainsAny('\r', '\n', '\t'))
            {
                return around[..length];
            }
        }

        return null;
    }

    // Mbed names ST's boards by their chip.
    private static string? McuOfMbedBoard(string? board) =>
        board is not null && IdentityForms.MbedBoard.Match(board) is { Success: true } match ? $"STM32{match.Groups["part"].Value}" : null;
}
