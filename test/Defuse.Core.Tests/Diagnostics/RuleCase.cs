using Defuse.Diagnostics;

namespace Defuse.Core.Tests.Diagnostics;

/// <summary>A computer where a rule speaks, and one that is nearly the same where it does not.</summary>
internal sealed record RuleCase(DiagnosisContext Speaks, DiagnosisContext Silent, FindingLevel Level, string Says);
