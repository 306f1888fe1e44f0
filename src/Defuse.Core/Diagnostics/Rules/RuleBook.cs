using System.Collections.Immutable;

namespace Defuse.Diagnostics.Rules;

/// <summary>All rules, in the order in which findings of one level are told.</summary>
internal static class RuleBook
{
    public static ImmutableArray<IDiagnosticRule> Boards { get; } =
    [
        new NoUsbBootloaderRule(), new BoardCannotShowDfuRule(), new OnlyProbeConnectedRule(), new OtherSocketRule(),
        new NoDriverRule(), new StTub30Rule(), new NoInterfaceRule(), new LibUsbKRule(), new LibUsb0Rule(), new OtherDriverRule(),
        new NoPermissionRule(), new UdevRule(), new AttachedElsewhereRule(), new HeldRule(), new OtherAccessRule(),
        new UnreadableRule(), new NotAnsweringRule(), new ReadProtectedRule(), new WriteProtectedRule(), new DriveRefusedRule(),
        new F0OnXhciRule(), new ClockRule(), new SupplyRule(), new SerialPermissionRule(),
        new ReadyRule(), new RunningProgramRule(), new DriveBootloaderRule(), new WinUsbRule(), new BankModeRule(), new StuckInErrorRule(), new Boot0Rule(),
        new SameSerialRule(), new ModemManagerRule(), new SerialAdapterRule(), new StrangerRule(),
    ];

    public static ImmutableArray<IHostRule> Host { get; } =
    [
        new WslRule(), new ContainerRule(), new NothingConnectedRule(), new ChargeOnlyCableRule(), new UsbCRule(), new NoPowerRule(), new UnseenRule(),
    ];
}
