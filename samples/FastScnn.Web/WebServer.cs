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
        builder.Services.AddOpenApi();
        builder.Services.AddProblemDetails();
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.Limits.MaxRequestBodySize = options.MaxBytes + Upload.FormOverhead;
            server.Limits.MaxConcurrentConnections = 4 * (options.ImagesAtOnce + options.ImagesWaiting);
            server.AddServerHeader = false;
        });

        WebApplication app = builder.Build();
        app.Services.GetRequiredService<FastScnnSegmenter>();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.Use(SecureAsync);
        app.Use(Problems.HandleAsync);
        app.UseDefaultFiles();
        app.UseStaticFiles();
        app.MapOpenApi();
        app.MapPost("/segment", SegmentEndpoint.HandleAsync).DescribeSegment();
        app.MapGet("/model", () =>
            new ModelReply(Path.GetFileName(options.Model), segmenter.ActiveProvider,
                [.. segmenter.Classes.Select(c => c.Name)], options.MaxBytes, options.MaxPixels))
            .WithName("model").WithSummary("What the server runs and takes");
        app.MapGet("/health", (ImageQueue queue) => new HealthReply("healthy", queue.Working, queue.Waiting))
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
