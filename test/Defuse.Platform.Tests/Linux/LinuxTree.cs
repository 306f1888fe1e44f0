using Defuse.Diagnostics;
using Defuse.Platform.Linux;
using Defuse.Transports;

namespace Defuse.Platform.Tests.Linux;

/// <summary>A Linux laid out in a folder, as its documents say that /sys, /proc, /run and /etc look.</summary>
internal sealed class LinuxTree : IDisposable, ISerialHost
{
    private readonly string _root = Directory.CreateTempSubdirectory("defuse-linux-").FullName;
    private readonly List<SerialPortInfo> _ports = [];

    public LinuxTree()
    {
        File("proc/self/status", "Name:\tdefuse\nUid:\t1000\t1000\t1000\t1000\nGid:\t1000\t1000\t1000\t1000\nGroups:\t20 1000 \n");
        File("proc/version", "Linux version 6.1.0-13-amd64 (debian-kernel@lists.debian.org)\n");
        File("etc/os-release", "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
        File("etc/group", "root:x:0:\ndialout:x:20:me\nplugdev:x:46:\nme:x:1000:\n");
    }

    public Dictionary<string, string> Variables { get; } = [];

    public Dictionary<string, int> ErrnoOf { get; } = [];

    public Dictionary<string, string> GroupOf { get; } = [];

    public bool HasSerial { get; set; } = true;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    public async Task<HostInventory> CollectAsync(bool lookAtPrograms = true) => await new LinuxHostInventory(
        new LinuxPlace(_root, x => ErrnoOf.GetValueOrDefault(x), x => GroupOf.GetValueOrDefault(x), x => Variables.GetValueOrDefault(x), ProcessId: 4242), this, lookAtPrograms)
        .CollectAsync(TestContext.Current.CancellationToken);

    public LinuxTree File(string path, string text)
    {
        var full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        System.IO.File.WriteAllText(full, text);
        return this;
    }

    public LinuxTree Link(string path, string target)
    {
        var full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        System.IO.File.CreateSymbolicLink(full, target);
        return this;
    }

    /// <summary>A bus, with what its root hub hangs on.</summary>
    public LinuxTree Bus(int number, string controller = "pci0000:00/0000:00:14.0", string driver = "xhci_hcd")
    {
        Link($"sys/bus/usb/devices/usb{number}", $"../../../devices/{controller}/usb{number}");
        File($"sys/devices/{controller}/usb{number}/idVendor", "1d6b\n");
        return Link($"sys/devices/{controller}/driver", $"../../../bus/pci/drivers/{driver}");
    }

    /// <summary>A device of bus 1 or behind its hubs, with attributes NAME=TEXT.</summary>
    public LinuxTree Device(string location, params string[] attributes) => Attributes($"sys/devices/{Path_(location)}", location, attributes);

    /// <summary>An interface, with its class, subclass and protocol in hexadecimal digits.</summary>
    public LinuxTree Interface(string location, int number, string code, string? driver = null, string? name = null)
    {
        var folder = $"sys/devices/{Path_(location)}/{location}:1.{number}";
        Attributes(
            folder,
            $"{location}:1.{number}",
            $"bInterfaceNumber={number:x2}", $"bInterfaceClass={code[..2]}", $"bInterfaceSubClass={code[2..4]}", $"bInterfaceProtocol={code[4..]}");
        if (name is not null)
        {
            File($"{folder}/interface", name + "\n");
        }

        return driver is null ? this : Link($"{folder}/driver", $"../../../../bus/usb/drivers/{driver}");
    }

    /// <summary>A serial port, as the list of ports has it, and its number in sysfs.</summary>
    public LinuxTree Port(string name, string? location, string number, AccessProblem? problem = null)
    {
        _ports.Add(new SerialPortInfo { Name = $"/dev/{name}", UsbLocation = location, InterfaceNumber = 2, Driver = "cdc_acm", Problem = problem });
        return File($"sys/class/tty/{name}/dev", number + "\n");
    }

    /// <summary>A disk of a device's interface 1.</summary>
    public LinuxTree Disk(string name, string location, string number, string? mountedAt = null, long sectors = 1024)
    {
        var folder = $"devices/{Path_(location)}/{location}:1.1/host6/target6:0:0/6:0:0:0/block/{name}";
        File($"sys/{folder}/dev", number + "\n").File($"sys/{folder}/size", $"{sectors}\n").Link($"sys/class/block/{name}", $"../../{folder}");
        if (mountedAt is not null)
        {
            var mounts = Path.Combine(_root, "proc/self/mountinfo");
            System.IO.File.AppendAllText(mounts, $"40 28 {number} / {mountedAt} rw,nosuid,nodev,relatime shared:212 - vfat /dev/{name} rw,fmask=0022\n");
        }

        return this;
    }

    /// <summary>A program that has a file open.</summary>
    public LinuxTree Program(int id, string name, params string[] files)
    {
        File($"proc/{id}/comm", name + "\n");
        Directory.CreateDirectory(Path.Combine(_root, $"proc/{id}/fd"));
        for (var i = 0; i < files.Length; i++)
        {
            Link($"proc/{id}/fd/{i + 3}", files[i]);
        }

        return this;
    }

    ValueTask<IReadOnlyList<SerialPortInfo>> ISerialHost.ListAsync(CancellationToken cancellationToken) =>
        HasSerial ? ValueTask.FromResult<IReadOnlyList<SerialPortInfo>>(_ports) : throw new TransportException(TransportFailure.Fault, "no list today");

    ValueTask<ISerialPort> ISerialHost.OpenAsync(string name, SerialSettings settings, CancellationToken cancellationToken) => throw new NotSupportedException();

    private LinuxTree Attributes(string folder, string name, params string[] attributes)
    {
        foreach (var attribute in attributes)
        {
            var at = attribute.IndexOf('=', StringComparison.Ordinal);
            File($"{folder}/{attribute[..at]}", attribute[(at + 1)..] + "\n");
        }

        return System.IO.File.Exists(Path.Combine(_root, $"sys/bus/usb/devices/{name}")) || Directory.Exists(Path.Combine(_root, $"sys/bus/usb/devices/{name}"))
            ? this
            : Link($"sys/bus/usb/devices/{name}", $"../../../{folder[4..]}");
    }

    // 1-4.2 is at usb1/1-4/1-4.2.
    private static string Path_(string location)
    {
        var controller = location[0] == '1' ? "pci0000:00/0000:00:14.0" : "platform/vhci_hcd.0";
        var path = $"{controller}/usb{location.Split('-')[0]}";
        for (var at = location.IndexOf('.', StringComparison.Ordinal); at >= 0; at = location.IndexOf('.', at + 1))
        {
            path += $"/{location[..at]}";
        }

        return $"{path}/{location}";
    }
}
