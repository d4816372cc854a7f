using System.Collections.Concurrent;
using FastScnn.ML.Hosting;
using FastScnn.ML.Scoring;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FastScnn.ML.Tests.Hosting;

/// <summary>Services with a tiny model whose classes are the channels of a pixel, and what they write to the
/// log.</summary>
internal static class Services
{
    public static readonly ClassList Channels = new([new("red", 255, 0, 0), new("green", 0, 255, 0),
        new("blue", 0, 0, 255)]);

    /// <summary>A file of the tiny model, of this test alone.</summary>
    public static string ModelFile()
    {
        string path = Path.Combine(TestFiles.NewFolder(), "tiny.onnx");
        File.WriteAllBytes(path, Models.Tiny);
        return path;
    }

    /// <summary>The settings of a service of that model.</summary>
    public static void Tiny(SegmentationServiceOptions options, string? path = null)
    {
        options.ModelPath = path ?? ModelFile();
        options.Segmenter = new FastScnnSegmenterOptions { Classes = Channels };
    }

    public static ServiceProvider Build(Action<IServiceCollection> add, LogLines? log = null)
    {
        var services = new ServiceCollection();
        if (log is not null)
            services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
        add(services);
        return services.BuildServiceProvider(validateScopes: true);
    }

    public static ServiceProvider Build(int maxConcurrency = 1, int queueLimit = 1, LogLines? log = null) =>
        Build(services => services.AddFastScnnSegmenter(options =>
        {
            Tiny(options);
            (options.MaxConcurrency, options.QueueLimit) = (maxConcurrency, queueLimit);
        }), log);

    /// <summary>Takes a turn until the result is disposed.</summary>
    public static async Task<Turn> TakeTurnAsync(ISegmentationService service)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var end = new ManualResetEventSlim();
        Task<int> work = service.RunAsync(_ =>
        {
            begun.SetResult();
            end.Wait();
            return 0;
        });
        await (await Task.WhenAny(begun.Task, work));
        return new Turn(work, end);
    }

    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        for (int i = 0; !condition(); i++)
        {
            Assert.That(i, Is.LessThan(2000), $"{what}: not within 20 s");
            await Task.Delay(10);
        }
    }

    public sealed class Turn(Task work, ManualResetEventSlim end) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            end.Set();
            await work;
            end.Dispose();
        }
    }
}

/// <summary>The lines of a log.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(string Category, LogLevel Level, string Text)> _lines = new();
    private readonly string _category = "";

    /// <summary>Those of this library.</summary>
    public (LogLevel Level, string Text)[] Lines =>
        [.. _lines.Where(line => line.Category == "FastScnn.ML").Select(line => (line.Level, line.Text))];

    public string[] Texts(LogLevel level) =>
        [.. Lines.Where(line => line.Level == level).Select(line => line.Text)];

    public ILogger CreateLogger(string categoryName) => new LogLines(_lines, categoryName);

    public LogLines()
    {
    }

    private LogLines(ConcurrentQueue<(string, LogLevel, string)> lines, string category) =>
        (_lines, _category) = (lines, category);

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((_category, logLevel, formatter(state, exception)));

    public void Dispose()
    {
    }
}
