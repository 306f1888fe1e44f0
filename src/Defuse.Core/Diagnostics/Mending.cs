using System.Collections.Immutable;

namespace Defuse.Diagnostics;

/// <summary>A change to a computer's settings that is shown before it is made.</summary>
public sealed class Mending
{
    private readonly Func<CancellationToken, ValueTask<MendingResult>>? _apply;

    /// <param name="title">What it is for, in a few words ("let this user open boards in DFU mode").</param>
    /// <param name="steps">What is done, line by line: texts of files, commands.</param>
    /// <param name="apply">Does it.</param>
    public Mending(string title, ImmutableArray<string> steps, Func<CancellationToken, ValueTask<MendingResult>> apply)
        : this(title, steps)
    {
        ArgumentNullException.ThrowIfNull(apply);
        _apply = apply;
    }

    private Mending(string title, ImmutableArray<string> steps)
    {
        ArgumentException.ThrowIfNullOrEmpty(title);
        Title = title;
        Steps = steps;
    }

    /// <summary>What it is for, in a few words, as the end of a sentence that begins with "to".</summary>
    public string Title { get; }

    /// <summary>What is done, line by line: texts of files, commands. If it cannot be done, what there is to see.</summary>
    public ImmutableArray<string> Steps { get; }

    /// <summary>Why it cannot be done, as a sentence without a full stop; null if it can.</summary>
    public string? Obstacle { get; private init; }

    /// <summary>What a person can do about the obstacle.</summary>
    public string? Remedy { get; private init; }

    /// <summary>Whether it was never tried on a real computer, and a person should know that.</summary>
    public bool IsExperimental { get; init; }

    /// <summary>One that cannot be done.</summary>
    /// <param name="title">What it would be for.</param>
    /// <param name="obstacle">Why it cannot be done, as a sentence without a full stop.</param>
    /// <param name="remedy">What a person can do about that.</param>
    /// <param name="shown">What there is to see.</param>
    public static Mending Impossible(string title, string obstacle, string? remedy, ImmutableArray<string> shown = default) =>
        new(title, shown.IsDefault ? [] : shown) { Obstacle = obstacle, Remedy = remedy };

    /// <summary>Does it.</summary>
    /// <param name="cancellationToken">Stops between steps.</param>
    /// <exception cref="InvalidOperationException">It cannot be done.</exception>
    public ValueTask<MendingResult> ApplyAsync(CancellationToken cancellationToken) =>
        _apply is { } apply ? apply(cancellationToken) : throw new InvalidOperationException($"It cannot be done: {Obstacle}.");
}
