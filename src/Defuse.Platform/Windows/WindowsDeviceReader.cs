using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace Defuse.Platform.Windows;

/// <summary>Reads what the configuration manager tells, as values. What is missing, or of another kind than it should be, is null or empty.</summary>
internal sealed class WindowsDeviceReader(IWindowsDeviceTree tree)
{
    private const uint Success = 0;
    private const uint BufferSmall = 0x1A;
    private const int RegistrySuccess = 0;
    private const int RegistryMoreData = 234;
    private const uint RegistryString = 1;
    private const uint RegistryStringList = 7;

    private const uint FilterEnumerator = 0x00000001;
    private const uint FilterPresent = 0x00000100;

    // Lists grow between the question for their size and the one for them.
    private const int Attempts = 8;

    // What a driver's installation wrote may be of any size; nothing that is asked for here is near this one.
    private const int LongestValue = 64 * 1024;

    /// <summary>The instance ids of the devices that are present and that a bus's driver found: "USB".</summary>
    /// <exception cref="TransportException">Windows does not tell.</exception>
    public ImmutableArray<string> Devices(string enumerator) => List(
        "the list of devices",
        (out length) => tree.GetDeviceIdListSize(out length, enumerator, FilterEnumerator | FilterPresent),
        buffer => tree.GetDeviceIdList(enumerator, buffer, FilterEnumerator | FilterPresent));

    /// <summary>The paths of the interfaces of a class that are present.</summary>
    /// <param name="interfaceClass">The class.</param>
    /// <param name="deviceId">Only those of this device; null for those of all.</param>
    /// <exception cref="TransportException">Windows does not tell.</exception>
    public ImmutableArray<string> Interfaces(Guid interfaceClass, string? deviceId) => List(
        "the list of device interfaces",
        (out length) => tree.GetDeviceInterfaceListSize(out length, interfaceClass, deviceId),
        buffer => tree.GetDeviceInterfaceList(interfaceClass, deviceId, buffer));

    /// <summary>The device; null if it is not present.</summary>
    public uint? Locate(string instanceId) => tree.LocateDevNode(out var devNode, instanceId) == Success ? devNode : null;

    public uint? Parent(uint devNode) => tree.GetParent(out var parent, devNode) == Success ? parent : null;

    public string? Text(uint devNode, DevicePropertyKey key) =>
        Property(devNode, key) is (DevicePropertyKey.TypeString, { } bytes) ? Texts(bytes, isList: false).FirstOrDefault() : null;

    public ImmutableArray<string> TextList(uint devNode, DevicePropertyKey key) =>
        Property(devNode, key) is (DevicePropertyKey.TypeStringList, { } bytes) ? Texts(bytes, isList: true) : [];

    public uint? Number(uint devNode, DevicePropertyKey key) =>
        Property(devNode, key) is (DevicePropertyKey.TypeUInt32, { Length: sizeof(uint) } bytes) ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : null;

    /// <summary>The instance id of the device that an interface belongs to.</summary>
    public string? DeviceOf(string interfacePath) =>
        Value((buffer, out type, out size) => tree.GetDeviceInterfaceProperty(interfacePath, DevicePropertyKey.InstanceId, out type, buffer, out size))
            is (DevicePropertyKey.TypeString, { } bytes) ? Texts(bytes, isList: false).FirstOrDefault() : null;

    /// <summary>The values of the given names under a device's key "Device Parameters", each a text or several.</summary>
    public ImmutableArray<string> Parameters(uint devNode, params ReadOnlySpan<string> names)
    {
        if (tree.OpenDevNodeKey(devNode, out var key) != Success)
        {
            return [];
        }

        try
        {
            var found = ImmutableArray.CreateBuilder<string>();
            foreach (var name in names)
            {
                found.AddRange(Parameter(key, name));
            }

            return found.ToImmutable();
        }
        finally
        {
            tree.CloseKey(key);
        }
    }

    private ImmutableArray<string> Parameter(nint key, string name) =>
        Value((buffer, out type, out size) => tree.QueryValue(key, name, out type, buffer, out size) switch
        {
            RegistrySuccess => Success,
            RegistryMoreData => BufferSmall,
            _ => uint.MaxValue,
        }) switch
        {
            (RegistryString, { } bytes) => Texts(bytes, isList: false),
            (RegistryStringList, { } bytes) => Texts(bytes, isList: true),
            _ => [],
        };

    private (uint Type, byte[] Bytes)? Property(uint devNode, DevicePropertyKey key) =>
        Value((buffer, out type, out size) => tree.GetDevNodeProperty(devNode, key, out type, buffer, out size));

    private static (uint Type, byte[] Bytes)? Value(ValueReader read)
    {
        var buffer = new byte[512];
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var result = read(buffer, out var type, out var size);
            if (result == Success)
            {
                return (type, buffer[..(int)Math.Min(size, (uint)buffer.Length)]);
            }

            if (result != BufferSmall || size > LongestValue)
            {
                return null;
            }

            buffer = new byte[Math.Max(size, (uint)buffer.Length)];
        }

        return null;
    }

    private static ImmutableArray<string> List(string what, SizeReader size, ListReader read)
    {
        var result = BufferSmall;
        for (var attempt = 0; attempt < Attempts && result == BufferSmall; attempt++)
        {
            result = size(out var length);
            if (result == Success)
            {
                var buffer = new char[length];
                result = read(buffer);
                if (result == Success)
                {
                    return Split(buffer);
                }
            }
        }

        throw new TransportException(TransportFailure.Fault, $"Windows does not give {what} (CONFIGRET 0x{result:X2})");
    }

    // Values in the registry may lack their terminators, and a text may hold anything.
    private static ImmutableArray<string> Texts(byte[] bytes, bool isList)
    {
        var text = Encoding.Unicode.GetString(bytes, 0, bytes.Length & ~1);
        return isList ? Split(text) : [text.Split('\0')[0]];
    }

    private static ImmutableArray<string> Split(ReadOnlySpan<char> list)
    {
        var found = ImmutableArray.CreateBuilder<string>();
        foreach (var part in list.Split('\0'))
        {
            if (list[part].IsEmpty)
            {
                break;
            }

            found.Add(list[part].ToString());
        }

        return found.ToImmutable();
    }

    private delegate uint ValueReader(Span<byte> buffer, out uint type, out uint size);

    private delegate uint SizeReader(out uint length);

    private delegate uint ListReader(Span<char> buffer);
}
