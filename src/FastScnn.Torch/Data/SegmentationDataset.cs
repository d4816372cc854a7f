using FastScnn.Torch.Data.Layouts;
using static System.FormattableString;

namespace FastScnn.Torch.Data;

/// <summary>The photos of one split of a data set with their labels. Reading is safe from several threads at once.</summary>
public abstract class SegmentationDataset
{
    private readonly LabelMapping _mapping;
    private readonly LabelRules? _rules;

    /// <summary>Makes a data set of known pairs, whose labels store class ids; files are read when asked for.</summary>
    /// <param name="classes">The classes of the labels.</param>
    /// <param name="samples">The pairs.</param>
    protected SegmentationDataset(ClassList classes, IReadOnlyList<SamplePair> samples)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(samples);
        (Classes, Samples, _mapping) = (classes, samples, LabelMapping.Identity(classes));
    }

    /// <summary>Makes a data set of the files that a layout found.</summary>
    private protected SegmentationDataset(PairedFiles files, LabelRules rules)
        : this(rules.Mapping.Classes, files.Samples) =>
        (Unpaired, Unsupported, _rules) = (files.Unpaired, files.Unsupported, rules);

    /// <summary>The classes that labels come back in.</summary>
    public ClassList Classes { get; }

    /// <summary>The pairs in a fixed order.</summary>
    public IReadOnlyList<SamplePair> Samples { get; }

    /// <summary>What is wrong with files that have no partner, a text for each; empty unless the layout was told to go on without them.</summary>
    public IReadOnlyList<string> Unpaired { get; } = [];

    /// <summary>The paths of files in the data set's folders that look like images but are not read, such as TIFF (<see cref="ImageFiles.UnsupportedExtensions"/>).</summary>
    public IReadOnlyList<string> Unsupported { get; } = [];

    /// <summary>The largest accepted width x height of a label, 67,108,864 pixels by default; the limit for photos is the decoder's.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public long MaxPixels
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            field = value;
        }
    } = ImageFiles.DefaultMaxPixels;

    /// <summary>Reads a label.</summary>
    /// <param name="index">Position in <see cref="Samples"/>.</param>
    /// <returns>Class ids, and the ignore index of <see cref="Classes"/> where a pixel belongs to none.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample.</exception>
    /// <exception cref="InvalidDataException">The file is no label, or holds values that stand for no class; the message names the file, the values and their counts.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public LabelMap ReadLabels(int index) => ReadLabels(index, notes: null);

    internal LabelMap ReadLabels(int index, LabelNotes? notes)
    {
        SamplePair sample = Sample(index);
        return _rules is null ? _mapping.Apply(DecodeLabels(sample), sample.LabelPath) : LabelFile.Read(sample.LabelPath, _rules, MaxPixels, notes);
    }

    /// <summary>
    /// Reads a photo. One with an orientation comes upright, unless only the stored pixels have the size of its label: then the label was
    /// drawn on these, and they come as stored.
    /// </summary>
    /// <param name="index">Position in <see cref="Samples"/>.</param>
    /// <param name="decoder">The codec.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample.</exception>
    /// <exception cref="InvalidDataException">The decoder cannot read the file; the message names it.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public PixelBuffer ReadPhoto(int index, PhotoDecoder decoder)
    {
        PixelBuffer stored = ReadStoredPhoto(index, decoder);
        return (stored.Orientation == PhotoOrientation.TopLeft ? stored : stored.FitMask(LabelSize(index))).ToRgb24();
    }

    /// <summary>Reads a photo as it is stored.</summary>
    internal PixelBuffer ReadStoredPhoto(int index, PhotoDecoder decoder)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        return DecodePhoto(Sample(index), decoder);
    }

    /// <summary>Reads a photo and its label, which must have the same size.</summary>
    /// <param name="index">Position in <see cref="Samples"/>.</param>
    /// <param name="decoder">The codec for the photo.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample.</exception>
    /// <exception cref="InvalidDataException">As <see cref="ReadLabels(int)"/> and <see cref="ReadPhoto"/>; or the sizes differ, then the message names both files and sizes.</exception>
    /// <exception cref="IOException">A file cannot be opened or read.</exception>
    public (PixelBuffer Photo, LabelMap Labels) Read(int index, PhotoDecoder decoder)
    {
        PixelBuffer stored = ReadStoredPhoto(index, decoder);
        LabelMap labels = ReadLabels(index);
        PixelBuffer photo = stored.FitMask((labels.Width, labels.Height)).ToRgb24();
        return (photo.Width, photo.Height) == (labels.Width, labels.Height)
            ? (photo, labels)
            : throw Throw.SampleSizes(Sample(index), photo, (labels.Width, labels.Height));
    }

    /// <summary>Reads the class ids of a label; by default the values of an index PNG. What is neither a class nor ignored is refused.</summary>
    /// <param name="sample">The pair whose label is wanted.</param>
    protected virtual LabelMap DecodeLabels(SamplePair sample) => IndexPng.Read(sample.LabelPath, MaxPixels);

    /// <summary>Decodes a photo; by default the file's bytes through the decoder.</summary>
    /// <param name="sample">The pair whose photo is wanted.</param>
    /// <param name="decoder">The codec.</param>
    protected virtual PixelBuffer DecodePhoto(SamplePair sample, PhotoDecoder decoder)
    {
        using FileStream stream = ImageFiles.OpenRead(sample.PhotoPath);
        try
        {
            return decoder(stream) ?? throw new InvalidOperationException("The decoder returned null instead of a photo.");
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or OutOfMemoryException))
        {
            throw new InvalidDataException($"'{sample.PhotoPath}' cannot be decoded as a photo: {exception.Message}", exception);
        }
    }

    // ReadLabels reports a label that cannot be read.
    private (int Width, int Height)? LabelSize(int index)
    {
        if (LabelFile.TryReadSize(Samples[index].LabelPath) is { } size)
            return size;
        try
        {
            LabelMap labels = ReadLabels(index);
            return (labels.Width, labels.Height);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private SamplePair Sample(int index) => index >= 0 && index < Samples.Count ? Samples[index] : throw new ArgumentOutOfRangeException(nameof(index), index, Invariant($"The data set has {Samples.Count} samples, numbered from 0; there is no sample {index}."));
}

/// <summary>A photo and its label file in a data set.</summary>
/// <param name="Name">What tells the pair from the others of its split, such as the file name without its ending.</param>
/// <param name="PhotoPath">The photo.</param>
/// <param name="LabelPath">The label.</param>
public sealed record SamplePair(string Name, string PhotoPath, string LabelPath);

/// <summary>Decodes an image file. This project knows no photo format; its caller brings the codec.</summary>
/// <param name="encoded">The file from its first byte; the decoder does not close it.</param>
/// <returns>
/// The pixels as the file stores them, with the orientation that it tells: the data set turns the photo where its label was drawn on the
/// upright picture (<see cref="SegmentationDataset.ReadPhoto"/>).
/// </returns>
/// <remarks>Called from several threads at once.</remarks>
public delegate PixelBuffer PhotoDecoder(Stream encoded);
