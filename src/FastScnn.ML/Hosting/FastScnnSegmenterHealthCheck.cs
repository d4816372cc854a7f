using FastScnn.ML.Scoring;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using static System.FormattableString;

namespace FastScnn.ML.Hosting;

/// <summary>Tells whether a segmenter works: runs the network on a tiny image, beside the queue, and looks at the model
/// file.</summary>
/// <remarks>
/// <list type="bullet">
/// <item><description>Healthy: it works.</description></item>
/// <item><description>Degraded: it works, and the queue is full.</description></item>
/// <item><description>Unhealthy (or the status that the check was added with): the tiny image fails; or the model file
/// is gone, or was replaced by one that cannot be used, so that the next start would fail. The process stays up and
/// goes on with the model that it loaded.</description></item>
/// </list>
/// <para>The file is looked at again when its time or its length changes: it is then loaded once more on the processor,
/// tried, and closed. A usable replacement is used from the next start.</para>
/// <para>The results carry the numbers of images (<c>working</c>, <c>waiting</c>) and the <c>provider</c> as
/// data.</para>
/// </remarks>
/// <example><code>
/// builder.Services.AddHealthChecks()
///     .AddCheck&lt;FastScnnSegmenterHealthCheck&gt;("segmenter")
///     .Add(FastScnnSegmenterHealthCheck.For("camvid"));
/// </code></example>
public sealed class FastScnnSegmenterHealthCheck : IHealthCheck
{
    private readonly IServiceProvider _services;
    private readonly string _name;

    /// <summary>Makes the check of the model that was added without a name.</summary>
    /// <param name="services">The services of the application.</param>
    public FastScnnSegmenterHealthCheck(IServiceProvider services)
        : this(services, Options.DefaultName)
    {
    }

    private FastScnnSegmenterHealthCheck(IServiceProvider services, string name)
    {
        ArgumentNullException.ThrowIfNull(services);
        (_services, _name) = (services, name);
    }

    /// <summary>Makes the check of a model that was added with a name, for the <c>Add</c> of
    /// <c>AddHealthChecks</c>.</summary>
    /// <param name="name">The model's name, which is the check's as well.</param>
    /// <param name="failureStatus">The status where it does not work; null for unhealthy.</param>
    /// <param name="tags">The tags of the check; null for none.</param>
    /// <param name="timeout">How long it may take; null for no limit.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    public static HealthCheckRegistration For(string name, HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null, TimeSpan? timeout = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return new HealthCheckRegistration(name, services => new FastScnnSegmenterHealthCheck(services, name),
            failureStatus, tags, timeout);
    }

    /// <summary>Checks.</summary>
    /// <param name="context">How the check was added.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        HealthStatus failed = context.Registration?.FailureStatus ?? HealthStatus.Unhealthy;
        SegmentationService service;
        try
        {
            service = _services.GetRequiredKeyedService<SegmentationService>(_name);
        }
        catch (OptionsValidationException e)
        {
            return new HealthCheckResult(failed, e.Message, e);
        }
        (int working, int waiting) = (service.Working, service.Waiting);
        var data = new Dictionary<string, object>
        {
            ["working"] = working,
            ["waiting"] = waiting,
            ["provider"] = service.ActiveProvider,
        };
        try
        {
            await service.ProbeAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            (bool isNew, string? fault) = await service.LookAtFileAsync().WaitAsync(cancellationToken)
                .ConfigureAwait(false);
            if (fault is not null)
            {
                return new HealthCheckResult(failed,
                    $"The model file is unusable, and the model that was loaded goes on. {fault}", null, data);
            }
            if (waiting >= service.QueueLimit && working >= service.MaxConcurrency)
            {
                return HealthCheckResult.Degraded(
                    Invariant($"{working} images are worked on and {waiting} wait, the most that this service takes."),
                    null, data);
            }
            return HealthCheckResult.Healthy(
                isNew ? "The model file was replaced by a usable one, which is loaded at the next start." : null, data);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new HealthCheckResult(failed, $"A tiny image cannot be segmented. {e.Message}", e, data);
        }
    }
}

/// <summary>Whether the model file is still one that a start could load. Safe for several threads.</summary>
internal sealed class ModelFileState
{
    private readonly string _path;
    private readonly FastScnnSegmenterOptions _options;
    private readonly Stamp _loaded;
    private readonly Lock _gate = new();
    private Stamp _seen;
    private string? _fault;

    public ModelFileState(string path, FastScnnSegmenterOptions options)
    {
        // The device is the loaded model's; the processor tells a usable file as well.
        _options = options with
        {
            GpuDeviceId = null,
            ExecutionProviders = [],
            CreateSessionOptions = null,
            IntraOpThreads = 1,
        };
        _path = Path.GetFullPath(path);
        _seen = _loaded = Stamp.Of(_path);
    }

    /// <summary>Looks at the file, which is read again only if its time or length changed.</summary>
    /// <returns>Whether it was looked into now, whether it is another than the loaded one, and what is wrong with
    /// it.</returns>
    public (bool Looked, bool IsNew, string? Fault) Look()
    {
        lock (_gate)
        {
            Stamp now = Stamp.Of(_path);
            bool looked = now != _seen;
            if (looked)
                _fault = now == _loaded ? null : Try();
            _seen = now;
            return (looked, now != _loaded, _fault);
        }
    }

    private string? Try()
    {
        try
        {
            using FastScnnSegmenter segmenter = FastScnnSegmenter.Load(_path, _options);
            segmenter.Probe();
            return null;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or InvalidOperationException
            or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private readonly record struct Stamp(DateTime Written, long Length)
    {
        public static Stamp Of(string path)
        {
            var file = new FileInfo(path);
            return file.Exists ? new Stamp(file.LastWriteTimeUtc, file.Length) : default;
        }
    }
}
