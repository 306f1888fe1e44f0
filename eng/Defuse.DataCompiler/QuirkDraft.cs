using Defuse.Targets.Dfu;

namespace Defuse.DataCompiler;

/// <summary>A quirk with what is told of it to people.</summary>
/// <param name="Quirk">The quirk.</param>
/// <param name="What">What the device does.</param>
/// <param name="Host">What Defuse does about it.</param>
/// <param name="Source">Where it is known from.</param>
/// <param name="Sims">The simulated boards that do it, as addresses without their scheme.</param>
/// <param name="Tests">The tests that show it, as Class.Method.</param>
internal sealed record QuirkDraft(DfuQuirk Quirk, string What, string Host, string Source, string[] Sims, string[] Tests);
