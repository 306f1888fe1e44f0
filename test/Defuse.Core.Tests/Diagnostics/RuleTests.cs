using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Diagnostics;
using Defuse.Diagnostics.Rules;
using Defuse.Transports;

namespace Defuse.Core.Tests.Diagnostics;

/// <summary>Each rule speaks where it should, and not where something is nearly the same.</summary>
public class RuleTests
{
    private static ImmutableArray<string> Names => [.. RuleBook.Boards.Select(x => x.Name), .. RuleBook.Host.Select(x => x.Name)];

    public static TheoryData<string> Rules => new(Names);

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_rule_speaks_where_it_should_and_keeps_silent_at_a_near_miss(string name)
    {
        var example = RuleCases.All[name];
        var finding = Assert.Single(Findings(example.Speaks), x => x.Rule == name);
        Assert.Equal(example.Level, finding.Level);
        Assert.Contains(example.Says, finding.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Findings(example.Silent), x => x.Rule == name);
    }

    [Fact]
    public void Rules_have_names_of_their_own_and_an_example_each()
    {
        Assert.Equal(Names.Length, Names.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(Names.Order(StringComparer.Ordinal), RuleCases.All.Keys.Order(StringComparer.Ordinal));
        Assert.All(Names, x => Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", x));
    }

    [Fact]
    public void The_document_lists_the_rules_in_their_order_and_how_much_they_matter()
    {
        var rows = File.ReadLines(Checkout.At("docs", "doctor.md"))
            .Select(x => x.Split('|', StringSplitOptions.TrimEntries))
            .Where(x => x.Length == 5 && Enum.TryParse<FindingLevel>(x[2], ignoreCase: true, out _))
            .Select(x => $"{x[1]} {x[2]}");
        Assert.Equal(Names.Select(x => $"{x} {RuleCases.All[x].Level.ToString().ToLowerInvariant()}"), rows);
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void What_is_said_is_whole_sentences_and_what_to_do_is_an_imperative(string name)
    {
        foreach (var finding in Findings(RuleCases.All[name].Speaks))
        {
            Assert.EndsWith(".", finding.Text, StringComparison.Ordinal);
            Assert.True(char.IsUpper(finding.Text[0]) || finding.Text.StartsWith("udev", StringComparison.Ordinal), finding.Text);
            Assert.All(finding.Remedies.SelectMany(x => x.Steps.Prepend(x.Text)), x => Assert.True(char.IsUpper(x[0]) && !x.EndsWith('.'), x));
        }

        // A blocker that leaves a person with nothing to do is no help.
        Assert.All(Findings(RuleCases.All[name].Speaks).Where(x => x.Level is FindingLevel.Blocker or FindingLevel.Candidate), x => Assert.NotEmpty(x.Remedies));
    }

    [Fact]
    public void Advice_names_the_ST_LINK_as_a_way_of_Defuse_only_where_it_is_one()
    {
        var context = RuleCases.All["only-probe-connected"].Speaks;
        var today = Finding(context, "only-probe-connected");
        Assert.Equal("defuse convert FILE -o firmware.bin", today.Remedies[0].Command);
        Assert.Contains("nothing checks what was written", today.Remedies[0].Text, StringComparison.Ordinal);
        var later = Finding(context with { Targets = ["dfu", "stlink"] }, "only-probe-connected");
        Assert.Equal(FindingLevel.Note, later.Level);
        Assert.Equal("defuse flash FILE", later.Remedies[0].Command);
    }

    [Fact]
    public void The_other_socket_and_the_pins_are_named_as_the_board_prints_them()
    {
        var finding = Finding(RuleCases.All["only-probe-connected"].Speaks, "only-probe-connected");
        var steps = finding.Remedies.Single(x => !x.Steps.IsEmpty).Steps;
        Assert.Equal("Join CN11 pins 7 (BOOT0) and 5 (VDD) with a wire or a jumper", steps[0]);
        Assert.Contains("CN13", steps[1], StringComparison.Ordinal);
        Assert.Contains("ST-LINK", steps[1], StringComparison.Ordinal);
        Assert.Contains(finding.Drawing, x => x.Contains("CN13", StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_not_read_about_the_very_board_sends_to_its_manual()
    {
        var sure = Finding(RuleCases.All["only-probe-connected"].Speaks, "only-probe-connected");
        Assert.DoesNotContain(sure.Remedies, x => x.Text.Contains("manual", StringComparison.Ordinal));
        var unsure = Finding(Trees.Context(Trees.Windows, Trees.ProbeOnly("NUCLEO-F446ZE", "0778")), "only-probe-connected");
        Assert.Contains(unsure.Remedies, x => x.Text.Contains("your board's manual", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_its_drive_a_board_is_led_to_DFU_or_other_programs()
    {
        var board = Trees.ProbeOnly("NUCLEO-F767ZI", "0818") with { Volumes = [] };
        var finding = Finding(Trees.Context(Trees.Windows, board), "only-probe-connected");
        Assert.DoesNotContain(finding.Remedies, x => x.Command?.Contains("convert", StringComparison.Ordinal) == true);
        Assert.NotEmpty(finding.Remedies[0].Steps);
        Assert.Contains("OpenOCD", finding.Remedies[^1].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NUCLEO-L053R8")]
    [InlineData("NUCLEO-F103RB")]
    [InlineData("NUCLEO-G071RB")]
    [InlineData("Blue Pill")]
    public void A_chip_without_a_USB_bootloader_is_told_whatever_shows_of_its_board(string name)
    {
        var profile = BoardDatabase.Default.FindName(name)!;
        var running = Trees.Program(ProgramKind.Serial, "a program") with { Profile = profile };
        Assert.Contains("no USB bootloader", Finding(Trees.Context(Trees.Linux, running), "no-usb-bootloader").Text, StringComparison.Ordinal);

        // Somebody's own bootloader in flash is another matter.
        Assert.DoesNotContain(Findings(Trees.Context(Trees.Linux, Trees.Dfu(Trees.Rom) with { Profile = profile })), x => x.Rule == "no-usb-bootloader");
    }

    [Theory]
    [InlineData("libusbK")]
    [InlineData("libusb0")]
    public void A_driver_of_Zadigs_that_Defuse_can_use_here_is_no_obstacle(string driver)
    {
        var findings = Findings(Trees.Context(Trees.Windows, Trees.Dfu(Trees.OnWindows(driver, "libusb devices", "STM32 BOOTLOADER"))));
        Assert.Equal(FindingLevel.Note, findings.Single(x => x.Rule == $"driver-{driver.ToLowerInvariant()}").Level);
        Assert.Contains(findings, x => x.Rule == "ready");
    }

    [Fact]
    public void Every_obstacle_of_Windows_is_told_by_one_rule()
    {
        SeenUsbDevice[] devices =
        [
            Trees.StTub30, Trees.NoDriver, RuleCases.Wrong("WinUSB", "no interface"), RuleCases.Wrong("libusbK", "no interface"), RuleCases.Wrong("libusbK", "no dll", AccessFailure.LibraryMissing),
            RuleCases.Wrong("libusb0", "no dll"), RuleCases.Wrong("usbser", "serial"), RuleCases.Wrong("VBoxUSB", "elsewhere", AccessFailure.InUse),
            RuleCases.Wrong("WinUSB", "open", AccessFailure.InUse), RuleCases.Wrong("WinUSB", "not started", AccessFailure.EnumerationFailed),
            RuleCases.Wrong("WinUSB", "not loaded") with { ProblemCode = 39 }, Trees.StTub30 with { ProblemCode = 52 },
        ];
        Assert.All(devices, x => Assert.Single(Findings(Trees.Context(Trees.Windows, Trees.Dfu(x))), y => y.Level == FindingLevel.Blocker));
    }

    [Theory]
    [InlineData(AccessFailure.PermissionDenied, HostKind.Linux)]
    [InlineData(AccessFailure.InUse, HostKind.Linux)]
    [InlineData(AccessFailure.EnumerationFailed, HostKind.Linux)]
    [InlineData(AccessFailure.LibraryMissing, HostKind.Linux)]
    [InlineData(AccessFailure.PermissionDenied, HostKind.MacOs)]
    [InlineData(AccessFailure.LibraryMissing, HostKind.MacOs)]
    public void Every_obstacle_elsewhere_is_told_by_one_rule(AccessFailure failure, HostKind kind)
    {
        var device = Trees.Rom with { Problem = new AccessProblem(failure, "something is in the way", "Do something") };
        Assert.Single(Findings(Trees.Context(Trees.Linux with { Kind = kind }, Trees.Dfu(device))), x => x.Level == FindingLevel.Blocker);
    }

    [Fact]
    public void Protection_that_a_USB_3_port_may_feign_is_doubted()
    {
        var f072 = Trees.Condition with { Chips = ["STM32F071/F072/F078, F070xB"], ReadOut = ReadOutProtection.Level1 };
        Assert.Contains(Findings(Trees.Context(Trees.Linux, Trees.Dfu(Trees.Rom with { HostController = "xhci_hcd" }, f072))), x => x.Rule == "f0-on-xhci");
        Assert.DoesNotContain(Findings(Trees.Context(Trees.Linux, Trees.Dfu(Trees.Rom with { HostController = "xhci_hcd", Hubs = 1 }, f072))), x => x.Rule == "f0-on-xhci");
        var f767 = Trees.Condition with { ReadOut = ReadOutProtection.Level1 };
        Assert.DoesNotContain(Findings(Trees.Context(Trees.Linux, Trees.Dfu(Trees.Rom with { HostController = "xhci_hcd" }, f767))), x => x.Rule == "f0-on-xhci");
    }

    [Fact]
    public void Unprotecting_is_never_the_first_thing_to_do()
    {
        var diagnosis = Doctor.Diagnose(RuleCases.All["read-protected"].Speaks);
        Assert.Equal("defuse unprotect", diagnosis.Next!.Command);
        Assert.Empty(Finding(Trees.Context(Trees.Linux, Trees.Dfu(Trees.Rom, Trees.Condition with { ReadOut = ReadOutProtection.Permanent })), "read-protected").Remedies.Where(x => x.Command is not null));
    }

    [Fact]
    public void A_rule_of_udevs_is_offered_only_where_it_would_do_something()
    {
        Assert.True(Finding(RuleCases.All["no-permission"].Speaks, "no-permission").Remedies[0].IsFix);
        Assert.DoesNotContain(Findings(RuleCases.All["udev-not-running"].Speaks).SelectMany(x => x.Remedies), x => x.IsFix);
        var inside = Trees.Context(Trees.Linux with { Container = "podman" }, Trees.Dfu(Trees.NotPermitted));
        Assert.DoesNotContain(Findings(inside).SelectMany(x => x.Remedies), x => x.IsFix);
        Assert.Contains("/dev/bus/usb", Doctor.Diagnose(inside).Next!.Command, StringComparison.Ordinal);
    }

    private static Finding Finding(DiagnosisContext context, string rule) => Findings(context).Single(x => x.Rule == rule);

    private static ImmutableArray<Finding> Findings(DiagnosisContext context)
    {
        var diagnosis = Doctor.Diagnose(context);
        return [.. diagnosis.Boards.SelectMany(x => x.Findings).DistinctBy(x => x.Rule), .. diagnosis.General];
    }
}
