using System.Collections.Immutable;
using Defuse.Platform.Commands;

namespace Defuse.Platform.Tests.Linux;

/// <summary>Programs that are installed as a test wants them. Those that change files do it, below the folder that is the root.</summary>
internal sealed class FakeCommands(params string[] installed) : ICommandRunner
{
    public List<string[]> Run { get; } = [];

    /// <summary>What ends in another way than well.</summary>
    public Func<string[], CommandResult?>? Fail { get; set; }

    /// <summary>Called when udev is told to look again.</summary>
    public Action? Triggered { get; set; }

    public string? Find(string name) => installed.Contains(name) ? $"/usr/bin/{name}" : null;

    public ValueTask<CommandResult> RunAsync(string file, ImmutableArray<string> arguments, string? input, CancellationToken cancellationToken)
    {
        string[] words = [Path.GetFileName(file), .. arguments];
        Run.Add(words);
        if (Fail?.Invoke(words) is { } failed)
        {
            return ValueTask.FromResult(failed);
        }

        var shell = Array.FindIndex(words, x => x.EndsWith("/sh", StringComparison.Ordinal) || x == "sh");
        if (shell >= 0)
        {
            // sh -c SCRIPT NAME PATH: as dash does it.
            Assert.Equal("-c", words[shell + 1]);
            Script(words[shell + 2], words[shell + 4], input);
        }

        return ValueTask.FromResult(new CommandResult(0, ""));
    }

    private void Script(string script, string path, string? input)
    {
        Assert.DoesNotContain(path, script, StringComparison.Ordinal);
        foreach (var command in script.Split(" && "))
        {
            switch (command)
            {
                case "umask 022":
                    break;
                case "mkdir -p \"${1%/*}\"":
                    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                    break;
                case "[ ! -e \"$1\" ]" or "[ ! -L \"$1\" ]":
                    Assert.False(Path.Exists(path));
                    break;
                case "rm -f \"$1.new\"" or "[ -s \"$1.new\" ]":
                    break;
                case "cat > \"$1.new\"":
                    File.WriteAllText(path + ".new", input ?? throw new InvalidOperationException("nothing was sent"));
                    break;
                case "mv \"$1.new\" \"$1\"":
                    File.Move(path + ".new", path);
                    break;
                case "rm \"$1\"":
                    Assert.True(File.Exists(path));
                    File.Delete(path);
                    break;
                case "udevadm control --reload":
                    break;
                case "udevadm trigger --subsystem-match=usb --action=change":
                    Triggered?.Invoke();
                    break;
                default:
                    throw new InvalidOperationException($"There is no {command} here.");
            }
        }
    }
}
