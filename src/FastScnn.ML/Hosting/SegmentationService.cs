using System.Diagnostics;
using System.Threading.RateLimiting;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Torch.Data;
using Microsoft.Extensions.Logging;
using Microsoft.ML.Data;

namespace FastScnn.ML.Hosting;

/// <inheritdoc cref="ISegmentationService"/>
internal sealed class SegmentationService : ISegmentationService, IDisposable
{
    private const int PartBytes = 80 << 10;

    private static readonly TimeSpan s_refusalPace = TimeSpan.FromSeconds(10);

    private readonly FastScnnSegmenter _segmenter;
    private readonly ConcurrencyLimiter _limiter;
    private readonly ILogger _logger;
    private readonly ModelFileState _file;
    private readonly long _maxStreamBytes;
    private long _refused, _lastRefusal = long.MinValue;
    private int _disposed;

    /// <summary>Loads the model.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">It cannot be loaded.</exception>
    public SegmentationService(string name, SegmentationServiceOptions options, ILogger logger)
    {
        (Name, _logger) = (name, logger);
        (MaxConcurrency, QueueLimit) = (options.MaxConcurrency, options.QueueLimit);
        _maxStreamBytes = options.MaxStreamBytes;
        _file = new ModelFileState(options.ModelPath, options.Segmenter);
        long start = Stopwatch.GetTimestamp();
        try
        {
            _segmenter = FastScnnSegmenter.Load(options.ModelPath, options.Segmenter);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or InvalidOperationException
            or UnauthorizedAccessException or ArgumentException)
        {
            ServiceLog.LoadFailed(_logger, e, name, options.ModelPath);
            throw SegmentationServiceOptionsValidator.Fault(name,
                $"{nameof(options.ModelPath)} is '{options.ModelPath}': {e.Message}");
        }
        if (name.Length > 0)
            _segmenter.ModelName = name;
        ServiceLog.Loaded(_logger, name, options.ModelPath, ActiveProvider,
            Stopwatch.GetElapsedTime(start).TotalSeconds);
        if (FallbackReason is { } reason)
            ServiceLog.FellBack(_logger, name, ActiveProvider, reason);
        _limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = MaxConcurrency,
            QueueLimit = QueueLimit,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
        QueueTelemetry.Add(this);
    }

    public string Name { get; }

    /// <summary>The name of the model in meters and traces.</summary>
    public string ModelName => _segmenter.ModelName;

    public int MaxConcurrency { get; }

    public int QueueLimit { get; }

    public ClassList Classes => _segmenter.Classes;

    public string ActiveProvider => _segmenter.ActiveProvider;

    public string? FallbackReason => _segmenter.FallbackReason;

    public int Working => Statistics is { } now ? MaxConcurrency - (int)now.CurrentAvailablePermits : 0;

    public int Waiting => (int)(Statistics?.CurrentQueuedCount ?? 0);

    public Task<SegmentationMap> SegmentAsync(string path, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(path);
        return RunAsync(segmenter => segmenter.Segment(path), cancellationToken);
    }

    public Task<SegmentationMap> SegmentAsync(Stream stream, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return stream.CanSeek ? RunAsync(segmenter => segmenter.Segment(stream), cancellationToken) : ReadFirstAsync();

        async Task<SegmentationMap> ReadFirstAsync()
        {
            using var image = new MemoryStream();
            byte[] part = new byte[PartBytes];
            while (await stream.ReadAsync(part, cancellationToken).ConfigureAwait(false) is > 0 and int read)
            {
                if (image.Length + read > _maxStreamBytes)
                    throw TooLong();
                image.Write(part, 0, read);
            }
            image.Position = 0;
            return await RunAsync(segmenter => segmenter.Segment(image), cancellationToken).ConfigureAwait(false);
        }
    }

    private ArgumentException TooLong()
    {
        string finding = FormattableString.Invariant($"The stream has more than {_maxStreamBytes} bytes");
        return new ArgumentException($"{finding}; shrink the image, or raise "
            + $"{nameof(SegmentationServiceOptions)}.{nameof(SegmentationServiceOptions.MaxStreamBytes)}.",
            new ImageException(ImageFault.TooLarge, finding + "."));
    }

    public Task<SegmentationMap> SegmentAsync(MLImage image, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(image);
        return RunAsync(segmenter => segmenter.Segment(image), cancellationToken);
    }

    public Task<SegmentationMap> SegmentAsync(PixelBuffer image, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(image);
        return RunAsync(segmenter => segmenter.Segment(image), cancellationToken);
    }

    public async Task<T> RunAsync<T>(Func<FastScnnSegmenter, T> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        using RateLimitLease turn = await EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Not on the caller's thread, which may be that of a request or of a window.
            return await Task.Run(
                () =>
                {
                    if (cancellationToken.IsCancellationRequested)
                        throw Cancelled(cancellationToken);
                    return work(_segmenter);
                },
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Files of clients are often none; that is no fault of the server.
            if (e.InnerException is ImageException image)
                ServiceLog.ImageRefused(_logger, Name, image.Fault, image.Message);
            else
                ServiceLog.Failed(_logger, e, Name);
            throw;
        }
    }

    /// <summary>Runs the network on a tiny image, beside the queue.</summary>
    public Task ProbeAsync() => Task.Run(_segmenter.Probe);

    /// <summary>Looks whether the model file could be loaded by the next start.</summary>
    /// <returns>Whether it is another than the loaded one, and what is wrong with it.</returns>
    public Task<(bool IsNew, string? Fault)> LookAtFileAsync() => Task.Run(() =>
    {
        (bool looked, bool isNew, string? fault) = _file.Look();
        if (looked && fault is not null)
            ServiceLog.ModelFileBroken(_logger, Name, fault);
        else if (looked && isNew)
            ServiceLog.ModelFileReplaced(_logger, Name);
        return (isNew, fault);
    });

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        QueueTelemetry.Remove(this);
        _limiter.Dispose();
        _segmenter.Dispose();
    }

    // Null once the limiter is closed, which another thread may do at any time.
    private RateLimiterStatistics? Statistics
    {
        get
        {
            try
            {
                return _limiter.GetStatistics();
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
        }
    }

    private async ValueTask<RateLimitLease> EnterAsync(CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        using Activity? waiting = ScoringTelemetry.Start("fastscnn.wait", ModelName, ActiveProvider);
        try
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) == 1, this);
            RateLimitLease turn = await _limiter.AcquireAsync(1, cancellationToken).ConfigureAwait(false);
            if (turn.IsAcquired)
            {
                ScoringTelemetry.Stage(ModelName, ActiveProvider, "wait", Stopwatch.GetElapsedTime(start));
                return turn;
            }
            turn.Dispose();
            // Closing the limiter turns away those that wait.
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) == 1, this);
            LogRefusal();
            throw new SegmenterBusyException(MaxConcurrency, QueueLimit);
        }
        catch (Exception e)
        {
            ScoringTelemetry.Fail(ModelName, ActiveProvider, e, waiting, e is SegmenterBusyException ? "busy" : null);
            throw;
        }
    }

    private OperationCanceledException Cancelled(CancellationToken cancellationToken)
    {
        var cancelled = new OperationCanceledException(cancellationToken);
        ScoringTelemetry.Fail(ModelName, ActiveProvider, cancelled, null);
        return cancelled;
    }

    // A server that is asked for too much must not write a line for each request as well.
    private void LogRefusal()
    {
        Interlocked.Increment(ref _refused);
        long last = Interlocked.Read(ref _lastRefusal), now = Stopwatch.GetTimestamp();
        if ((last == long.MinValue || Stopwatch.GetElapsedTime(last, now) >= s_refusalPace)
            && Interlocked.CompareExchange(ref _lastRefusal, now, last) == last)
            ServiceLog.Busy(_logger, Name, Interlocked.Exchange(ref _refused, 0), MaxConcurrency, QueueLimit);
    }
}

/// <summary>What services write to the application's log.</summary>
internal static partial class ServiceLog
{
    [LoggerMessage(1, LogLevel.Information,
        "Segmenter '{Name}': loaded '{ModelPath}' on {Provider} in {Seconds:F1} s.")]
    public static partial void Loaded(ILogger logger, string name, string modelPath, string provider, double seconds);

    [LoggerMessage(2, LogLevel.Error, "Segmenter '{Name}': '{ModelPath}' cannot be loaded.")]
    public static partial void LoadFailed(ILogger logger, Exception exception, string name, string modelPath);

    [LoggerMessage(3, LogLevel.Warning, "Segmenter '{Name}': runs on {Provider}. {Reason}")]
    public static partial void FellBack(ILogger logger, string name, string provider, string reason);

    [LoggerMessage(4, LogLevel.Warning,
        "Segmenter '{Name}': {Count} images were refused lately, with {MaxConcurrency} worked on and {QueueLimit} "
            + "waiting.")]
    public static partial void Busy(ILogger logger, string name, long count, int maxConcurrency, int queueLimit);

    [LoggerMessage(5, LogLevel.Information, "Segmenter '{Name}': an image was refused ({Fault}). {Finding}")]
    public static partial void ImageRefused(ILogger logger, string name, ImageFault fault, string finding);

    [LoggerMessage(6, LogLevel.Error, "Segmenter '{Name}': an image failed.")]
    public static partial void Failed(ILogger logger, Exception exception, string name);

    [LoggerMessage(7, LogLevel.Error,
        "Segmenter '{Name}': the model file is unusable, and the model that was loaded goes on. {Fault}")]
    public static partial void ModelFileBroken(ILogger logger, string name, string fault);

    [LoggerMessage(8, LogLevel.Information,
        "Segmenter '{Name}': the model file was replaced by a usable one; it is loaded at the next start.")]
    public static partial void ModelFileReplaced(ILogger logger, string name);
}
