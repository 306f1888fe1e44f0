using System.Text;
using Defuse.Platform.Windows;

namespace Defuse.Platform.Tests.Windows;

/// <summary>A device node of <see cref="FakeWindows"/>: properties, registry values and interfaces as a driver's installation leaves them.</summary>
internal sealed class FakeNode(uint devNode, string instanceId, FakeNode? parent)
{
    public uint DevNode => devNode;

    public string InstanceId => instanceId;

    public FakeNode? Parent => parent;

    public bool IsPresent { get; set; } = true;

    public Dictionary<DevicePropertyKey, (uint Type, byte[] Bytes)> Properties { get; } = [];

    /// <summary>The key "Device Parameters"; null if there is none.</summary>
    public Dictionary<string, (uint Type, byte[] Bytes)>? Parameters { get; set; }

    /// <summary>What the driver offers it by, with the paths.</summary>
    public List<(Guid Class, string Path)> Interfaces { get; } = [];

    /// <summary>The device behind it, if a driver is bound that lets programs at it.</summary>
    public FakeFunction? Function { get; set; }

    public FakeNode Text(DevicePropertyKey key, string text)
    {
        Properties[key] = (DevicePropertyKey.TypeString, Encoding.Unicode.GetBytes(text + '\0'));
        return this;
    }

    public FakeNode List(DevicePropertyKey key, params string[] texts)
    {
        Properties[key] = (DevicePropertyKey.TypeStringList, Encoding.Unicode.GetBytes(string.Concat(texts.Select(x => x + '\0')) + '\0'));
        return this;
    }

    public FakeNode Number(DevicePropertyKey key, uint number)
    {
        Properties[key] = (DevicePropertyKey.TypeUInt32, BitConverter.GetBytes(number));
        return this;
    }

    public FakeNode Value(string name, uint type, string text)
    {
        (Parameters ??= new(StringComparer.OrdinalIgnoreCase))[name] = (type, Encoding.Unicode.GetBytes(text));
        return this;
    }

    /// <summary>Binds a driver that offers the device by a GUID of its registry values.</summary>
    public FakeNode Bind(string service, string deviceClass, params Guid[] guids)
    {
        Text(DevicePropertyKey.Service, service);
        Text(DevicePropertyKey.Class, deviceClass);
        Parameters ??= new(StringComparer.OrdinalIgnoreCase);
        if (guids.Length > 0)
        {
            Value("DeviceInterfaceGUIDs", 7, string.Concat(guids.Select(x => x.ToString("B") + '\0')) + '\0');
        }

        foreach (var guid in guids)
        {
            Interfaces.Add((guid, $@"\\?\{instanceId.Replace('\\', '#').ToLowerInvariant()}#{guid:B}"));
        }

        Function = new FakeFunction(service);
        return this;
    }
}
