using FastScnn.ML.Scoring;

namespace FastScnn.Web;

/// <summary>Puts the server together.</summary>
public static class WebServer
{
    /// <summary>Makes the server, ready to be run.</summary>
    /// <param name="args">The command line.</param>
    /// <exception cref="ArgumentException">A setting is wrong.</exception>
    /// <exception cref="FileNotFoundException">There is no such model.</exception>
    /// <exception cref="InvalidDataException">The model cannot be used.</exception>
    public static WebApplication Create(params string[] args)
    {
        WebApplicationBuilder builder =
            WebApplication.CreateBuilder(new WebApplicationOptions
            {
                Args = args,
                ContentRootPath = AppContext.BaseDirectory
            });
        WebOptions options = WebOptions.From(builder.Configuration);
        // One for all requests: it may be called from several threads, and they share the session. The services own it
        // once they have made it.
        FastScnnSegmenter segmenter = FastScnnSegmenter.Load(options.Model, new() { MaxPixels = options.MaxPixels });
        builder.Services.AddSingleton(_ => segmenter);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<ImageQueue>();
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
        app.Services.GetRequiredService<FastScnnSegmenter>();
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
        app.MapGet("/model", () =>
            new ModelReply(Path.GetFileName(options.Model), segmenter.ActiveProvider,
                [.. segmenter.Classes.Select(c => c.Name)], options.MaxBytes, options.MaxPixels,
                options.MaxFrameBytes, options.MaxFramePixels))
            .WithName("model").WithSummary("What the server runs and takes");
        app.MapGet("/health", (ImageQueue queue, LiveStreams streams) =>
            new HealthReply("healthy", queue.Working, queue.Waiting, streams.Open))
            .WithName("health").WithSummary("Whether the server works");
        return app;
    }

    private static Task SecureAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers.ContentSecurityPolicy =
            "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return next(context);
    }
}
