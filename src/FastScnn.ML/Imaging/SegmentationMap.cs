using FastScnn.ML.Regions;
using FastScnn.ML.Scoring;
using FastScnn.ML.Transforms;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;
using static System.FormattableString;

namespace FastScnn.ML.Imaging;

/// <summary>One class a pixel: what the network predicts for an image, or what a mask says. Also the value of ML.NET
/// columns; a member of a class is bound to such a column by <see cref="SegmentationMapTypeAttribute"/>.</summary>
/// <remarks>Immutable and free of native memory: it needs no disposing and may be shared by threads.</remarks>
public sealed class SegmentationMap
{
    private readonly LabelMap _labels;
    private readonly Lazy<double[]> _shares;

    /// <summary>Makes a map of class ids.</summary>
    /// <param name="labels">One id a pixel. Ids that are no class of <paramref name="classes"/> count as "no
    /// class".</param>
    /// <param name="classes">The classes of the ids.</param>
    /// <param name="timings">How long it took to predict the map; zero for one that was read.</param>
    public SegmentationMap(LabelMap labels, ClassList classes, SegmentationTimings timings = default)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(classes);
        (_labels, Classes, Timings) = (labels, classes, timings);
        _shares = new Lazy<double[]>(CountShares);
    }

    /// <summary>Columns.</summary>
    public int Width => _labels.Width;

    /// <summary>Rows.</summary>
    public int Height => _labels.Height;

    /// <summary>The ids, <see cref="Width"/> x <see cref="Height"/> bytes, row by row from the top left.</summary>
    public ReadOnlyMemory<byte> ClassIds => _labels.Ids;

    /// <summary>The names and colours of the ids.</summary>
    public ClassList Classes { get; }

    /// <summary>How long it took to predict the map; zero for one that was read.</summary>
    public SegmentationTimings Timings { get; }

    /// <summary>The id of one pixel.</summary>
    /// <param name="x">Column, 0..<see cref="Width"/>-1.</param>
    /// <param name="y">Row, 0..<see cref="Height"/>-1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The pixel is outside the map.</exception>
    public byte this[int x, int y] => _labels[x, y];

    /// <summary>For each class the part of all pixels that it covers, 0..1. Pixels of no class are in no share, so the
    /// sum may be below 1.</summary>
    public IReadOnlyList<double> ClassFractions => _shares.Value;

    /// <summary>Reads an index PNG, such as a mask or what <see cref="SavePng"/> and <see cref="SaveColorPng(string)"/>
    /// write.</summary>
    /// <param name="path">The file: grey or palette; its stored values are the ids.</param>
    /// <param name="classes">The classes of the ids.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no mask PNG, or holds an id that is neither a class nor the
    /// ignored id.</exception>
    public static SegmentationMap Load(string path, ClassList classes)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(classes);
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no mask '{path}'.", path);
        return new SegmentationMap(LabelMapping.Identity(classes).Apply(IndexPng.Read(path), path), classes);
    }

    /// <summary>Writes the ids as an 8-bit grey PNG. Every program that reads its pixel values gets the ids; it looks
    /// almost black.</summary>
    /// <param name="path">The file; it is replaced when it exists.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SavePng(string path) => IndexPng.Write(path, Width, Height, ClassIds.Span);

    /// <summary>Writes an 8-bit palette PNG that shows the classes in their colours. The ids are its palette indices,
    /// so label readers that know palettes (this library's, Pillow's) get them back; programs that turn palettes into
    /// colours do not.</summary>
    /// <param name="path">The file; it is replaced when it exists.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveColorPng(string path) => IndexPng.Write(path, Width, Height, ClassIds.Span, Classes);

    /// <summary>Writes an 8-bit palette PNG that shows the classes in their colours.</summary>
    /// <param name="stream">Where to; it stays open.</param>
    public void SaveColorPng(Stream stream) => IndexPng.Write(stream, Width, Height, ClassIds.Span, Classes);

    /// <summary>Finds the regions: pixels of one class that touch. Pixels of no class are in no region.</summary>
    /// <param name="options">How regions are found; null for all regions of pixels that share edges.</param>
    public SegmentationRegions FindRegions(RegionOptions? options = null) => new(this, [], options ?? new());

    /// <summary>Draws the class colours over the image.</summary>
    /// <param name="image">The image that was segmented; it stays the caller's and is not changed.</param>
    /// <param name="opacity">From 0, only the image, to 1, only the colours. Pixels of no class show the image.</param>
    /// <returns>A new opaque image of the same size; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The image is not as large as the map.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="opacity"/> is not in 0..1.</exception>
    public MLImage Overlay(MLImage image, double opacity = 0.5)
    {
        ArgumentNullException.ThrowIfNull(image);
        CheckOpacity(opacity);
        if ((image.Width, image.Height) != (Width, Height))
        {
            string advice = (image.Width, image.Height) == (Height, Width)
                ? $" Files are segmented upright: read the image with "
                    + $"{nameof(ImageDecoder)}.{nameof(ImageDecoder.Read)}, which turns it alike." : "";
            throw new ArgumentException(
                Invariant(
                    $"The image has {image.Width} x {image.Height} pixels and the map {Width} x {Height}; an overlay needs equal sizes.") + advice,
                nameof(image));
        }
        byte[] pixels = image.Pixels.ToArray();
        Overlay(image.Span(), opacity, pixels, image.PixelFormat == MLPixelFormat.Rgba32);
        GC.KeepAlive(image);
        return MLImage.CreateFromPixels(Width, Height, image.PixelFormat, pixels);
    }

    /// <summary>Draws the class colours over pixels in memory, such as a frame of a video, into memory of the
    /// caller.</summary>
    /// <param name="image">The pixels that were segmented, as large as the map; they are not changed, and read as they
    /// lie, without their orientation.</param>
    /// <param name="opacity">From 0, only the image, to 1, only the colours. Pixels of no class show the image.</param>
    /// <param name="bgra">Takes <see cref="Width"/> x <see cref="Height"/> pixels as
    /// <see cref="PixelLayout.Bgra32"/>, opaque and without gaps between rows.</param>
    /// <exception cref="ArgumentException">The image is not as large as the map, or <paramref name="bgra"/> is too
    /// short.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="opacity"/> is not in 0..1.</exception>
    public void Overlay(PixelBuffer image, double opacity, Span<byte> bgra)
    {
        ArgumentNullException.ThrowIfNull(image);
        CheckOpacity(opacity);
        if ((image.Width, image.Height) != (Width, Height))
            throw new ArgumentException(
                Invariant(
                    $"The image has {image.Width} x {image.Height} pixels and the map {Width} x {Height}; an overlay needs equal sizes."),
                nameof(image));
        if (bgra.Length < 4L * Width * Height)
            throw new ArgumentException(
                Invariant($"{bgra.Length} bytes cannot take {Width} x {Height} pixels of 4 bytes."), nameof(bgra));
        Overlay(image.Span, opacity, bgra, redFirst: false);
    }

    private void Overlay(PixelSpan image, double opacity, Span<byte> target, bool redFirst)
    {
        // Both terms in 1/256: a whole number of them for the colour leaves the rest to the image.
        int weight = (int)Math.Round(opacity * 256), step = PixelSpan.BytesPerPixel(image.Layout), t = 0;
        // The colour's term of each id; those of no class leave all to the image.
        Span<(int Image, int First, int Green, int Last)> terms = stackalloc (int, int, int, int)[256];
        terms.Fill((256, 128, 128, 128));
        for (int id = 0; id < Classes.Count; id++)
        {
            SegmentationClass color = Classes[id];
            (int first, int last) = redFirst ? (color.Red, color.Blue) : (color.Blue, color.Red);
            terms[id] = (256 - weight, first * weight + 128, color.Green * weight + 128, last * weight + 128);
        }
        (int red, int green, int blue) = PixelSpan.Offsets(image.Layout);
        (int first0, int last0) = redFirst ? (red, blue) : (blue, red);
        ReadOnlySpan<byte> ids = ClassIds.Span;
        for (int y = 0, i = 0; y < Height; y++)
        {
            ReadOnlySpan<byte> row = image.Pixels.Slice(y * image.Stride, Width * step);
            for (int s = 0; s < row.Length; s += step, t += 4, i++)
            {
                ref readonly (int Image, int First, int Green, int Last) term = ref terms[ids[i]];
                target[t] = (byte)((row[s + first0] * term.Image + term.First) >> 8);
                target[t + 1] = (byte)((row[s + green] * term.Image + term.Green) >> 8);
                target[t + 2] = (byte)((row[s + last0] * term.Image + term.Last) >> 8);
                target[t + 3] = 255;
            }
        }
    }

    /// <summary>Draws a legend, to stand beside colour masks and overlays, as an SVG image: a row for each class in the
    /// order of ids, on white.</summary>
    /// <param name="classes">The classes.</param>
    public static string CreateLegendSvg(ClassList classes) => SegmentationLegend.ToSvg(classes);

    /// <summary>Writes a legend as an SVG file; see <see cref="CreateLegendSvg"/>.</summary>
    /// <param name="path">The file; it is replaced when it exists, and left alone when writing fails.</param>
    /// <param name="classes">The classes.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveLegend(string path, ClassList classes) => SegmentationLegend.Save(path, classes);

    internal static void CheckOpacity(double opacity)
    {
        if (opacity is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(opacity),
                Invariant($"Opacity {opacity}: expected 0 (only the image) to 1 (only the colours)."));
    }

    private double[] CountShares()
    {
        var counts = new long[256];
        foreach (byte id in ClassIds.Span)
            counts[id]++;
        return [.. counts.Take(Classes.Count).Select(count => (double)count / ClassIds.Length)];
    }
}

/// <summary>How long the parts of one segmentation took.</summary>
/// <param name="PreProcess">Decoding (where a file or stream was given), pixels to planes, and resizing where it was
/// needed.</param>
/// <param name="Inference">The network in ONNX Runtime.</param>
/// <param name="PostProcess">From the network's scores to one class a pixel.</param>
public readonly record struct SegmentationTimings(TimeSpan PreProcess, TimeSpan Inference, TimeSpan PostProcess)
{
    /// <summary>The part of <see cref="PreProcess"/> that was spent on reading and decoding the image; zero where
    /// pixels were given.</summary>
    public TimeSpan Decode { get; init; }

    /// <summary>The sum of the three parts.</summary>
    public TimeSpan Total => PreProcess + Inference + PostProcess;
}

/// <summary>A map with how sure the network is of it, and with the scores of all classes where they were asked
/// for.</summary>
/// <remarks>Immutable and free of native memory, as the map.</remarks>
/// <seealso cref="FastScnnSegmenter.SegmentWithScores(string, ScoreKind?)"/>
public sealed class ScoredSegmentation
{
    internal ScoredSegmentation(SegmentationMap map, ScoreKind? scoreKind, ReadOnlyMemory<float> scores,
        ReadOnlyMemory<float> confidence) =>
        (Map, ScoreKind, Scores, Confidence) = (map, scoreKind, scores, confidence);

    /// <summary>The class with the largest score at each pixel, of the size that
    /// <see cref="InferenceOptions.OutputSize"/> says.</summary>
    public SegmentationMap Map { get; }

    /// <summary>The kind of <see cref="Scores"/>; null where none were asked for.</summary>
    public ScoreKind? ScoreKind { get; }

    /// <summary>The scores, classes x height x width: the plane of class 0, row by row from the top left, then that of
    /// class 1 and so on, with the height and width of <see cref="Map"/>. The score of class k at (x, y) is at <c>(k *
    /// Map.Height + y) * Map.Width + x</c>. Empty where none were asked for.</summary>
    public ReadOnlyMemory<float> Scores { get; }

    /// <summary>The probability of each pixel's class, from 1 / classes to 1: height x width, row by row, as
    /// <see cref="SegmentationMap.ClassIds"/>.</summary>
    public ReadOnlyMemory<float> Confidence { get; }

    /// <summary>Finds the regions, with their mean confidence: see <see cref="SegmentationMap.FindRegions"/>.</summary>
    /// <param name="options">How regions are found; null for all regions of pixels that share edges.</param>
    public SegmentationRegions FindRegions(RegionOptions? options = null) =>
        new(Map, Confidence.Span, options ?? new());
}
