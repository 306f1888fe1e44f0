using Defuse.Images;
using Defuse.Planning;
using Defuse.Targets;

namespace Defuse.Programming;

/// <summary>Sends an image to a device that takes it as a whole, and keeps the account of what is known.</summary>
internal sealed class SinkRun(IImageSink sink, IProgress<ProgrammingEvent>? progress)
{
    private readonly RangeAccount _account = new(progress);
    private FlashPlan? _plan;
    private long _sent;
    private bool _begun;

    public async ValueTask<FlashReport> FlashAsync(FirmwareImage image, FlashOptions options, CancellationToken cancellationToken)
    {
        var started = sink.Time.GetTimestamp();
        StartOutcome? outcome = null;
        DefuseException? error = null;
        FlashOutcome ended;
        try
        {
            outcome = await SendAsync(image, options, cancellationToken).ConfigureAwait(false);
            ended = FlashOutcome.WrittenUnverified;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            ended = FlashOutcome.Cancelled;
        }
        catch (PlanRefusedException e)
        {
            (ended, error) = (FlashOutcome.Refused, e);
        }
        catch (DefuseException e)
        {
            if (_sent == 0 && e is DeviceRefusedException { NothingWasDone: true } && _plan is not null)
            {
                _begun = false;
                _account.Mark(_plan.Image.Segments[0].Range, RangeState.Untouched);
            }

            (ended, error) = (_begun ? FlashOutcome.Incomplete : FlashOutcome.Failed, e);
        }

        return new FlashReport
        {
            Outcome = ended,
            Error = error,
            Plan = _plan,
            Ranges = _account.Ranges,
            BytesWritten = _sent,
            Elapsed = sink.Time.GetElapsedTime(started),
            Started = outcome,
            Warnings = _plan?.Warnings ?? [],
        };
    }

    // Where it is put, and when what was there is erased, only the device knows: until it has said that it took all of it,
    // nothing that was sent counts as written.
    private async Task<StartOutcome?> SendAsync(FirmwareImage image, FlashOptions options, CancellationToken cancellationToken)
    {
        _plan = FlashPlanner.PlanSending(image, sink.Description, options);
        var whole = _plan.Image.Segments[0];
        _account.Open([whole.Range]);
        progress?.Report(new ProgrammingEvent.Planned(_plan));
        cancellationToken.ThrowIfCancellationRequested();
        var phase = new PhaseProgress(ProgrammingPhase.Write, whole.Range.Length, sink.Time, progress);
        _begun = true;
        _account.Mark(whole.Range, RangeState.Indeterminate);
        var outcome = await sink.SendAsync(_plan.Slot!, whole.Data, new Observer(this, phase, whole.Range.Start), cancellationToken).ConfigureAwait(false);
        _account.Mark(whole.Range, RangeState.Written);
        phase.Finish();
        return outcome;
    }

    private sealed class Observer(SinkRun run, PhaseProgress phase, uint start) : IProgress<long>
    {
        public void Report(long value)
        {
            phase.Advance((uint)(start + value - 1), value - run._sent);
            run._sent = value;
        }
    }
}
