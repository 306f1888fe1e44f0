using Defuse.Devices;
using Defuse.Diagnostics;
using Defuse.Testing;

namespace Defuse.Core.Tests.Diagnostics;

/// <summary>The stories that people read, whole.</summary>
public class StoryTests
{
    [Fact]
    public void Windows_a_only_the_ST_LINK_is_connected() => Tell("windows-a-only-st-link", Trees.Windows, Trees.ProbeOnly("NUCLEO-F767ZI", "0818"));

    [Fact]
    public void Windows_b_DFU_with_WinUSB_where_DfuSe_shows_an_empty_list() =>
        Tell("windows-b-winusb", Trees.Windows, Trees.ProbeOnly("NUCLEO-F767ZI", "0818"), Trees.Dfu(Trees.WinUsb, Trees.Condition));

    [Fact]
    public void Windows_c_DFU_with_STTub30() => Tell("windows-c-sttub30", Trees.Windows, Trees.Dfu(Trees.StTub30));

    [Fact]
    public void Windows_d_DFU_with_no_driver() => Tell("windows-d-no-driver", Trees.Windows, Trees.Dfu(Trees.NoDriver));

    [Fact]
    public void Windows_e_a_32L0538DISCOVERY_with_BOOT0_tied_high() => Tell("windows-e-no-usb-bootloader", Trees.Windows, Trees.ProbeOnly("32L0538DISCOVERY", "0805"));

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

    private static void Tell(string name, HostSystem system, params SeenBoard[] boards)
    {
        // What each board shows is all that is given: which devices belong together is found out again.
        var diagnosis = Doctor.Diagnose(Trees.Context(system, [.. boards]).Inventory, BoardDatabase.Default, ChipDatabase.Default, ["dfu"]);
        Golden.Check(name, DiagnosisText.Render(diagnosis), "Diagnostics/Golden");
    }
}
