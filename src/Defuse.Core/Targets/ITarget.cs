using Defuse.Devices;

namespace Defuse.Targets;

/// <summary>An open device that firmware can be put onto: an <see cref="IMemoryTarget"/> or an <see cref="IImageSink"/>.</summary>
/// <remarks>One operation at a time.</remarks>
public interface ITarget : IAsyncDisposable
{
    /// <summary>What is known of the device.</summary>
    TargetDescription Description { get; }

    /// <summary>The clock that its time passes on.</summary>
    TimeProvider Time { get; }
}
