using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Defuse.Platform.LibUsb;

namespace Defuse.Platform.Tests.LibUsb;

/// <summary>Where the library is looked for, how it is installed, and that our structures are laid out as its own.</summary>
public sealed class LibUsbLibraryTests
{
    [Fact]
    public void The_application_comes_before_the_system()
    {
        Assert.Equal([Path.Combine("/app", "libusb-1.0.so.0"), "libusb-1.0.so.0"], LibUsbLibrary.Candidates(isWindows: false, isMacOS: false, null, "/app", "/system"));
        Assert.Equal([Path.Combine("/app", "libusb-1.0.dll"), Path.Combine("/system", "libusb-1.0.dll")], LibUsbLibrary.Candidates(isWindows: true, isMacOS: false, " ", "/app", "/system"));
        Assert.Equal(
            [Path.Combine("/app", "libusb-1.0.0.dylib"), "libusb-1.0.0.dylib", "/opt/homebrew/lib/libusb-1.0.0.dylib", "/usr/local/lib/libusb-1.0.0.dylib"],
            LibUsbLibrary.Candidates(isWindows: false, isMacOS: true, "", "/app", "/system"));
        Assert.Equal(["/mine.so"], LibUsbLibrary.Candidates(isWindows: false, isMacOS: false, "/mine.so", "/app", "/system"));
    }

    [Fact]
    public void What_is_not_there_is_not_loaded()
    {
        Assert.False(LibUsbLibrary.TryLoad(["/nonexistent/libusb-1.0.so.0"], out var library));
        Assert.Equal(0, library);
    }

    [Theory]
    [InlineData("ID=debian\n", "apt install libusb-1.0-0")]
    [InlineData("NAME=\"Linux Mint\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "apt install libusb-1.0-0")]
    [InlineData("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "dnf install libusb1")]
    [InlineData("ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"\n", "zypper install libusb-1_0-0")]
    [InlineData("ID=arch\n", "pacman -S libusb")]
    [InlineData("ID=alpine\n", "apk add libusb")]
    [InlineData("", "your system's package")]
    public void Each_system_has_its_command(string osRelease, string expected) =>
        Assert.Contains(expected, LibUsbLibrary.HowToInstall(isWindows: false, isMacOS: false, osRelease), StringComparison.Ordinal);

    [Fact]
    public void Windows_and_macOS_have_theirs()
    {
        Assert.Contains("libusb-1.0.dll", LibUsbLibrary.HowToInstall(isWindows: true, isMacOS: false, ""), StringComparison.Ordinal);
        Assert.Contains("brew install libusb", LibUsbLibrary.HowToInstall(isWindows: false, isMacOS: true, ""), StringComparison.Ordinal);
    }

    [Fact]
    public void Structures_are_as_long_as_libusb_h_makes_them()
    {
        Assert.SkipUnless(nint.Size == 8, "the figures are those of 64 bits");
        Assert.Equal(
            (18, 40, 16, 40, 64),
            (Unsafe.SizeOf<NativeDeviceDescriptor>(), Unsafe.SizeOf<NativeConfigDescriptor>(), Unsafe.SizeOf<NativeInterface>(), Unsafe.SizeOf<NativeInterfaceDescriptor>(), Unsafe.SizeOf<NativeTransfer>()));
        Assert.Equal(
            (12, 16, 24, 32, 48),
            (Offset(nameof(NativeTransfer.Timeout)), Offset(nameof(NativeTransfer.Status)), Offset(nameof(NativeTransfer.ActualLength)), Offset(nameof(NativeTransfer.Callback)), Offset(nameof(NativeTransfer.Buffer))));
        static int Offset(string field) => (int)Marshal.OffsetOf<NativeTransfer>(field);
    }

    [Fact]
    public async Task The_real_library_lists_what_is_there()
    {
        var native = new LibUsbNative();
        Assert.SkipUnless(native.Missing is null, "libusb-1.0 is not installed here");
        using (var context = LibUsbContext.Create(native))
        {
            LibUsbDevices.List(native, context);
        }

        await LibUsbHostTests.Host(native).ListAsync(default);
    }
}
