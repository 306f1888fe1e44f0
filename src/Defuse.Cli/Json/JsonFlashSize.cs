namespace Defuse.Cli.Json;

/// <summary>How much flash a device has, as far as that is known.</summary>
internal sealed record JsonFlashSize(long Bytes, string Evidence, bool IsGuess);
