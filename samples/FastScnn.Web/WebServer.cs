using FastScnn.ML.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;

namespace FastScnn.Web;

/// <summary>Puts the server together.</summary>
public static class WebServer
{
    /// <summary>Makes the server, ready to be run.</summary>
    /// <param name="args">The command line.</param>
    /// <exception cref="ArgumentException">A setting is wrong.</exception>
    /// <exception cref="OptionsValidationException">There is no such model, or it cannot be used.</exception>
    public static WebApplication Create(params string[] args)
    {
        WebApplicationBuilder builder =
            WebApplication.CreateBuilder(new WebApplicationOptions
            {
                Args = args,
                ContentRootPath = AppContext.BaseDirectory
            });
        WebOptions options = WebOptions.From(builder.Configuration);
        builder.Services.AddFastScnnSegmenter(model =>
        {
            model.ModelPath = options.Model;
            model.MaxConcurrency = options.ImagesAtOnce;
            model.QueueLimit = options.ImagesWaiting;
            model.Segmenter = new() { MaxPixels = options.MaxPixels };
        });
        builder.Services.AddHealthChecks().AddCheck<FastScnnSegmenterHealthCheck>("segmenter");
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddMeter("FastScnn.ML").AddPrometheusExporter());
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<LiveStreams>();
        builder.Services.AddOpenApi();
        builder.Services.AddProblemDetails();
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.Limits.MaxRequestBodySize = options.MaxBytes + Upload.FormOverhead;
            server.Limits.MaxConcurrentConnections = 4 * (options.ImagesAtOnce + options.ImagesWaiting);
            // Room for some that are told why there is no place for them.
            server.Limits.MaxConcurrentUpgradedConnections = 2 * options.Streams + 8;
            server.AddServerHeader = false;
        });

        WebApplication app = builder.Build();
        // Now, so that what is wrong with the model is said in a line, and not by the host that fails to start.
        app.Services.GetRequiredService<ISegmentationService>();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.Use(SecureAsync);
        app.Use(Problems.HandleAsync);
        app.UseWebSockets();
        app.UseDefaultFiles();
        app.UseStaticFiles();
        app.MapOpenApi();
        app.MapPost("/segment", SegmentEndpoint.HandleAsync).DescribeSegment();
        app.MapGet("/live", LiveEndpoint.HandleAsync).WithName("live").WithSummary("Segments the frames of a camera")
            .WithDescription("A WebSocket: each binary message is a frame, such as a JPEG. The answers are texts with "
                + "JSON: the number of the frame, and either a result as POST /segment gives it, or a problem. A frame "
                + "that a newer one overtakes before its turn is dropped without an answer.");
        app.MapGet("/model", (ISegmentationService service) =>
            new ModelReply(Path.GetFileName(options.Model), service.ActiveProvider,
                [.. service.Classes.Select(c => c.Name)], options.MaxBytes, options.MaxPixels,
                options.MaxFrameBytes, options.MaxFramePixels))
            .WithName("model").WithSummary("What the server runs and takes");
        app.MapGet("/health", HealthAsync).Produces<HealthReply>().Produces<HealthReply>(503)
            .WithName("health").WithSummary("Whether the server works");
        app.MapPrometheusScrapingEndpoint();
        return app;
    }

    private static async Task<IResult> HealthAsync(HealthCheckService health, ISegmentationService service,
        LiveStreams streams, CancellationToken cancellation)
    {
        HealthReport report = await health.CheckHealthAsync(cancellation);
        return Results.Json(
            new HealthReply(report.Status.ToString().ToLowerInvariant(), service.Working, service.Waiting,
                streams.Open),
            statusCode: report.Status == HealthStatus.Unhealthy ? 503 : 200);
    }

    private static Task SecureAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers.ContentSecurityPolicy =
            "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return next(context);
    }
}
