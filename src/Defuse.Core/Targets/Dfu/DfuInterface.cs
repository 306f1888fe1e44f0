using System.Collections.Immutable;
using Defuse.Transports;

namespace Defuse.Targets.Dfu;

/// <summary>A DFU interface, as a configuration descriptor describes it.</summary>
/// <param name="Number">bInterfaceNumber.</param>
/// <param name="Protocol">bInterfaceProtocol: 1 run-time, 2 DFU mode.</param>
/// <param name="AlternateSettings">In the order of the descriptor.</param>
/// <param name="Functional">Its functional descriptor, or null if it has none.</param>
internal sealed record DfuInterface(
    byte Number, byte Protocol, ImmutableArray<DfuAlternateSetting> AlternateSettings, DfuFunctionalDescriptor? Functional)
{
    public const byte ApplicationSpecificClass = 0xFE;
    public const byte DfuSubClass = 0x01;
    public const byte RunTimeProtocol = 0x01;
    public const byte DfuModeProtocol = 0x02;

    public static bool IsInDfuMode(UsbInterfaceInfo usbInterface) =>
        usbInterface is { Class: ApplicationSpecificClass, SubClass: DfuSubClass, Protocol: DfuModeProtocol };

    public static bool IsRunTime(UsbInterfaceInfo usbInterface) =>
        usbInterface is { Class: ApplicationSpecificClass, SubClass: DfuSubClass, Protocol: RunTimeProtocol };

    // Returns the first interface in DFU mode, else the first in run-time mode, else null; whatever the bytes, it
    // returns. The functional descriptor may follow any alternate setting (ST's ROMs put it after the last one).
    public static DfuInterface? Find(ReadOnlySpan<byte> configuration)
    {
        DfuInterface? found = null;
        DfuInterface? current = null;
        while (configuration.Length >= 2 && configuration[0] >= 2 && configuration[0] <= configuration.Length)
        {
            var descriptor = configuration[..configuration[0]];
            if (descriptor[1] == UsbStandardRequest.InterfaceDescriptor && descriptor.Length >= 9)
            {
                found = Better(found, current);
                current = Next(current, descriptor);
            }
            else if (descriptor[1] == DfuFunctionalDescriptor.DescriptorType && descriptor.Length >= 7 && current is not null)
            {
                current = current with { Functional = current.Functional ?? DfuFunctionalDescriptor.Read(descriptor) };
            }

            configuration = configuration[descriptor.Length..];
        }

        return Better(found, current);
    }

    private static DfuInterface? Next(DfuInterface? current, ReadOnlySpan<byte> descriptor)
    {
        if (descriptor[5] != ApplicationSpecificClass || descriptor[6] != DfuSubClass)
        {
            return null;
        }

        var alternate = new DfuAlternateSetting(descriptor[3], descriptor[8]);
        return current is not null && current.Number == descriptor[2] && current.Protocol == descriptor[7]
            ? current with { AlternateSettings = current.AlternateSettings.Add(alternate) }
            : new DfuInterface(descriptor[2], descriptor[7], [alternate], null);
    }

    private static DfuInterface? Better(DfuInterface? found, DfuInterface? candidate) =>
        candidate is null ? found
        : found is null || (found.Protocol != DfuModeProtocol && candidate.Protocol == DfuModeProtocol) || found.Number == candidate.Number
            ? candidate
            : found;
}
