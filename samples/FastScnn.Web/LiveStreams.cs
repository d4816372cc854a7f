using System.Threading.RateLimiting;

namespace FastScnn.Web;

/// <summary>Lets a few cameras stream at a time, and no one wait: the frames of each take their turns in
/// the queue beside all other images.</summary>
internal sealed class LiveStreams(WebOptions options) : IDisposable
{
    private readonly ConcurrencyLimiter _limiter =
        new(new ConcurrencyLimiterOptions { PermitLimit = options.Streams, QueueLimit = 0 });

    /// <summary>Cameras that stream.</summary>
    public int Open => options.Streams - (int)_limiter.GetStatistics()!.CurrentAvailablePermits;

    /// <summary>Takes a place until the result is disposed; null where all are taken.</summary>
    public IDisposable? TryEnter() => _limiter.AttemptAcquire() is { IsAcquired: true } lease ? lease : null;

    public void Dispose() => _limiter.Dispose();
}
