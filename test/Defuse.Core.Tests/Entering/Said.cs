using Defuse.Entering;

namespace Defuse.Core.Tests.Entering;

/// <summary>Keeps what is told.</summary>
internal sealed class Said : IProgress<EntryEvent>
{
    private readonly List<EntryEvent> _events = [];

    public IReadOnlyList<EntryEvent> Events => _events;

    public string Text => string.Join('\n', _events.Select(x => x.Text));

    public void Report(EntryEvent value) => _events.Add(value);
}
