using System.CommandLine;
using Defuse.Cli.Help;

namespace Defuse.Cli.Commands;

/// <summary>defuse completion.</summary>
internal static class CompletionCommand
{
    // Where nothing fits, the shells go on to complete file names; so options are offered only to who began one.
    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = """
            # defuse completion for bash: source <(defuse completion bash)
            _defuse() {
                local line=${COMP_LINE:0:COMP_POINT} word reply
                word=${line##*[[:space:]]}
                COMPREPLY=()
                if [[ $word == --*=* ]]; then
                    line=${line%"$word"}${word%%=*}\ ${word#*=}
                    word=${word#*=}
                fi
                while IFS= read -r reply; do
                    reply=${reply%$'\r'}
                    [[ $reply == "$word"* && ( $word == -* || $reply != -* ) && $reply != /* ]] || continue
                    # bash replaces only what follows the last : or = of a word.
                    case $word in
                        *[:=]*) reply=${reply#"${word%"${word##*[:=]}"}"} ;;
                    esac
                    COMPREPLY+=("$reply")
                done < <(defuse "[suggest:${#line}]" "$line" 2>/dev/null)
            }
            complete -o default -F _defuse defuse

            """,
        ["zsh"] = """
            #compdef defuse
            # defuse completion for zsh: source <(defuse completion zsh)
            _defuse() {
                local line=${BUFFER[1,CURSOR]} word=${PREFIX}
                local -a replies
                replies=("${(@f)$(defuse "[suggest:${#line}]" "$line" 2>/dev/null)}")
                replies=(${replies:#/*})
                [[ $word == -* ]] || replies=(${replies:#-*})
                if (( ${#replies} )) && [[ -n ${replies[1]} ]]; then
                    compadd -- $replies
                else
                    _files
                fi
            }
            compdef _defuse defuse

            """,
        ["fish"] = """
            # defuse completion for fish: defuse completion fish | source
            function __defuse_complete
                set -l line (commandline -cp)
                set -l word (commandline -ct)
                for reply in (defuse "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)
                    string match -q -- '/*' $reply; and continue
                    if string match -q -- '-*' $reply; and not string match -q -- '-*' $word
                        continue
                    end
                    echo $reply
                end
            end
            complete -c defuse -a '(__defuse_complete)'

            """,
        ["pwsh"] = """
            # defuse completion for PowerShell: defuse completion pwsh | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName defuse -ScriptBlock {
                param($word, $ast, $cursor)
                $line = $ast.ToString().PadRight($cursor)
                defuse "[suggest:$cursor]" $line 2>$null |
                    Where-Object { $_ -notlike '/*' -and ($word -like '-*' -or $_ -notlike '-*') -and $_ -like "$word*" } |
                    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
            }

            """,
    };

    public static Command Create(CommandRunner runner)
    {
        var shell = new Argument<string>("SHELL") { Description = $"One of {string.Join(", ", Scripts.Keys)}." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new DocumentedCommand("completion", "Print a script that has a shell complete defuse's commands and options.")
        {
            Group = CommandGroup.Others,
            Arguments = { shell },
            Examples =
            [
                ("bash, in ~/.bashrc", "source <(defuse completion bash)"),
                ("fish", "defuse completion fish > ~/.config/fish/completions/defuse.fish"),
            ],
        };
        command.SetAction((parse, _) => runner.RunAsync(parse, context =>
        {
            context.Printer.Script(Scripts[parse.GetRequiredValue(shell)].ReplaceLineEndings("\n"));
            return Task.FromResult(context.Done());
        }));
        return command;
    }
}
