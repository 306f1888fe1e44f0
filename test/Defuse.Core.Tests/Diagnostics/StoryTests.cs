using Defuse.Devices;
using Defuse.Diagnostics;

namespace Defuse.Core.Tests.Diagnostics;

/// <summary>The stories that people read, whole.</summary>
public class StoryTests
{
    [Fact]
    public void Windows_a_only_the_ST_LINK_is_connected() => Tell("windows-a-only-st-link", Report("windows-10-probe-only"));

    [Fact]
    public void Windows_b_DFU_with_WinUSB_where_DfuSe_shows_an_empty_list() =>
        Tell("windows-b-winusb", Report("windows-10-dfu-winusb") with { Dfu = [Trees.Condition with { Location = "1-2.3", Address = "dfu:usb-1-2.3" }] });

    [Fact]
    public void Windows_c_DFU_with_STTub30() => Tell("windows-c-sttub30", Report("windows-10-dfu-sttub30"));

    [Fact]
    public void Windows_d_DFU_with_no_driver() => Tell("windows-d-no-driver", Report("windows-10-dfu-no-driver"));

    [Fact]
    public void Windows_e_a_32L0538DISCOVERY_with_BOOT0_tied_high() => Tell("windows-e-no-usb-bootloader", Report("windows-10-discovery-l0538"));

    [Fact]
    public void Windows_a_device_that_cannot_be_read() => Tell("windows-unreadable", Trees.Windows, Trees.UnreadableBoard);

    [Fact]
    public void Linux_no_permission() => Tell("linux-no-permission", Trees.Linux, Trees.Dfu(Trees.NotPermitted));

    [Fact]
    public void Linux_in_WSL_without_a_board() => Tell("linux-wsl", Trees.Linux with { IsWsl = true, Version = "Ubuntu 24.04 in WSL 2" });

    [Fact]
    public void Linux_in_a_container_without_a_board() => Tell("linux-container", Trees.Linux with { Container = "docker", HasUdev = false, HasUsb = false });

    [Fact]
    public void Linux_only_the_ST_LINK_is_connected() => Tell("linux-only-st-link", Trees.Linux, Trees.ProbeOnly("NUCLEO-F767ZI", "0818", "/media/me/NODE_F767ZI", "/dev/ttyACM0"));

    [Fact]
    public void Linux_DFU_and_ready() => Tell("linux-ready", Trees.Linux, Trees.Dfu(Trees.Rom, Trees.Condition));

    [Fact]
    public void Linux_MicroPython_runs() => Tell("linux-micropython", Trees.Linux with { HasModemManager = true }, Trees.Program(ProgramKind.MicroPython, "MicroPython"));

    [Fact]
    public void Linux_read_protected() => Tell("linux-read-protected", Trees.Linux, Trees.Dfu(Trees.Rom, Trees.Condition with { ReadOut = ReadOutProtection.Level1 }));

    [Fact]
    public void Linux_nothing_connected() => Tell("linux-nothing", Trees.Linux);

    // What the collector of Windows makes of a constructed tree of devices; its own tests keep these up to date.
    private static HostInventory Report(string name) =>
        HostInventoryFile.Parse(File.ReadAllBytes(Checkout.At("test", "Shared", "Trees", name + ".json"))).Inventory;

    // Which devices belong together is found out again from what each board shows.
    private static void Tell(string name, HostSystem system, params SeenBoard[] boards) => Tell(name, Trees.Context(system, [.. boards]).Inventory);

    private static void Tell(string name, HostInventory inventory)
    {
        var diagnosis = Doctor.Diagnose(inventory, BoardDatabase.Default, ChipDatabase.Default, ["dfu"]);
        Golden.Check(name, DiagnosisText.Render(diagnosis), "Diagnostics/Golden");
    }
}
