using System.Globalization;
using System.Text;

namespace Defuse.Simulator.Programs;

/// <summary>A program that sends a line every second, and reads nothing of what it is sent.</summary>
/// <param name="line">What is around it.</param>
/// <param name="takesTouch">Whether it was built so that 1200 baud and then DTR low start the ROM, as Arduino's tools do it before they upload.</param>
internal sealed class SketchProgram(IProgramLine line, bool takesTouch) : SerialProgram(line)
{
    public const string Marker = "a program that counts the seconds";

    private const uint TouchBaudRate = 1200;
    private const int MostBacklog = 512;

    private static readonly TimeSpan LeaveTime = TimeSpan.FromMilliseconds(20);

    private int _count;
    private bool _wasReady;

    public override void Start() => Line.Every(TimeSpan.FromSeconds(1), () =>
    {
        if (Line.Backlog < MostBacklog)
        {
            Line.Send(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{++_count}\r\n")));
        }
    });

    public override void Receive(byte value)
    {
    }

    public override void LinesChanged(LineCoding coding)
    {
        if (takesTouch && _wasReady && !Line.DataTerminalReady && coding.BaudRate == TouchBaudRate)
        {
            Line.After(LeaveTime, Line.EnterBootloader);
        }

        _wasReady = Line.DataTerminalReady;
    }
}
