using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace FastScnn.ML.Hosting;

/// <summary>Adds segmenters to the services of an application.</summary>
public static class FastScnnServiceCollectionExtensions
{
    private const string LogCategory = "FastScnn.ML";

    /// <summary>Adds the model of an application: inject <see cref="ISegmentationService"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options: at least
    /// <see cref="SegmentationServiceOptions.ModelPath"/>.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <remarks>The options are validated, and the model is loaded, when the host starts, or when the service is first
    /// asked for where there is no host. It is loaded once, and closed with the container. Loads, fallbacks, refusals
    /// and failures go to the <see cref="ILogger"/> of the category <c>FastScnn.ML</c>.</remarks>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <example><code>
    /// builder.Services.AddFastScnnSegmenter(options => options.ModelPath = "model.onnx");
    /// builder.Services.AddHealthChecks().AddCheck&lt;FastScnnSegmenterHealthCheck&gt;("segmenter");
    /// </code></example>
    public static IServiceCollection AddFastScnnSegmenter(this IServiceCollection services,
        Action<SegmentationServiceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        Add(services, Options.DefaultName, configure);
        services.TryAddSingleton<ISegmentationService>(Get);
        return services;

        static ISegmentationService Get(IServiceProvider provider) =>
            provider.GetRequiredKeyedService<ISegmentationService>(Options.DefaultName);
    }

    /// <summary>Adds one of several models: inject <c>[FromKeyedServices("name")] ISegmentationService</c>, or
    /// <see cref="ISegmentationServices"/> for all of them.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">Its name; the tag of its model in meters.</param>
    /// <param name="configure">Sets the options of this model.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <remarks>As <see cref="AddFastScnnSegmenter(IServiceCollection, Action{SegmentationServiceOptions})"/>. Each
    /// model has a limit and a queue of its own.</remarks>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    public static IServiceCollection AddFastScnnSegmenter(this IServiceCollection services, string name,
        Action<SegmentationServiceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(configure);
        Add(services, name, configure);
        return services;
    }

    private static void Add(IServiceCollection services, string name, Action<SegmentationServiceOptions> configure)
    {
        services.AddOptions<SegmentationServiceOptions>(name).Configure(configure);
        // Added again, a model only gets more settings, as options do everywhere.
        if (services.Any(service => service.ImplementationInstance is AddedModel added && added.Name == name))
            return;
        services.AddSingleton(new AddedModel(name));
        services.TryAddEnumerable(ServiceDescriptor
            .Singleton<IValidateOptions<SegmentationServiceOptions>, SegmentationServiceOptionsValidator>());
        services.TryAddSingleton<ISegmentationServices, SegmentationServices>();
        services.AddKeyedSingleton<SegmentationService>(name, Load);
        services.AddKeyedSingleton<ISegmentationService>(name,
            (provider, key) => provider.GetRequiredKeyedService<SegmentationService>(key));
        // What a host validates when it starts: here it loads the model.
        services.AddOptions<LoadedAtStart>(name)
            .Configure<IServiceProvider>((_, provider) => provider.GetRequiredKeyedService<SegmentationService>(name))
            .ValidateOnStart();
    }

    private static SegmentationService Load(IServiceProvider provider, object? key)
    {
        string name = (string)key!;
        ILogger logger = provider.GetService<ILoggerFactory>()?.CreateLogger(LogCategory) ?? NullLogger.Instance;
        SegmentationServiceOptions options = SegmentationServiceOptionsValidator.Read(
            provider.GetRequiredService<IOptionsMonitor<SegmentationServiceOptions>>(), name);
        return new SegmentationService(name, options, logger);
    }

    private sealed class LoadedAtStart;
}

/// <summary>The name of a model that was added.</summary>
internal sealed record AddedModel(string Name);

/// <inheritdoc cref="ISegmentationServices"/>
internal sealed class SegmentationServices(IServiceProvider provider, IEnumerable<AddedModel> models)
    : ISegmentationServices
{
    public IReadOnlyList<string> Names { get; } = [.. models.Select(model => model.Name)];

    public ISegmentationService Get(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return provider.GetKeyedService<ISegmentationService>(name) ?? throw new ArgumentException(
            $"There is no segmenter '{name}'; added are {string.Join(", ", Names.Select(one => $"'{one}'"))}.",
            nameof(name));
    }
}
