using Defuse.Formats;
using Defuse.Planning;

namespace Defuse.Cli;

/// <summary>What --allow named: of the file, and of flashing it.</summary>
internal readonly record struct Allowances(FileAllowances File, FlashAllowances Flash)
{
    public static Allowances operator |(Allowances left, Allowances right) => new(left.File | right.File, left.Flash | right.Flash);

    public static implicit operator Allowances(FileAllowances file) => new(file, FlashAllowances.None);

    public static implicit operator Allowances(FlashAllowances flash) => new(FileAllowances.None, flash);
}
