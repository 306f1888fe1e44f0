namespace Defuse.Cli.DfuUtil;

/// <summary>What dfu-util 0.11 ends with: names and numbers are those of BSD's sysexits.h.</summary>
internal static class SysExit
{
    public const int Ok = 0;
    public const int Usage = 64;
    public const int DataError = 65;
    public const int NoInput = 66;
    public const int Software = 70;
    public const int CannotCreate = 73;
    public const int InputOutput = 74;
    public const int Protocol = 76;
}
