using System.Diagnostics;
using FastScnn.ML.Imaging;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using static System.FormattableString;

namespace FastScnn.ML.Scoring;

/// <summary>Segments images with a Fast-SCNN in an ONNX file, without an ML.NET pipeline.</summary>
/// <remarks>
/// <para>All members may be called from several threads at once; they share one session. Disposing while other threads
/// segment is safe: their images are finished, later calls throw <see cref="ObjectDisposedException"/>.</para>
/// <para>Images of any size are taken as they are. Sides below 32 pixels are enlarged to 32 for the network, and a
/// model exported for one size gets every image resized to that size (bilinear); the map has the image's own size,
/// unless <see cref="FastScnnSegmenterOptions.Inference"/> asks for the model's.</para>
/// <para>Images of files and streams come upright, as their EXIF orientation says, and so do their maps. Images and
/// pixels in memory are taken as they are.</para>
/// <para>TorchSharp and libtorch are neither needed nor loaded.</para>
/// </remarks>
/// <example><code>
/// using var segmenter = FastScnnSegmenter.Load("model.onnx");
/// SegmentationMap map = segmenter.Segment("street.jpg");
/// map.SaveColorPng("street.png");
/// </code></example>
public sealed partial class FastScnnSegmenter : IDisposable
{
    private const string StreamName = "the stream";

    private readonly FastScnnSegmenterOptions _options;
    private readonly ImageDecoderOptions _decoding;
    private readonly ModelDescription _description;
    private readonly Shared<SegmentationModel> _model;
    private int _disposed;

    private FastScnnSegmenter(SegmentationModel model, FastScnnSegmenterOptions options)
    {
        (_model, _description, _options) = (new Shared<SegmentationModel>(model), model.Description, options);
        (ActiveProvider, ProviderFailures, FallbackReason) =
            (model.Provider, model.ProviderFailures, model.FallbackReason);
        ModelName = Path.GetFileName(model.Description.Name);
        _decoding = new()
        {
            MaxPixels = options.MaxPixels,
            ApplyOrientation = options.ApplyOrientation,
            AcceptIncomplete = options.AcceptIncomplete
        };
    }

    /// <summary>The classes that the maps refer to.</summary>
    public ClassList Classes => _description.Classes;

    /// <summary>The ONNX Runtime execution provider in use, such as <c>CPUExecutionProvider</c> or
    /// <c>CUDAExecutionProvider</c>.</summary>
    public string ActiveProvider { get; }

    /// <summary>The execution providers that were asked for before the one in use, and why each cannot be used; empty
    /// where the first one is.</summary>
    public IReadOnlyList<ProviderFailure> ProviderFailures { get; }

    /// <summary>Why the processor is used although <see cref="FastScnnSegmenterOptions.GpuDeviceId"/> was given, or why
    /// not the first of <see cref="FastScnnSegmenterOptions.ExecutionProviders"/> is: <see cref="ProviderFailures"/> in
    /// a sentence. Otherwise null.</summary>
    public string? FallbackReason { get; }

    /// <summary>Loads a model file.</summary>
    /// <param name="path">An ONNX file, as FastScnn.Torch exports it: either graph.</param>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no ONNX model, no segmentation model, or lacks what the
    /// options must then supply.</exception>
    /// <exception cref="InvalidOperationException">
    /// The GPU or none of the execution providers asked for can be used, there is no native ONNX Runtime library,
    /// scales or a working side are asked for of a model for one size, or a region of interest at the model's size.
    /// </exception>
    /// <exception cref="ArgumentException">The options ask for a GPU and for execution providers.</exception>
    public static FastScnnSegmenter Load(string path, FastScnnSegmenterOptions? options = null) =>
        Create(SessionFactory.ReadFile(path), path, options, null);

    /// <summary>Loads a model from memory.</summary>
    /// <param name="model">The bytes of an ONNX file.</param>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <exception cref="InvalidDataException">As <see cref="Load(string, FastScnnSegmenterOptions?)"/>.</exception>
    /// <exception cref="InvalidOperationException">As
    /// <see cref="Load(string, FastScnnSegmenterOptions?)"/>.</exception>
    public static FastScnnSegmenter Load(byte[] model, FastScnnSegmenterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Create(model, "the model in memory", options, null);
    }

    internal static FastScnnSegmenter Create(byte[] model, string name, FastScnnSegmenterOptions? options,
        Func<SessionOptions>? baseOptions)
    {
        options ??= new FastScnnSegmenterOptions();
        if (options is { GpuDeviceId: { } device, ExecutionProviders.Count: > 0 })
            throw new ArgumentException(
                Invariant($"{nameof(FastScnnSegmenterOptions.GpuDeviceId)} is {device} and ")
                + $"{nameof(FastScnnSegmenterOptions.ExecutionProviders)} has {options.ExecutionProviders[0]}; expected "
                + "one of them. The device is the option device_id of a provider.");
        return new FastScnnSegmenter(new SegmentationModel(model, name, options, baseOptions), options);
    }

    /// <summary>Segments an image file in any format that <see cref="ImageDecoder"/> reads.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no image that is read, is cut short or damaged; the message
    /// names it and says what was found.</exception>
    /// <exception cref="ArgumentException">The image is larger than
    /// <see cref="FastScnnSegmenterOptions.MaxPixels"/>.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    public SegmentationMap Segment(string path) =>
        ScoringTelemetry.Observe(this, path, static (self, path, start) =>
        {
            using DecodedImage image = self.Open(path);
            return self.Segment(image.Span, image.Orientation, start, Stopwatch.GetElapsedTime(start));
        });

    /// <summary>Segments an encoded image (JPEG, PNG and so on).</summary>
    /// <param name="stream">The encoded image, from the current position; read to its end, not closed.</param>
    /// <exception cref="InvalidDataException">The stream cannot be decoded.</exception>
    /// <exception cref="ArgumentException">The image is larger than
    /// <see cref="FastScnnSegmenterOptions.MaxPixels"/>.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    public SegmentationMap Segment(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return ScoringTelemetry.Observe(this, stream, static (self, stream, start) =>
        {
            using DecodedImage image = self.Open(stream);
            return self.Segment(image.Span, image.Orientation, start, Stopwatch.GetElapsedTime(start));
        });
    }

    /// <summary>Segments a decoded image.</summary>
    /// <param name="image">The image; it stays the caller's.</param>
    /// <exception cref="ArgumentException">The image is larger than
    /// <see cref="FastScnnSegmenterOptions.MaxPixels"/>.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    public SegmentationMap Segment(MLImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return ScoringTelemetry.Observe(this, image, static (self, image, start) =>
        {
            SegmentationMap map = self.Segment(image.Span(), ImageOrientation.TopLeft, start, decode: default);
            // The pixels are the image's own memory, which a finalizer would free.
            GC.KeepAlive(image);
            return map;
        });
    }

    /// <summary>Segments pixels in memory.</summary>
    /// <param name="image">The pixels; turned upright as their orientation says, unless the options say
    /// otherwise.</param>
    /// <exception cref="ArgumentException">The image is larger than
    /// <see cref="FastScnnSegmenterOptions.MaxPixels"/>.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    public SegmentationMap Segment(PixelBuffer image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return ScoringTelemetry.Observe(this, image, static (self, image, start) =>
            self.Segment(image.Span, self.OrientationOf(image), start, decode: default));
    }

    /// <summary>Segments an image file and gives the confidence and, where wanted, the scores of all classes with the
    /// map.</summary>
    /// <remarks>Scores take 4 bytes for each class and pixel: with 19 classes 160 MB for an image of 2048 x 1024. At
    /// <see cref="SegmentationSize.Model"/> they take a 64th of that.</remarks>
    /// <param name="path">The file, as <see cref="Segment(string)"/> takes it.</param>
    /// <param name="scores">The kind of scores to give; null for the map and its confidence alone.</param>
    /// <returns>The map that <see cref="Segment(string)"/> gives, with what it was chosen by.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file cannot be decoded; the message names it.</exception>
    /// <exception cref="ArgumentException">
    /// The image is larger than <see cref="FastScnnSegmenterOptions.MaxPixels"/>, or its scores are more than an array
    /// holds.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    public ScoredSegmentation SegmentWithScores(string path, ScoreKind? scores = ScoreKind.Probabilities) =>
        ScoringTelemetry.Observe(this, (path, scores), static (self, given, start) =>
        {
            using DecodedImage image = self.Open(given.path);
            return self.SegmentWithScores(image.Span, image.Orientation, given.scores, start,
                Stopwatch.GetElapsedTime(start));
        });

    /// <summary>Segments an encoded image and gives the confidence and, where wanted, the scores of all classes with
    /// the map.</summary>
    /// <param name="stream">The encoded image, as <see cref="Segment(Stream)"/> takes it.</param>
    /// <param name="scores">The kind of scores to give; null for the map and its confidence alone.</param>
    /// <returns>As <see cref="SegmentWithScores(string, ScoreKind?)"/>.</returns>
    /// <exception cref="InvalidDataException">The stream cannot be decoded.</exception>
    /// <exception cref="ArgumentException">As <see cref="SegmentWithScores(string, ScoreKind?)"/>.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    public ScoredSegmentation SegmentWithScores(Stream stream, ScoreKind? scores = ScoreKind.Probabilities)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return ScoringTelemetry.Observe(this, (stream, scores), static (self, given, start) =>
        {
            using DecodedImage image = self.Open(given.stream);
            return self.SegmentWithScores(image.Span, image.Orientation, given.scores, start,
                Stopwatch.GetElapsedTime(start));
        });
    }

    /// <summary>Segments a decoded image and gives the confidence and, where wanted, the scores of all classes with the
    /// map.</summary>
    /// <param name="image">The image; it stays the caller's.</param>
    /// <param name="scores">The kind of scores to give; null for the map and its confidence alone.</param>
    /// <returns>As <see cref="SegmentWithScores(string, ScoreKind?)"/>.</returns>
    /// <exception cref="ArgumentException">As <see cref="SegmentWithScores(string, ScoreKind?)"/>.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    public ScoredSegmentation SegmentWithScores(MLImage image, ScoreKind? scores = ScoreKind.Probabilities)
    {
        ArgumentNullException.ThrowIfNull(image);
        return ScoringTelemetry.Observe(this, (image, scores), static (self, given, start) =>
        {
            ScoredSegmentation result = self.SegmentWithScores(given.image.Span(), ImageOrientation.TopLeft,
                given.scores, start, decode: default);
            // The pixels are the image's own memory, which a finalizer would free.
            GC.KeepAlive(given.image);
            return result;
        });
    }

    /// <summary>Segments pixels in memory and gives the confidence and, where wanted, the scores of all classes with
    /// the map.</summary>
    /// <param name="image">The pixels, as <see cref="Segment(PixelBuffer)"/> takes them.</param>
    /// <param name="scores">The kind of scores to give; null for the map and its confidence alone.</param>
    /// <returns>As <see cref="SegmentWithScores(string, ScoreKind?)"/>.</returns>
    /// <exception cref="ArgumentException">As <see cref="SegmentWithScores(string, ScoreKind?)"/>.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    public ScoredSegmentation SegmentWithScores(PixelBuffer image, ScoreKind? scores = ScoreKind.Probabilities)
    {
        ArgumentNullException.ThrowIfNull(image);
        return ScoringTelemetry.Observe(this, (image, scores), static (self, given, start) =>
            self.SegmentWithScores(given.image.Span, self.OrientationOf(given.image), given.scores, start,
                decode: default));
    }

    /// <summary>The name of the model in meters and traces: the file's, or the one that a service gave it.</summary>
    internal string ModelName { get; set; }

    /// <summary>Closes the sessions when what is under way is done. May be called more than once.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            _model.Release();
    }

    private SegmentationMap Segment(PixelSpan image, ImageOrientation orientation, long start, TimeSpan decode,
        ScoreAverage.Turn? turn = null)
    {
        image = Upright(image, orientation);
        CheckSize(image.Width, image.Height);
        SegmentationModel model = Use();
        try
        {
            if (!_options.IsPlain)
                return Score(model, image, null, confidence: false, start, decode, turn).Map;
            (int width, int height) = (image.Width, image.Height);
            var part = new ImagePart(width, height, _options.Inference.RegionOfInterest);
            (int inputWidth, int inputHeight) = LargestInput(width, height);
            var timings = new SegmentationTimings(Stopwatch.GetElapsedTime(start), default, default)
            {
                Decode = decode
            };
            byte[] ids = model.Run(part.Of(image), inputWidth, inputHeight, mirrored: false, ref timings, buffers =>
            {
                turn?.Blend(buffers.MutableScores);
                turn?.End();
                return buffers.ClassIds(part.Width, part.Height);
            });
            ids = part.Place(ids, Classes.IgnoreIndex);
            timings = timings with { PostProcess = Stopwatch.GetElapsedTime(start) - timings.Total };
            return new SegmentationMap(new LabelMap(width, height, ids), Classes, timings);
        }
        finally
        {
            _model.Release();
        }
    }

    private ScoredSegmentation SegmentWithScores(PixelSpan image, ImageOrientation orientation, ScoreKind? scores,
        long start, TimeSpan decode)
    {
        if (scores is { } kind && !Enum.IsDefined(kind))
            throw Throw.UnknownScoreKind(nameof(scores), kind);
        image = Upright(image, orientation);
        CheckSize(image.Width, image.Height);
        SegmentationModel model = Use();
        try
        {
            return Score(model, image, scores, confidence: true, start, decode, null);
        }
        finally
        {
            _model.Release();
        }
    }

    private ScoredSegmentation Score(SegmentationModel model, PixelSpan image, ScoreKind? scores, bool confidence,
        long start, TimeSpan decode, ScoreAverage.Turn? turn)
    {
        var part = new ImagePart(image.Width, image.Height, _options.Inference.RegionOfInterest);
        var scorer = new SegmentationScorer(model, _options.Inference, _options.Threads)
        {
            ConfidenceThreshold = _options.ConfidenceThreshold,
            ReadsProbabilities = _options.ConfidenceThreshold is not null,
            Turn = turn,
        };
        ScoredSegmentation scored = scorer.Score(part.Of(image), scores, confidence, start, decode);
        return part.IsWhole ? scored : part.Place(scored, start);
    }

    // Keeps the sessions open until the caller releases them, even when another thread disposes the segmenter
    // meanwhile.
    private SegmentationModel Use() => Volatile.Read(ref _disposed) == 0 && _model.TryUse()
        ? _model.Value
        : throw new ObjectDisposedException(nameof(FastScnnSegmenter));

    private DecodedImage Open(string path) =>
        ImageDecoder.Open(path, _decoding, (width, height) => CheckSize(width, height, path));

    private DecodedImage Open(Stream stream) =>
        ImageDecoder.Open(stream, StreamName, _decoding, (width, height) => CheckSize(width, height));

    private ImageOrientation OrientationOf(PixelBuffer image) =>
        _options.ApplyOrientation ? image.Orientation : ImageOrientation.TopLeft;

    private static PixelSpan Upright(PixelSpan image, ImageOrientation orientation)
    {
        if (orientation == ImageOrientation.TopLeft)
            return image;
        (int width, int height) = orientation >= ImageOrientation.LeftTop ? (image.Height, image.Width)
            : (image.Width, image.Height);
        return new PixelSpan(image.ToUpright(orientation), width, height, image.Layout);
    }

    /// <summary>Segments a tiny image that nobody counts: not in meters, and not as one of a size that comes
    /// often.</summary>
    internal void Probe()
    {
        const int Side = 32;
        SegmentationModel model = Use();
        try
        {
            (int width, int height) = _description.InputSize(Side, Side);
            SegmentationTimings timings = default;
            byte[] pixels = new byte[3 * Side * Side];
            model.Run(new PixelSpan(pixels, Side, Side, PixelLayout.Rgb24), width, height, mirrored: false, ref timings,
                buffers => buffers.ClassIds(Side, Side), once: true);
        }
        finally
        {
            _model.Release();
        }
    }

    internal int SizedSessions => _model.Value.SizedSessions;

    internal string? WhyNoGraph => _model.Value.WhyNoGraph;

    private (int Width, int Height) LargestInput(int width, int height)
    {
        InferenceOptions inference = _options.Inference;
        var part = new ImagePart(width, height, inference.RegionOfInterest);
        int tileWidth = Math.Min(part.Width, inference.TileWidth ?? part.Width);
        int tileHeight = Math.Min(part.Height, inference.TileHeight ?? part.Height);
        double scale = inference.LargestScale * inference.WorkingScale(tileWidth, tileHeight);
        return _description.InputSize(SegmentationScorer.Scaled(tileWidth, scale),
            SegmentationScorer.Scaled(tileHeight, scale));
    }

    private void CheckSize(long width, long height, string? name = null)
    {
        // Looked at first, because the product of claimed sides can be larger than any integer.
        if (width > _options.MaxPixels / height)
            throw TooLarge("");
        // A narrow image grows on its way into the network.
        (int inputWidth, int inputHeight) = LargestInput((int)width, (int)height);
        if ((long)inputWidth * inputHeight > _options.MaxPixels)
            throw TooLarge(Invariant($", which goes into the network as {inputWidth} x {inputHeight},"));

        ArgumentException TooLarge(string enlarged)
        {
            string finding = Invariant(
                $"An image of {width} x {height} pixels{enlarged} is over the limit of {_options.MaxPixels} pixels");
            return new ArgumentException(
                $"{ImageDecoder.NotRead(name)}{finding}; shrink it, or raise "
                    + $"{nameof(FastScnnSegmenterOptions)}.{nameof(FastScnnSegmenterOptions.MaxPixels)}.",
                new ImageException(ImageFault.TooLarge, finding + "."));
        }
    }
}
