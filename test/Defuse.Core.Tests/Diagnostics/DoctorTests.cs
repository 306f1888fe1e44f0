using Defuse.Devices;
using Defuse.Diagnostics;

namespace Defuse.Core.Tests.Diagnostics;

/// <summary>What matters most comes first, and there is one thing to do.</summary>
public class DoctorTests
{
    [Fact]
    public void A_board_that_can_be_flashed_comes_first_and_is_what_to_do_next()
    {
        var diagnosis = Trees.Diagnose(Trees.Linux, RuleCases.Adapter, Trees.ProbeOnly("NUCLEO-F446ZE", "0778"), Trees.Dfu(Trees.Rom, Trees.Condition));
        Assert.Equal([BoardMode.Dfu, BoardMode.ProbeOnly, BoardMode.SerialAdapter], diagnosis.Boards.Select(x => x.Board.Mode));
        Assert.Same(diagnosis.Boards[0].Next, diagnosis.Next);
        Assert.Equal("defuse flash FILE", diagnosis.Next!.Command);
    }

    [Fact]
    public void With_several_boards_the_command_names_the_one_that_is_meant()
    {
        var diagnosis = Trees.Diagnose(Trees.Linux, Trees.Dfu(Trees.Rom), Trees.Dfu(Trees.Rom with { Location = "1-4", SerialNumber = "other" }));
        Assert.Equal(["defuse flash FILE --device dfu:usb-1-3", "defuse flash FILE --device dfu:usb-1-4"], diagnosis.Boards.Select(x => x.Next!.Command));
    }

    [Fact]
    public void A_program_is_named_by_its_port_where_there_are_several_or_nothing_else_is_known_of_it()
    {
        var micro = Trees.Program(ProgramKind.MicroPython, "MicroPython");
        Assert.Equal("defuse flash FILE", Trees.Diagnose(Trees.Linux, micro).Next!.Command);
        Assert.Contains(Trees.Diagnose(Trees.Linux, micro, Trees.Dfu(Trees.Rom)).Boards, x => x.Next!.Command == "defuse flash FILE --device dfu:usb-1-2");
        Assert.Equal("defuse flash FILE --device dfu:usb-1-2", Trees.Diagnose(Trees.Linux, Trees.Program(ProgramKind.DfuRunTime, "a program")).Next!.Command);
    }

    [Fact]
    public void A_blocker_comes_before_warnings_and_notes_and_decides_what_to_do()
    {
        var condition = Trees.Condition with { ReadOut = ReadOutProtection.Level1, State = 10, WriteProtected = [1] };
        var board = Assert.Single(Trees.Diagnose(Trees.Linux, Trees.Dfu(Trees.Rom, condition)).Boards);
        Assert.Equal(["read-protected", "write-protected", "stuck-in-error"], board.Findings.Select(x => x.Rule));
        Assert.Equal("defuse unprotect", board.Next!.Command);
    }

    [Fact]
    public void A_warning_does_not_keep_anybody_from_flashing()
    {
        var board = Assert.Single(Trees.Diagnose(Trees.Linux, Trees.Dfu(Trees.Rom, Trees.Condition with { WriteProtected = [1] })).Boards);
        Assert.Equal("defuse flash FILE", board.Next!.Command);
    }

    [Fact]
    public void With_nothing_but_a_serial_adapter_the_advice_is_to_plug_the_board_in()
    {
        var diagnosis = Trees.Diagnose(Trees.Linux, RuleCases.Adapter);
        Assert.Equal("defuse doctor", diagnosis.Next!.Command);
        Assert.Contains(diagnosis.General, x => x.Rule == "nothing-connected");
    }

    [Theory]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(120)]
    public void Text_keeps_to_the_width_but_for_commands_and_drawings(int width)
    {
        foreach (var context in RuleCases.All.Values.Select(x => x.Speaks))
        {
            var lines = DiagnosisText.Lines(Doctor.Diagnose(context), width);
            Assert.All(lines.Where(x => x.Kind is not (DiagnosisLineKind.Command or DiagnosisLineKind.Drawing)), x => Assert.True(x.Text.Length <= width || !x.Text.Trim().Contains(' ', StringComparison.Ordinal), x.Text));
            Assert.All(lines, x => Assert.Equal(x.Text.TrimEnd(), x.Text));
            Assert.All(lines, x => Assert.Equal(x.Text.Length == 0, x.Kind == DiagnosisLineKind.Blank || (x.Kind == DiagnosisLineKind.Drawing && x.Text.Length == 0)));
        }
    }

    [Fact]
    public void Every_remedy_of_a_story_is_in_its_text()
    {
        foreach (var diagnosis in RuleCases.All.Values.Select(x => Doctor.Diagnose(x.Speaks)))
        {
            var text = DiagnosisText.Render(diagnosis, 10_000);
            foreach (var remedy in diagnosis.Boards.SelectMany(x => x.Findings).Concat(diagnosis.General).SelectMany(x => x.Remedies))
            {
                Assert.Contains(remedy.Text, text, StringComparison.Ordinal);
                Assert.Contains(remedy.Command ?? "", text, StringComparison.Ordinal);
            }
        }
    }
}
