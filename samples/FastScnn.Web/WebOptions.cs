using System.Globalization;
using FastScnn.Torch.Data;

namespace FastScnn.Web;

/// <summary>What the server runs and what it refuses; each is a setting of the same name, such as <c>--model
/// street.onnx</c>.</summary>
public sealed record WebOptions
{
    /// <summary>The ONNX file. Default: the model that knows the surfaces of roads, beside the program.</summary>
    public string Model { get; init; } = Path.Combine(AppContext.BaseDirectory, "fastscnn-roads.onnx");

    /// <summary>The largest accepted file in bytes, 1 or more. Default: 20 MiB.</summary>
    public long MaxBytes { get; init => field = AtLeast(1, value, nameof(MaxBytes)); } = 20 << 20;

    /// <summary>The largest accepted image in pixels, 1 or more; scoring takes about 130 bytes for each. Default:
    /// 67,108,864 (8192 x 8192), as everywhere in the library.</summary>
    public long MaxPixels { get; init => field = AtLeast(1, value, nameof(MaxPixels)); } = ImageFiles.DefaultMaxPixels;

    /// <summary>How many images are worked on at a time, 1 or more. Default: 2.</summary>
    public int ImagesAtOnce { get; init => field = AtLeast(1, value, nameof(ImagesAtOnce)); } = 2;

    /// <summary>How many more wait for their turn before others are sent away with 429, 0 or more. Default:
    /// 32.</summary>
    public int ImagesWaiting { get; init => field = AtLeast(0, value, nameof(ImagesWaiting)); } = 32;

    /// <summary>How many cameras stream at a time, 1 or more. Default: 4.</summary>
    public int Streams { get; init => field = AtLeast(1, value, nameof(Streams)); } = 4;

    /// <summary>The largest accepted frame of a camera in bytes, 1 or more. Default: 2 MiB.</summary>
    public int MaxFrameBytes { get; init => field = AtLeast(1, value, nameof(MaxFrameBytes)); } = 2 << 20;

    /// <summary>The largest accepted frame of a camera in pixels, 1 or more. Default: 2,073,600 (1920 x 1080).</summary>
    public long MaxFramePixels { get; init => field = AtLeast(1, value, nameof(MaxFramePixels)); } = 1920 * 1080;

    /// <summary>After how many seconds without a frame, or without reading an answer, a camera's stream is closed, 1 or
    /// more. Default: 30.</summary>
    public int IdleSeconds { get; init => field = AtLeast(1, value, nameof(IdleSeconds)); } = 30;

    /// <summary>The options that a configuration (command line, environment) sets.</summary>
    /// <exception cref="ArgumentException">A setting is no number, or too small.</exception>
    public static WebOptions From(IConfiguration settings)
    {
        WebOptions defaults = new();
        return new WebOptions
        {
            Model = settings[nameof(Model)] is { Length: > 0 } model ? model : defaults.Model,
            MaxBytes = Number(settings, nameof(MaxBytes), defaults.MaxBytes),
            MaxPixels = Number(settings, nameof(MaxPixels), defaults.MaxPixels),
            ImagesAtOnce = Number(settings, nameof(ImagesAtOnce), defaults.ImagesAtOnce),
            ImagesWaiting = Number(settings, nameof(ImagesWaiting), defaults.ImagesWaiting),
            Streams = Number(settings, nameof(Streams), defaults.Streams),
            MaxFrameBytes = Number(settings, nameof(MaxFrameBytes), defaults.MaxFrameBytes),
            MaxFramePixels = Number(settings, nameof(MaxFramePixels), defaults.MaxFramePixels),
            IdleSeconds = Number(settings, nameof(IdleSeconds), defaults.IdleSeconds),
        };
    }

    private static T Number<T>(IConfiguration settings, string name, T otherwise) where T : struct, ISpanParsable<T> =>
        settings[name] switch
        {
            null => otherwise,
            { } text when T.TryParse(text, CultureInfo.InvariantCulture, out T number) => number,
            { } text => throw new ArgumentException($"{name} is '{text}', and must be a whole number."),
        };

    private static T AtLeast<T>(T least, T value, string name) where T : IComparable<T> =>
        value.CompareTo(least) >= 0 ? value
            : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"{name} is {value}, and must be {least} or more."));
}
