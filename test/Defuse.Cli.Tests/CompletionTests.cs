using System.Diagnostics;

namespace Defuse.Cli.Tests;

public class CompletionTests
{
    [Theory]
    [InlineData("bash", "complete -o default -F _defuse defuse")]
    [InlineData("zsh", "compdef _defuse defuse")]
    [InlineData("fish", "complete -c defuse")]
    [InlineData("pwsh", "Register-ArgumentCompleter")]
    public async Task Each_shell_gets_its_script(string shell, string expected)
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("completion", shell);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains(expected, result.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', result.Out);
    }

    [Fact]
    public async Task Another_shell_is_a_usage_error()
    {
        using var cli = new Cli();
        Assert.Equal(2, (await cli.RunAsync("completion", "tcsh")).ExitCode);
    }

    [Theory]
    [InlineData("defuse ", "boards capture chips completion convert dfu-util diff doctor enter-dfu erase flash info list monitor option-bytes read simulate start unprotect verify")]
    [InlineData("defuse fl", "flash")]
    [InlineData("defuse flash --dr", "--dry-run")]
    [InlineData("defuse flash --allow c", "chip crc")]
    [InlineData("defuse flash --allow ", "chip crc eof image otp-for-good outside protected trailing")]
    [InlineData("defuse read -o x --format ", "bin dfu hex srec uf2")]
    [InlineData("defuse convert a.hex --to ", "bin dfu hex srec uf2")]
    [InlineData("defuse convert --f", "--family --fill")]
    [InlineData("defuse convert --family STM32F4", "STM32F4 STM32F407 STM32F407VG STM32F411xC STM32F411xE")]
    [InlineData("defuse convert --allow ", "crc eof image trailing")]
    [InlineData("defuse diff a b --r", "--range")]
    [InlineData("defuse flash --device=sim:py", "pybd-sf6 pybv11")]
    [InlineData("defuse flash --color ", "always auto never")]
    [InlineData("defuse completion ", "bash fish pwsh zsh")]
    [InlineData("defuse simulate nucleo-h", "nucleo-h563zi nucleo-h743zi")]
    [InlineData("defuse flash x.dfu --device sim:nucleo-f", "nucleo-f767zi")]
    [InlineData("defuse flash ", "")]
    public async Task In_bash_the_script_completes(string line, string expected)
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "There is no bash here.");
        using var cli = new Cli();
        var script = cli.Write("completion.bash", System.Text.Encoding.UTF8.GetBytes((await cli.RunAsync("completion", "bash")).Out));
        var program = Path.Combine(AppContext.BaseDirectory, "Defuse.Cli.dll");
        var start = new ProcessStartInfo("/bin/bash")
        {
            ArgumentList =
            {
                "--norc", "-c",
                "source \"$1\"; program=$2; defuse() { dotnet \"$program\" \"$@\"; }; COMP_LINE=$3; COMP_POINT=${#3}; _defuse; echo \"${COMPREPLY[@]}\"",
                "bash", script, program, line,
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var bash = Process.Start(start)!;
        var errors = bash.StandardError.ReadToEndAsync();
        var replies = (await bash.StandardOutput.ReadToEndAsync()).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("", await errors);
        Assert.Equal(expected, string.Join(' ', replies.Order(StringComparer.Ordinal)));
    }
}
