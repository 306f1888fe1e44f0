using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Defuse.Devices;

namespace Defuse.Diagnostics;

/// <summary>Replaces what tells one person's computer or board from another's, so that a report can be shown to anybody.</summary>
/// <remarks>
/// The same serial number becomes the same word everywhere, in every report: what two boards share can still be seen. The word is a
/// hash without a key: who has the board in hand, and so its serial number, can tell that a report is of it; the number cannot be read
/// from it, but one of few possible ones could be tried out.
/// </remarks>
public sealed partial class HostInventoryScrubber
{
    private const string Hashed = "hash-";
    private const int HashDigits = 10;

    // What is shorter is part of too many other words to be looked for inside of them.
    private const int ShortestInside = 8;
    private const int ShortestWord = 4;
    private const int BoardDigits = 4;

    // Names that tell nothing, and that are words of paths and systems besides.
    private static readonly ImmutableArray<string> PublicUsers =
    [
        "root", "user", "users", "public", "default", "shared", "admin", "administrator", "pi", "dev", "usb", "sys", "tty", "sudo", "udev", "plugdev", "dialout",
        "debian", "ubuntu", "fedora", "arch", "linux", "windows", "host",
    ];

    // Others may name a company or a project.
    private static readonly ImmutableArray<string> PublicGroups = ["group", "uucp", "modem", "serial", "lock", "wheel", "adm", "disk", "video", "audio", "input", .. PublicUsers];

    private static readonly ImmutableArray<string> PublicHosts = ["localhost", "127.0.0.1", "[::1]", "raspberrypi", .. PublicUsers];

    private readonly ImmutableArray<string> _shared;
    private readonly ImmutableArray<string> _users;
    private readonly ImmutableArray<string> _hosts;

    /// <param name="sharedSerialNumbers">Serial numbers that all chips of a kind have, so that they tell none from another: they stay.</param>
    /// <param name="userNames">The names of users of the computer.</param>
    /// <param name="hostNames">The names of the computer.</param>
    public HostInventoryScrubber(IEnumerable<string> sharedSerialNumbers, IEnumerable<string> userNames, IEnumerable<string> hostNames)
    {
        ArgumentNullException.ThrowIfNull(sharedSerialNumbers);
        ArgumentNullException.ThrowIfNull(userNames);
        ArgumentNullException.ThrowIfNull(hostNames);
        _shared = [.. sharedSerialNumbers];
        _users = [.. userNames.Where(x => x.Length > 1 && !PublicUsers.Contains(x, StringComparer.OrdinalIgnoreCase)).Distinct(StringComparer.Ordinal)];
        _hosts = [.. hostNames.Where(x => x.Length > 1 && !PublicHosts.Contains(x, StringComparer.OrdinalIgnoreCase)).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The word that stands for a serial number; upper and lower case are the same to it.</summary>
    /// <param name="serialNumber">The serial number.</param>
    public static string Hash(string serialNumber)
    {
        ArgumentNullException.ThrowIfNull(serialNumber);
        return Hashed + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(serialNumber.ToUpperInvariant())))[..HashDigits];
    }

    /// <summary>A report of an inventory that tells nobody's serial numbers and names.</summary>
    /// <param name="inventory">What was seen.</param>
    /// <param name="address">The address of the board that it was asked for; null for all.</param>
    /// <param name="program">What writes it, with its version.</param>
    /// <returns>The report, and how many different serial numbers are replaced in it.</returns>
    public (HostInventoryFile Report, int SerialNumbers) Scrub(HostInventory inventory, string? address, string? program)
    {
        ArgumentNullException.ThrowIfNull(inventory);
        inventory = OfBoards(inventory);
        var serials = SerialNumbers(inventory, address);
        var hosts = Hosts(inventory, address);
        string Replaced(InventoryText kind, string text) => Scrub(kind, text, serials, hosts);
        return (
            new HostInventoryFile
            {
                Program = program,
                Address = address is null ? null : Replaced(InventoryText.Address, address),
                IsScrubbed = true,
                Inventory = HostInventoryTexts.Map(inventory, Replaced),
            },
            serials.Count);
    }

    // The system also tells of small memory sticks, whose labels are private, and on Windows of phones by the names that their owners gave them.
    private static HostInventory OfBoards(HostInventory inventory)
    {
        var shown = BoardJoin.Join(inventory, BoardDatabase.Default).SelectMany(x => x.Volumes).ToHashSet();
        return inventory with
        {
            Volumes = [.. inventory.Volumes.Where(shown.Contains)],
            UsbDevices = [.. inventory.UsbDevices.Select(x => x.SystemClass == "Portable Devices" ? x with { SystemName = null } : x)],
        };
    }

    // All that is one, by itself or inside of something, so that it is found in everything else as well; the longest first.
    private List<string> SerialNumbers(HostInventory inventory, string? address)
    {
        var found = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        void Add(string text)
        {
            if (text.Length > 0 && !IsHash(text) && !_shared.Contains(text, StringComparer.OrdinalIgnoreCase))
            {
                found.Add(text);
            }
        }

        string Look(InventoryText kind, string text)
        {
            if (kind == InventoryText.SerialNumber)
            {
                Add(text);
            }

            if (kind is InventoryText.Place or InventoryText.Address or InventoryText.Talk)
            {
                foreach (var match in InstanceId().Matches(text).Concat(ById().Matches(text)).Concat(MacPort().Matches(text)).Concat(InAddress().Matches(text)))
                {
                    Add(match.Groups["serial"].Value);
                }
            }

            return text;
        }

        HostInventoryTexts.Map(inventory, Look);
        if (address is not null)
        {
            Look(InventoryText.Address, address);
        }

        return [.. found.OrderByDescending(x => x.Length).ThenBy(x => x, StringComparer.Ordinal)];
    }

    // Other computers, by the addresses of what is plugged in there, which messages repeat in part.
    private static List<string> Hosts(HostInventory inventory, string? address)
    {
        var found = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        string Look(InventoryText kind, string text)
        {
            found.UnionWith(AddressHost().Matches(text).Select(x => x.Groups["host"].Value).Where(x => !IsHash(x) && !PublicHosts.Contains(x, StringComparer.OrdinalIgnoreCase)));
            return text;
        }

        HostInventoryTexts.Map(inventory, Look);
        Look(InventoryText.Address, address ?? "");
        return [.. found.OrderByDescending(x => x.Length).ThenBy(x => x, StringComparer.Ordinal)];
    }

    private string Scrub(InventoryText kind, string text, List<string> serials, List<string> hosts)
    {
        switch (kind)
        {
            case InventoryText.SerialNumber:
                return text.Length == 0 || IsHash(text) || _shared.Contains(text, StringComparer.OrdinalIgnoreCase) ? text : Hash(text);
            case InventoryText.MbedId:
                return text.Length > BoardDigits ? text[..BoardDigits] : text;
            case InventoryText.Holder:
                text = Pid().Replace(text, "");
                break;
            case InventoryText.Group:
                return _users.Contains(text, StringComparer.Ordinal) ? "user" : PublicGroups.Contains(text, StringComparer.Ordinal) ? text : "group";
        }

        foreach (var serial in serials)
        {
            text = Without(text, serial);
        }

        text = MacOtherPort().Replace(text, x => $"/dev/{x.Groups["side"].Value}.other");
        text = HomeFolder().Replace(text, x => PublicUsers.Contains(x.Groups["user"].Value, StringComparer.OrdinalIgnoreCase) ? x.Value : x.Groups["before"].Value + "user");

        // What a device calls itself is the same for all of them, and a user may well be called as a board or a folder is.
        text = kind is not (InventoryText.Talk or InventoryText.Holder) ? text
            : _hosts.Aggregate(_users.Aggregate(text, (x, name) => Word(x, name, "user", StringComparison.Ordinal)), (x, name) => Word(x, name, "host", StringComparison.OrdinalIgnoreCase));
        return hosts.Aggregate(text, (x, host) => Word(x, host, Hash(host), StringComparison.OrdinalIgnoreCase));
    }

    private static string Without(string text, string serial)
    {
        if (serial.Length < ShortestWord)
        {
            return text;
        }

        // udev writes what it does not like in a name as underscores.
        var escaped = NotInNames().Replace(serial, "_");
        var hash = Hash(serial);
        return serial.Length >= ShortestInside
            ? text.Replace(serial, hash, StringComparison.OrdinalIgnoreCase).Replace(escaped, hash, StringComparison.OrdinalIgnoreCase)
            : Word(Word(text, serial, hash, StringComparison.OrdinalIgnoreCase), escaped, hash, StringComparison.OrdinalIgnoreCase);
    }

    // Only where it is a word of its own.
    private static string Word(string text, string word, string replacement, StringComparison comparison)
    {
        for (var at = text.IndexOf(word, comparison); at >= 0; at = text.IndexOf(word, at, comparison))
        {
            var end = at + word.Length;
            var isWord = (at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (end == text.Length || !char.IsLetterOrDigit(text[end]));
            text = isWord ? $"{text[..at]}{replacement}{text[end..]}" : text;
            at += isWord ? replacement.Length : 1;
            if (at > text.Length)
            {
                break;
            }
        }

        return text;
    }

    private static bool IsHash(string text) =>
        text.Length == Hashed.Length + HashDigits
        && text.StartsWith(Hashed, StringComparison.Ordinal)
        && text.AsSpan(Hashed.Length).IndexOfAnyExceptInRange('0', 'f') < 0;

    // Windows' instance ids end in the serial number, unless Windows made up the end by itself, which then has an ampersand.
    [GeneratedRegex(@"\bUSB\\VID_[0-9A-F]{4}&PID_[0-9A-F]{4}[^\\\s]*\\(?<serial>[^\\\s&#]+)(\s|$)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex InstanceId();

    // udev's /dev/serial/by-id/usb-MAKER_PRODUCT_SERIAL-if00.
    [GeneratedRegex(@"/by-id/usb-[^/\s]*_(?<serial>[^_/\s]+)-if[0-9a-f]{2}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ById();

    // macOS names a port by the serial number, and one digit for the interface; or by the place, which are up to eight digits.
    [GeneratedRegex(@"/dev/(cu|tty)\.usb(modem|serial-?)(?![0-9A-F]{1,8}\b)(?<serial>[0-9A-Za-z_-]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MacPort();

    // Everything else there is named by its owner: "cu.Annas-AirPods".
    [GeneratedRegex(@"/dev/(?<side>cu|tty)\.(?!usb|wchusb|SLAB_USB|PL2303)[^\s/]+", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MacOtherPort();

    [GeneratedRegex(@"\bserial=(?<serial>[^&?#\s,;]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex InAddress();

    [GeneratedRegex(@"\b(usbip|stlink-server)://(?<host>\[[^\]/]*\]|[^:/\[\s]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AddressHost();

    [GeneratedRegex(@"(?<before>[A-Z]:[/\\]Users[/\\])(?<user>[^/\\:*?""<>|\r\n]+)(?=[/\\])|(?<before>(/home/|/Users/|/media/|/run/media/|/var/home/))(?<user>[^/\\\s""'`]+)(?=[/\\])|(?<before>(/home/|/Users/|/var/home/|[A-Z]:\\Users\\))(?<user>[^/\\\s""'`]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex HomeFolder();

    [GeneratedRegex(@"\s*\([0-9]+\)\s*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pid();

    [GeneratedRegex(@"[^0-9A-Za-z#+\-.:=@_]", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NotInNames();
}
