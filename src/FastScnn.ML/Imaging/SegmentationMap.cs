using FastScnn.Torch.Data;
using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>
/// One class a pixel: what the network predicts for an image, or what a mask file says. Also the value of ML.NET columns; a member of a
/// class is bound to such a column by <see cref="SegmentationMapTypeAttribute"/>.
/// </summary>
/// <remarks>Immutable and free of native memory: it needs no disposing and may be shared by threads.</remarks>
public sealed class SegmentationMap
{
    private readonly LabelMap _labels;
    private readonly Lazy<double[]> _shares;

    /// <summary>Makes a map of class ids.</summary>
    /// <param name="labels">One id a pixel. Ids that are no class of <paramref name="classes"/> count as "no class".</param>
    /// <param name="classes">What the ids mean.</param>
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

    /// <summary>For each class the part of all pixels that it covers, 0..1. Pixels of no class are in no share, so the sum may be below 1.</summary>
    public IReadOnlyList<double> Shares => _shares.Value;

    /// <summary>Reads an index PNG, such as a label file or what <see cref="SavePng"/> and <see cref="SaveColorPng"/> write.</summary>
    /// <param name="path">The file: grey or palette; its stored values are the ids.</param>
    /// <param name="classes">What the ids mean.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no label PNG, or holds an id that is neither a class nor the ignored id.</exception>
    public static SegmentationMap Load(string path, ClassList classes)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(classes);
        if (!File.Exists(path))
            throw Errors.LabelMissing(path);
        return new SegmentationMap(LabelMapping.Identity(classes).Apply(IndexPng.Read(path), path), classes);
    }

    /// <summary>Writes the ids as an 8-bit grey PNG. Every program that reads its pixel values gets the ids; it looks almost black.</summary>
    /// <param name="path">The file; it is replaced when it exists.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SavePng(string path) => IndexPng.Write(path, Width, Height, ClassIds.Span);

    /// <summary>
    /// Writes an 8-bit palette PNG that shows the classes in their colours. The ids are its palette indices, so label readers that
    /// know palettes (this library's, Pillow's) get them back; programs that turn palettes into colours do not.
    /// </summary>
    /// <param name="path">The file; it is replaced when it exists.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveColorPng(string path) => IndexPng.Write(path, Width, Height, ClassIds.Span, Classes);

    /// <summary>Draws the class colours over the photo.</summary>
    /// <param name="photo">The photo that was segmented; it stays the caller's and is not changed.</param>
    /// <param name="opacity">From 0, only the photo, to 1, only the colours. Pixels of no class show the photo.</param>
    /// <returns>A new opaque image of the same size; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The photo is not as large as the map.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="opacity"/> is not in 0..1.</exception>
    public MLImage Overlay(MLImage photo, double opacity = 0.5)
    {
        ArgumentNullException.ThrowIfNull(photo);
        return ColorOverlay.Draw(this, photo, opacity);
    }

    private double[] CountShares()
    {
        var counts = new long[256];
        foreach (byte id in ClassIds.Span)
            counts[id]++;
        return [.. counts.Take(Classes.Count).Select(count => (double)count / ClassIds.Length)];
    }
}
