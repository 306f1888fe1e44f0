namespace Defuse.Targets.Dfu;

/// <summary>A device did something else than it confirmed.</summary>
internal sealed class DfuDistrustException(string reason, uint address, string remedy) : DeviceRefusedException(reason, address, remedy)
{
    public override bool EarlierAnswersAreInDoubt => true;
}
