namespace Defuse.UsbIp;

internal static class TimeLimit
{
    /// <summary>Does work that must end in time.</summary>
    /// <exception cref="TimeoutException">It did not, and was cancelled.</exception>
    public static async ValueTask<T> WithinAsync<T>(
        this TimeProvider time, TimeSpan limit, Func<CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await work(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"no end within {limit.TotalSeconds} s", e);
        }
    }
}
