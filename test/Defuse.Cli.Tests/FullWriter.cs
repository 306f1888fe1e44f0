using System.Text;

namespace Defuse.Cli.Tests;

/// <summary>Output that takes nothing after some lines.</summary>
internal sealed class FullWriter(int lines = 0) : TextWriter
{
    private int _left = lines;

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => Take(value == '\n');

    public override void Write(string? value) => Take(value?.EndsWith('\n') ?? false);

    private void Take(bool isEnd)
    {
        if (_left <= 0)
        {
            throw new IOException("no space left");
        }

        _left -= isEnd ? 1 : 0;
    }
}
