using System.Text.RegularExpressions;

namespace Defuse.Inspection;

/// <summary>The texts that firmware carries, as its sources spell them.</summary>
internal static partial class IdentityForms
{
    // The texts that these look at are a few hundred characters long.
    // The texts are short and the forms have no nested repeats; a clock would only fail a process that was asleep.
    private const int Timeout = System.Threading.Timeout.Infinite;
    private const RegexOptions Options = RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant;

    [GeneratedRegex(@"Pybricks MicroPython (?<version>\S*\d\S*) on (?<date>\d{4}-\d\d-\d\d)", Options, Timeout)]
    public static partial Regex Pybricks { get; }

    [GeneratedRegex(@"^(?<version>(ci-[\w-]+-)?v\d\S*) on (?<date>\d{4}-\d\d-\d\d)$", Options, Timeout)]
    public static partial Regex PybricksDate { get; }

    [GeneratedRegex(@"; (?<board>[\w .()-]{2,48}?) with (?<mcu>[A-Za-z][\w ]{3,31})\s*$", Options, Timeout)]
    public static partial Regex PybricksHub { get; }

    [GeneratedRegex(@"Adafruit CircuitPython (?<version>\d\S*) on (?<date>\d{4}-\d\d-\d\d)(; (?<board>[^\r\n]{1,64}?) with (?<mcu>[A-Za-z][\w-]+))?", Options, Timeout)]
    public static partial Regex CircuitPython { get; }

    [GeneratedRegex(@"(?<name>ArduCopter|ArduPlane|ArduRover|ArduSub|AntennaTracker|Blimp|AP_Periph) (?<version>V\d+\.\d+\S*) \([0-9a-f]{7,10}\)", Options, Timeout)]
    public static partial Regex ArduPilot { get; }

    [GeneratedRegex(@"espruino\.com\s+(?<version>\d+v\d+\S*) (\(c\)|Copyright) \d{4} G\.Williams", Options, Timeout)]
    public static partial Regex Espruino { get; }

    [GeneratedRegex(@"FIRMWARE_NAME:Marlin (?<version>\S+) \(((?<date>[A-Z][a-z]{2} [ \d]\d \d{4}) [\d:]{8}|GitHub|Github)\) SOURCE_CODE_URL:(\S*) PROTOCOL_VERSION:\S+( MACHINE_TYPE:(?<board>[^\r\n]{1,64}?) [A-Z]+_[A-Z]+:)?", Options, Timeout)]
    public static partial Regex Marlin { get; }

    [GeneratedRegex(@"PX4 git-hash: %s", Options, Timeout)]
    public static partial Regex Px4 { get; }

    [GeneratedRegex(@"furi_check failed", Options, Timeout)]
    public static partial Regex Flipper { get; }

    [GeneratedRegex(@"# DAPLink Firmware - see https?://\S+", Options, Timeout)]
    public static partial Regex DapLink { get; }

    [GeneratedRegex(@"Build ID: (?<version>\S+) \((gcc|armcc|armclang)\)", Options, Timeout)]
    public static partial Regex DapLinkBuild { get; }

    [GeneratedRegex(@"Black Magic Probe (\((?<board>[^)]{2,32})\) )?(?<version>v\d+\.\d+\S*)", Options, Timeout)]
    public static partial Regex BlackMagic { get; }

    [GeneratedRegex(@"nanoCLR running @ (?<board>\w{3,40})( built with (?<system>ChibiOS v[\d.]+|[\w-]+ \S+))?", Options, Timeout)]
    public static partial Regex NanoFramework { get; }

    [GeneratedRegex(@"^mboot-(?<version>v\d+\.\d+[\w.+-]*)", Options, Timeout)]
    public static partial Regex Mboot { get; }

    [GeneratedRegex(@"TinyUF2 Bootloader (?<version>\d+\.\d+\S*)[^\r\n]*\r\nModel: (?<board>[^\r\n]{1,64})\r\nBoard-ID: [^\r\n]{1,64}\r\nDate: (?<date>[A-Z][a-z]{2} [ \d]\d \d{4})?", Options, Timeout)]
    public static partial Regex TinyUf2 { get; }

    [GeneratedRegex(@"Daisy Bootloader", Options, Timeout)]
    public static partial Regex Daisy { get; }

    [GeneratedRegex(@"@[^@/\r\n]{1,31}/0x[0-9A-Fa-f]{8}/\d{1,3}\*\d{1,4}[ BKM][a-g](,\d{1,3}\*\d{1,4}[ BKM][a-g]|/0x[0-9A-Fa-f]{8}/\d{1,3}\*\d{1,4}[ BKM][a-g])*$", Options, Timeout)]
    public static partial Regex DfuSe { get; }

    [GeneratedRegex(@"[\w./\\-]*mbed-os[/\\](platform|rtos|hal|targets|events|features|drivers|cmsis|connectivity|storage)[/\\][\w./\\-]+\.(c|cpp|h)\b", Options, Timeout)]
    public static partial Regex MbedOs { get; }

    [GeneratedRegex(@"[\w./\\-]*mbed-dev[/\\](platform|rtos|hal|targets|api|common|drivers|cmsis)[/\\][\w./\\-]+\.(c|cpp|h)\b", Options, Timeout)]
    public static partial Regex Mbed2 { get; }

    [GeneratedRegex(@"https?://mbed\.com/s/error\?error=\S*&tgt=(?<board>\w+)", Options, Timeout)]
    public static partial Regex MbedTarget { get; }

    [GeneratedRegex(@"TARGET_STM[/\\]TARGET_(?<mcu>STM32[A-Z]{1,2}\d)[/\\]", Options, Timeout)]
    public static partial Regex MbedFamily { get; }

    [GeneratedRegex(@"^(?<board>[\w -]{2,48}?) CDC in FS Mode$", Options, Timeout)]
    public static partial Regex Arduino { get; }

    [GeneratedRegex(@"/rustc/(?<version>[0-9a-f]{40})[/\\](library|src)[/\\][\w./\\-]+\.rs", Options, Timeout)]
    public static partial Regex Rust { get; }

    [GeneratedRegex(@"[/\\]registry[/\\]src[/\\][^/\\]{1,64}[/\\](?<name>stm32(?<mcu>[a-z]\d|[a-z]{2})x{1,2}-hal|embassy-stm32)-(?<version>\d+\.\d+\.\d+[\w.+-]*)[/\\]", Options, Timeout)]
    public static partial Regex RustHal { get; }

    [GeneratedRegex(@"\*{3} Booting Zephyr OS (build|version) ((?<version>(zephyr-)?v?\d\S*)|%s)", Options, Timeout)]
    public static partial Regex Zephyr { get; }

    [GeneratedRegex(@"^(zephyr-)?v\d+\.\d+\.\d+(-\S+)?$", Options, Timeout)]
    public static partial Regex GitTag { get; }

    [GeneratedRegex(@"NuttShell \(NSH\) NuttX-(?<version>\d+\.\S+)", Options, Timeout)]
    public static partial Regex NuttX { get; }

    [GeneratedRegex(@"This is RIOT! \(Version: (?<version>[^\s)%]+)\)", Options, Timeout)]
    public static partial Regex Riot { get; }

    [GeneratedRegex(@"^RTX V(?<version>5\.\d+\.\d+)$", Options, Timeout)]
    public static partial Regex KeilRtx { get; }

    [GeneratedRegex(@"^Tmr Svc$", Options, Timeout)]
    public static partial Regex FreeRtos { get; }

    [GeneratedRegex(@"[\w:./\\ -]*(?<mcu>STM32[A-Z]{1,2}\d?)xx_HAL_Driver[/\\](Src|Inc)[/\\]stm32\w+\.[ch]\b", Options, Timeout)]
    public static partial Regex CubeHal { get; }

    [GeneratedRegex(@"^(CDC|DFU|MSC|HID|AUDIO|Custom HID|CUSTOM_HID) Interface$", Options, Timeout)]
    public static partial Regex CubeUsb { get; }

    [GeneratedRegex(@"[\w:./\\-]*devices[/\\](?<mcu>MK\w+|MIMXRT\w+|LPC\w+|MCX\w+|K32\w+)[/\\]drivers[/\\]fsl_\w+\.[ch]\b", Options, Timeout)]
    public static partial Regex NxpSdk { get; }

    [GeneratedRegex(@"^/lib(64)?/ld-linux[\w-]*\.so\.\d$", Options, Timeout)]
    public static partial Regex Linux { get; }

    [GeneratedRegex(@"^\d{1,4}\.\d{1,2}\.\d{1,2}(-[A-Za-z0-9.]+)?$", Options, Timeout)]
    public static partial Regex FlightVersion { get; }

    [GeneratedRegex(@"^[A-Z][a-z]{2} [ \d]\d \d{4}$", Options, Timeout)]
    public static partial Regex CompilerDate { get; }

    [GeneratedRegex(@"^STM32[A-Z]\d[0-9A-Zx]{1,4}$", Options, Timeout)]
    public static partial Regex FlightMcu { get; }

    [GeneratedRegex(@"^PX4_FMU_\w+$", Options, Timeout)]
    public static partial Regex Px4Board { get; }

    [GeneratedRegex(@"^(NUCLEO|DISCO)_(?<part>[FGHLUW]\w+)$", Options, Timeout)]
    public static partial Regex MbedBoard { get; }
}
