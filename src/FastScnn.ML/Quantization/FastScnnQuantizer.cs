using FastScnn.ML.Catalog;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Onnx;

namespace FastScnn.ML.Quantization;

/// <summary>Makes 8-bit models for processors: measures on images which values the network works with, and writes an
/// ONNX file with integers.</summary>
/// <remarks>
/// <para>The images should be like those that the model will see: 50 to 200 of its training images do, labels are not
/// needed. Those that the model is scored on later are better left out.</para>
/// <para>The file loads as any other (<see cref="FastScnnSegmenter"/>, <c>FastScnnSegment</c>); score it again
/// afterwards, with <c>fastscnn eval</c> or <see cref="SemanticSegmentationCatalog.Evaluate"/>.</para>
/// </remarks>
/// <example><code>
/// Checkpoint weights = Checkpoint.Load("best.safetensors");
/// FastScnnQuantizer.Quantize(weights, Directory.EnumerateFiles("images"), "model-int8.onnx");
/// </code></example>
public static class FastScnnQuantizer
{
    /// <summary>Measures on image files and writes an 8-bit ONNX file.</summary>
    /// <param name="checkpoint">The trained network.</param>
    /// <param name="images">The files, in any format that <see cref="ImageDecoder"/> reads; at least one.</param>
    /// <param name="output">The ONNX file; it is replaced when it exists, and left alone when something fails.</param>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <param name="progress">Gets the number of images so far, after every image; may be null.</param>
    /// <param name="cancellationToken">Looked at before every image.</param>
    /// <exception cref="ArgumentException">There are no images, or the options do not go with the
    /// checkpoint.</exception>
    /// <exception cref="CheckpointException">The checkpoint is not a Fast-SCNN; the message lists missing tensors and
    /// wrong shapes.</exception>
    /// <exception cref="FileNotFoundException">There is no such image.</exception>
    /// <exception cref="InvalidDataException">An image cannot be decoded, is too small or too large, or gives values
    /// that are no numbers.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static void Quantize(
        Checkpoint checkpoint, IEnumerable<string> images, string output, QuantizationOptions? options = null,
        IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(output);
        options ??= new();
        OnnxExporter.Export(checkpoint, output,
            Export(Calibrate(checkpoint, images, options, progress, cancellationToken), options));
    }

    /// <summary>Measures on decoded images and writes an 8-bit ONNX file.</summary>
    /// <param name="checkpoint">The trained network.</param>
    /// <param name="images">The images; at least one.</param>
    /// <param name="output">The ONNX file; it is replaced when it exists, and left alone when something fails.</param>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <param name="progress">Receives the number of images so far after every image; null for none.</param>
    /// <param name="cancellationToken">Stops the measuring between two images.</param>
    /// <exception cref="ArgumentException">There are no images, or the options do not go with the
    /// checkpoint.</exception>
    /// <exception cref="CheckpointException">The checkpoint is not a Fast-SCNN; the message lists missing tensors and
    /// wrong shapes.</exception>
    /// <exception cref="InvalidDataException">An image is too small, or gives values that are no numbers.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static void Quantize(
        Checkpoint checkpoint, IEnumerable<PixelBuffer> images, string output, QuantizationOptions? options = null,
        IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(output);
        options ??= new();
        OnnxExporter.Export(checkpoint, output,
            Export(Calibrate(checkpoint, images, options, progress, cancellationToken), options));
    }

    /// <summary>Measures the range of every layer's values by its name: the same for the same images in any
    /// order.</summary>
    internal static IReadOnlyDictionary<string, ActivationRange> Calibrate(
        Checkpoint checkpoint, IEnumerable<string> images, QuantizationOptions? options = null,
        IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        options ??= new();
        var decoding = new ImageDecoderOptions
        {
            MaxPixels = options.MaxPixels,
            ApplyOrientation = options.ApplyOrientation
        };
        return Calibrate(checkpoint, images.Select(path => (Decode(path, decoding), path)), options, progress,
            cancellationToken);
    }

    /// <inheritdoc cref="Calibrate(Checkpoint, IEnumerable{string}, QuantizationOptions?, IProgress{int}?, CancellationToken)"/>
    internal static IReadOnlyDictionary<string, ActivationRange> Calibrate(
        Checkpoint checkpoint, IEnumerable<PixelBuffer> images, QuantizationOptions? options = null,
        IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        return Calibrate(checkpoint, images.Select((image, i) => (image, $"image {i + 1}")), options ?? new(), progress,
            cancellationToken);
    }

    private static IReadOnlyDictionary<string, ActivationRange> Calibrate(
        Checkpoint checkpoint, IEnumerable<(PixelBuffer Image, string Name)> images, QuantizationOptions options,
        IProgress<int>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        using var calibrator = new Calibrator(checkpoint, options);
        cancellationToken.ThrowIfCancellationRequested();
        foreach ((PixelBuffer image, string name) in images)
        {
            calibrator.Add(image, name);
            progress?.Report(calibrator.Images);
            cancellationToken.ThrowIfCancellationRequested();
        }
        return calibrator.Images > 0 ? calibrator.Ranges(options.Percentile)
            : throw new ArgumentException(
            "No images to measure on; expected one or more like those that the model will see.", nameof(images));
    }

    private static OnnxExportOptions Export(IReadOnlyDictionary<string, ActivationRange> ranges,
        QuantizationOptions options) => options.Export with
        {
            Precision = OnnxPrecision.Int8,
            Quantization = new()
            {
                Ranges = ranges,
                FullRangeWeights = options.FullRangeWeights,
                FloatLayers = options.FloatLayers
            },
            ActivationOutputs = false,
        };

    private static PixelBuffer Decode(string path, ImageDecoderOptions options)
    {
        using DecodedImage image = ImageDecoder.Open(path, options);
        return image.ToPixelBuffer().ToUpright();
    }
}
