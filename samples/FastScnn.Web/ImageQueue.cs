using System.Threading.RateLimiting;

namespace FastScnn.Web;

/// <summary>Lets a few images be worked on at a time and some wait, and turns the rest away: memory then has a
/// bound.</summary>
internal sealed class ImageQueue(WebOptions options) : IDisposable
{
    private readonly ConcurrencyLimiter _limiter =
        new(new ConcurrencyLimiterOptions { PermitLimit = options.ImagesAtOnce, QueueLimit = options.ImagesWaiting });

    /// <summary>Images that are worked on.</summary>
    public int Working => options.ImagesAtOnce - (int)_limiter.GetStatistics()!.CurrentAvailablePermits;

    /// <summary>Images that wait.</summary>
    public int Waiting => (int)_limiter.GetStatistics()!.CurrentQueuedCount;

    /// <summary>Images whose turn has come since the start.</summary>
    public long Started => _limiter.GetStatistics()!.TotalSuccessfulLeases;

    /// <summary>Waits for a turn, which lasts until the result is disposed.</summary>
    /// <exception cref="RefusedException">Too many wait already.</exception>
    /// <exception cref="OperationCanceledException">The client went away.</exception>
    public async ValueTask<IDisposable> EnterAsync(CancellationToken cancellation)
    {
        RateLimitLease lease = await _limiter.AcquireAsync(1, cancellation);
        return lease.IsAcquired ? lease : throw Refused.Busy(options.ImagesAtOnce, options.ImagesWaiting);
    }

    public void Dispose() => _limiter.Dispose();
}
