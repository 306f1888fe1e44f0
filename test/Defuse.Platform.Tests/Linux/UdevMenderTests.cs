using Defuse.Diagnostics;
using Defuse.Platform.Commands;
using Defuse.Platform.Linux;
using Defuse.Transports;

namespace Defuse.Platform.Tests.Linux;

public sealed class UdevMenderTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("defuse-mend-").FullName;
    private readonly FakeCommands _commands = new("udevadm", "sudo", "sh");

    public UdevMenderTests()
    {
        Write("/run/udev/control", "");
        Write("/etc/group", "root:x:0:\nplugdev:x:46:anna\n");
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void What_fix_writes_is_what_the_Debian_package_installs()
    {
        Assert.Equal(File.ReadAllText(Checkout.At("eng", "release", "60-defuse.rules")), UdevRuleFile.Text());
        Assert.Contains("$root/usr/lib/udev/rules.d/60-defuse.rules", File.ReadAllText(Checkout.At("eng", "release", "deb")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_in_the_rules_place_is_neither_written_through_nor_removed()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(UdevRuleFile.Path))!);
        var elsewhere = At("/etc/elsewhere");
        File.CreateSymbolicLink(At(UdevRuleFile.Path), elsewhere);
        Assert.NotNull((await Mender().PlanFixAsync(Closed(), Cancel))!.Obstacle);

        Write("/etc/elsewhere", UdevRuleFile.Text());
        Assert.NotNull((await Mender().PlanUndoAsync(Closed(), Cancel))!.Obstacle);
        Assert.Empty(_commands.Run);
    }

    [Theory]
    [InlineData("nothing", true)]
    [InlineData("a file", false)]
    [InlineData("a link", false)]
    [InlineData("no input", false)]
    [InlineData("a rest of before", true)]
    public async Task The_shell_writes_the_rule_whole_or_not_at_all_and_over_nothing(string there, bool isWritten)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "It is a script for Linux.");
        var runner = new RealShell { HasInput = there != "no input" };
        var fix = (await new UdevMender(runner, _root, new MendingUser("root", IsRoot: true, HasTerminal: false, HasWindows: false)).PlanFixAsync(Closed(), Cancel))!;
        var path = At(UdevRuleFile.Path);

        // What comes to be there between looking and writing.
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Action come = there switch
        {
            "a file" => () => File.WriteAllText(path, "# mine\n"),
            "a link" => () => File.CreateSymbolicLink(path, At("/etc/elsewhere")),
            "a rest of before" => () => File.WriteAllText(path + ".new", new string('x', 9999)),
            _ => () => { }
            ,
        };
        come();
        Assert.Equal(isWritten, (await fix.ApplyAsync(Cancel)).IsDone);
        Assert.False(File.Exists(At("/etc/elsewhere")));
        Assert.Equal(there == "a link", new FileInfo(path).LinkTarget is not null);
        var text = there == "a link" || !File.Exists(path) ? null : await File.ReadAllTextAsync(path, Cancel);
        Assert.Equal(isWritten ? UdevRuleFile.Text() : there == "a file" ? "# mine\n" : null, text);
        Assert.False(isWritten && File.Exists(path + ".new"));
    }

    [Fact]
    public async Task The_rule_is_shown_written_and_taken_back()
    {
        var mender = Mender();
        var fix = (await mender.PlanFixAsync(Closed(), Cancel))!;
        Assert.Null(fix.Obstacle);
        Assert.Empty(_commands.Run);
        Assert.Equal($"Write {UdevRuleFile.Path}:", fix.Steps[0]);
        Assert.All(UdevRuleFile.Text().TrimEnd('\n').Split('\n'), x => Assert.Contains("  " + x, fix.Steps));
        Assert.Contains("  sudo udevadm control --reload", fix.Steps);
        Assert.False(File.Exists(At(UdevRuleFile.Path)));

        var result = await fix.ApplyAsync(Cancel);
        Assert.Equal((true, "wrote /etc/udev/rules.d/60-defuse.rules"), (result.IsDone, result.Text));
        Assert.Equal(UdevRuleFile.Text(), await File.ReadAllTextAsync(At(UdevRuleFile.Path), Cancel));
        Assert.Equal("sudo", _commands.Run[0][0]);
        Assert.Equal("settle", _commands.Run[1][1]);

        var undo = (await mender.PlanUndoAsync(Closed(), Cancel))!;
        Assert.True((await undo.ApplyAsync(Cancel)).IsDone);
        Assert.False(File.Exists(At(UdevRuleFile.Path)));
        Assert.Null(await mender.PlanUndoAsync(Closed(), Cancel));
    }

    [Theory]
    [InlineData(AccessFailure.InUse, 0xFE, 2)]
    [InlineData(AccessFailure.PermissionDenied, 0x08, 0x50)]
    [InlineData(AccessFailure.PermissionDenied, 0xFE, 1)]
    public async Task What_the_rule_does_not_help_is_left_alone(AccessFailure failure, byte usbClass, byte protocol) =>
        Assert.Null(await Mender().PlanFixAsync(Closed(failure, usbClass, protocol), Cancel));

    [Fact]
    public async Task A_file_that_somebody_changed_is_shown_and_left()
    {
        Write(UdevRuleFile.Path, UdevRuleFile.Text() + "# mine\n");
        foreach (var plan in new[] { await Mender().PlanFixAsync(Closed(), Cancel), await Mender().PlanUndoAsync(Closed(), Cancel) })
        {
            Assert.Contains("left as it is", plan!.Obstacle, StringComparison.Ordinal);
            Assert.Contains("  # mine", plan.Steps);
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await plan.ApplyAsync(Cancel));
        }

        Assert.Empty(_commands.Run);
        Assert.True(File.Exists(At(UdevRuleFile.Path)));
    }

    [Theory]
    [InlineData(UdevRuleFile.Path)]
    [InlineData(UdevRuleFile.PackagePath)]
    public async Task A_rule_that_is_there_is_only_applied(string path)
    {
        Write(path, UdevRuleFile.Text());
        var fix = (await Mender().PlanFixAsync(Closed(), Cancel))!;
        Assert.Contains("is there already", fix.Steps[0], StringComparison.Ordinal);
        var triggered = 0;
        _commands.Triggered = () => triggered++;
        Assert.True((await fix.ApplyAsync(Cancel)).IsDone);
        Assert.Equal(1, triggered);
        Assert.Equal(path == UdevRuleFile.Path, File.Exists(At(UdevRuleFile.Path)));
    }

    [Theory]
    [InlineData(false, null, "sudo defuse")]
    [InlineData(true, null, "wsl --shutdown")]
    [InlineData(false, "docker", "container")]
    public async Task Without_udev_it_says_what_else_there_is(bool isWsl, string? container, string expected)
    {
        File.Delete(At("/run/udev/control"));
        var closed = Closed();
        var fix = await Mender().PlanFixAsync(closed with { System = closed.System with { IsWsl = isWsl, Container = container } }, Cancel);
        Assert.Contains("udev does not run", fix!.Obstacle, StringComparison.Ordinal);
        Assert.Contains(expected, fix.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sudo pkexec", true, true, "pkexec")]
    [InlineData("sudo pkexec", true, false, "sudo")]
    [InlineData("pkexec", true, false, "pkexec")]
    [InlineData("sudo", false, true, "sudo")]
    public async Task The_password_is_asked_for_where_a_person_sees_it(string installed, bool hasTerminal, bool hasWindows, string expected)
    {
        var commands = new FakeCommands(["udevadm", "sh", .. installed.Split(' ')]);
        var fix = await Mender(commands, new MendingUser("anna", false, hasTerminal, hasWindows)).PlanFixAsync(Closed(), Cancel);
        await fix!.ApplyAsync(Cancel);
        Assert.Equal(expected, commands.Run[0][0]);

        // Nobody can type a password: sudo must not wait for one.
        Assert.Equal(expected == "sudo" && !hasTerminal, commands.Run[0][1] == "-n");
    }

    [Fact]
    public async Task Root_needs_neither()
    {
        var commands = new FakeCommands("udevadm", "sh");
        var fix = await Mender(commands, new MendingUser("root", true, false, false)).PlanFixAsync(Closed(), Cancel);
        Assert.True((await fix!.ApplyAsync(Cancel)).IsDone);
        Assert.Equal("sh", commands.Run[0][0]);
    }

    [Fact]
    public async Task A_user_who_cannot_become_root_is_told()
    {
        var fix = await Mender(new FakeCommands("udevadm", "sh")).PlanFixAsync(Closed(), Cancel);
        Assert.Contains("neither sudo nor pkexec", fix!.Obstacle, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_password_changes_nothing_and_the_commands_are_named()
    {
        _commands.Fail = _ => new CommandResult(1, "sudo: a password is required\n");
        var result = await (await Mender().PlanFixAsync(Closed(), Cancel))!.ApplyAsync(Cancel);
        Assert.False(result.IsDone);
        Assert.Contains("a password is required", result.Text, StringComparison.Ordinal);
        Assert.Contains("by hand", result.Remedy, StringComparison.Ordinal);
        Assert.Single(_commands.Run);
    }

    [Theory]
    [InlineData("plugdev:x:46:anna", "plugdev", true, null)]
    [InlineData("plugdev:x:46:anna", "", true, null)]
    [InlineData("plugdev:x:46:anna", "plugdev", false, null)]
    [InlineData("plugdev:x:46:anna,bert", "", false, "log in again")]
    [InlineData("plugdev:x:46:bert", "", false, "sudo usermod -aG plugdev anna")]
    [InlineData("users:x:100:anna", "", false, "sudo groupadd --system plugdev")]
    public async Task What_else_a_user_without_a_seat_lacks_is_said(string group, string groups, bool sitsHere, string? expected)
    {
        Write("/etc/group", group + "\n");
        var closed = Closed();
        closed = closed with { System = closed.System with { GivesUserAccess = sitsHere, Groups = [.. groups.Split(' ', StringSplitOptions.RemoveEmptyEntries)] } };
        var result = await (await Mender().PlanFixAsync(closed, Cancel))!.ApplyAsync(Cancel);
        if (expected is null)
        {
            Assert.Null(result.Remedy);
        }
        else
        {
            Assert.Contains(expected, result.Remedy, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Real_programs_get_their_arguments_as_they_are_and_what_they_are_to_read()
    {
        var runner = new ProcessCommandRunner();
        var file = Path.Combine(_root, "a file; rm -rf $HOME");
        var result = await runner.RunAsync(runner.Find("sh")!, ["-c", "cat > \"$1\"; echo first >&2; echo \"last $2\" >&2; exit 3", "x", file, "$(id)"], "what it reads\n", Cancel);
        Assert.Equal((3, "last $(id)"), (result.ExitCode, result.Reason));
        Assert.Equal("what it reads\n", await File.ReadAllTextAsync(file, Cancel));
        Assert.Null(runner.Find("no-such-program-as-this"));
        Assert.Equal(127, (await runner.RunAsync(file, [], null, Cancel)).ExitCode);
    }

    [Fact]
    public async Task What_does_not_read_is_no_trouble()
    {
        var runner = new ProcessCommandRunner();
        Assert.Equal(0, (await runner.RunAsync(runner.Find("true")!, [], new string('x', 1_000_000), Cancel)).ExitCode);
    }

    private static HostInventory Closed(AccessFailure failure = AccessFailure.PermissionDenied, byte usbClass = 0xFE, byte protocol = 2) => new()
    {
        System = new HostSystem { Kind = HostKind.Linux, Version = "Debian GNU/Linux 12", HasUdev = true, GivesUserAccess = true },
        UsbDevices =
        [
            new SeenUsbDevice
            {
                Location = "1-4",
                VendorId = 0x0483,
                ProductId = 0xDF11,
                Interfaces = [new SeenInterface(0, usbClass, 1, protocol)],
                Problem = new AccessProblem(failure, "no", "ask"),
            },
        ],
    };

    private UdevMender Mender(FakeCommands? commands = null, MendingUser? user = null) =>
        new(commands ?? _commands, _root, user ?? new MendingUser("anna", IsRoot: false, HasTerminal: true, HasWindows: false));

    private string At(string path) => Path.Join(_root, path);

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text);
    }
}
