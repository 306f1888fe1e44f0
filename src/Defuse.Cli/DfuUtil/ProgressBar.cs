using System.Globalization;

namespace Defuse.Cli.DfuUtil;

/// <summary>A bar as dfu-util draws it, which callers take the percentage from: "\rDownload\t[=====     ]  40%  2048 bytes".</summary>
/// <param name="console">Where to.</param>
/// <param name="label">What is under way: "Erase   ", "Download", "Upload".</param>
/// <param name="totalBytes">What is reached at 100 %.</param>
internal sealed class ProgressBar(DfuUtilConsole console, string label, long totalBytes)
{
    private const int Width = 25;
    private int _percent = -1;

    /// <param name="fraction">How much is done, from 0 to 1; less than was told before is passed over.</param>
    public void Report(double fraction)
    {
        // 100 % is said by Finish alone, when it is done.
        var percent = (int)(fraction * 100);
        if (percent > _percent && percent < 100)
        {
            Draw(percent, (long)(fraction * totalBytes));
        }
    }

    public void Finish()
    {
        Report(0);
        Draw(100, totalBytes);
        console.Line($"{label} done.");
    }

    private void Draw(int percent, long bytes)
    {
        _percent = percent;
        var bar = new string('=', percent * Width / 100).PadRight(Width);
        console.Write(string.Create(CultureInfo.InvariantCulture, $"\r{label}\t[{bar}] {percent,3}% {bytes,12} bytes"));
    }
}
