using FastScnn.Torch.Data.Layouts;
using static System.FormattableString;

namespace FastScnn.Torch.Data;

/// <summary>The images of one split of a data set with their masks. Reading is safe from several threads at
/// once.</summary>
public abstract partial class SegmentationDataset
{
    private readonly LabelMapping _mapping;
    private readonly MaskRules? _rules;

    /// <summary>Makes a data set of known pairs, whose masks store class ids; files are read when asked for.</summary>
    /// <param name="classes">The classes of the masks.</param>
    /// <param name="samples">The pairs.</param>
    protected SegmentationDataset(ClassList classes, IReadOnlyList<SamplePair> samples)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(samples);
        (Classes, Samples, _mapping) = (classes, samples, LabelMapping.Identity(classes));
    }

    /// <summary>Makes a data set of known pairs, of which some files were left out.</summary>
    private protected SegmentationDataset(ClassList classes, PairedFiles files) : this(classes, files.Samples) =>
        (Unpaired, Unsupported) = (files.Unpaired, files.Unsupported);

    /// <summary>Makes a data set of the files that a layout found.</summary>
    private protected SegmentationDataset(PairedFiles files, MaskRules rules)
        : this(rules.Mapping.Classes, files) => _rules = rules;

    /// <summary>The classes that masks come back in.</summary>
    public ClassList Classes { get; }

    /// <summary>The pairs in a fixed order.</summary>
    public IReadOnlyList<SamplePair> Samples { get; }

    /// <summary>Files without a partner, a text for each; empty unless the layout leaves such files out.</summary>
    public IReadOnlyList<string> Unpaired { get; } = [];

    /// <summary>The paths of files in the data set's folders that look like images but are not read, such as TIFF
    /// (<see cref="ImageFiles.UnsupportedExtensions"/>).</summary>
    public IReadOnlyList<string> Unsupported { get; } = [];

    /// <summary>The largest accepted width x height of a mask, 67,108,864 pixels by default; the limit for images is
    /// the decoder's. To be set before masks are read.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public long MaxPixels
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            field = value;
            MaxPixelsChanged(value);
        }
    } = ImageFiles.DefaultMaxPixels;

    /// <summary>Reads a mask.</summary>
    /// <param name="index">Position in <see cref="Samples"/>.</param>
    /// <returns>Class ids, and the ignore index of <see cref="Classes"/> where a pixel belongs to none.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample.</exception>
    /// <exception cref="InvalidDataException">The file is no mask, or holds values that stand for no class; the
    /// message names the file, the values and their counts.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public LabelMap ReadMask(int index) => ReadMask(index, notes: null);

    private protected virtual void MaxPixelsChanged(long value)
    {
    }

    internal virtual LabelMap ReadMask(int index, MaskNotes? notes)
    {
        SamplePair sample = Sample(index);
        return _rules is null ? _mapping.Apply(DecodeMask(sample), sample.MaskPath)
            : MaskFile.Read(sample.MaskPath, _rules, MaxPixels, notes);
    }

    /// <summary>Reads an image. One with an orientation comes upright, unless only the stored pixels have the size of
    /// its mask: then the mask was drawn on these, and they come as stored.</summary>
    /// <param name="index">Position in <see cref="Samples"/>.</param>
    /// <param name="decoder">Decodes an image file: gets the file from its first byte, which it does not close, and
    /// gives the pixels as the file stores them, with the orientation that it tells. Called from several threads at
    /// once.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample.</exception>
    /// <exception cref="InvalidDataException">The decoder cannot read the file; the message names it.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public PixelBuffer ReadImage(int index, Func<Stream, PixelBuffer> decoder)
    {
        PixelBuffer stored = ReadStoredImage(index, decoder);
        return (stored.Orientation == ImageOrientation.TopLeft ? stored : stored.FitMask(MaskSize(index))).ToRgb24();
    }

    /// <summary>Reads an image as it is stored.</summary>
    internal virtual PixelBuffer ReadStoredImage(int index, Func<Stream, PixelBuffer> decoder)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        return DecodeImage(Sample(index), decoder);
    }

    /// <summary>Reads an image and its mask, which must have the same size.</summary>
    /// <param name="index">Position in <see cref="Samples"/>.</param>
    /// <param name="decoder">As for <see cref="ReadImage"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample.</exception>
    /// <exception cref="InvalidDataException">As <see cref="ReadMask(int)"/> and <see cref="ReadImage"/>; or the sizes
    /// differ, then the message names both files and sizes.</exception>
    /// <exception cref="IOException">A file cannot be opened or read.</exception>
    public (PixelBuffer Image, LabelMap Labels) Read(int index, Func<Stream, PixelBuffer> decoder)
    {
        PixelBuffer stored = ReadStoredImage(index, decoder);
        LabelMap labels = ReadMask(index);
        PixelBuffer image = stored.FitMask((labels.Width, labels.Height)).ToRgb24();
        return (image.Width, image.Height) == (labels.Width, labels.Height)
            ? (image, labels)
            : throw Throw.SampleSizes(Sample(index), image, (labels.Width, labels.Height));
    }

    /// <summary>Reads every image and mask, with one thread for each core, and reports all faults
    /// together.</summary>
    /// <param name="decoder">As for <see cref="ReadImage"/>.</param>
    /// <param name="progress">Gets the number of samples read so far.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public DatasetReport Check(Func<Stream, PixelBuffer> decoder, IProgress<int>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        return DatasetCheck.Run(this, decoder, progress, cancellationToken);
    }

    /// <summary>Reads all masks in parallel, and no image. They show what will affect the scores.</summary>
    /// <param name="progress">Gets the number of masks read so far.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    /// <returns>A report without sizes.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public DatasetReport CheckMasks(IProgress<int>? progress = null, CancellationToken cancellationToken = default) =>
        DatasetCheck.Run(this, null, progress, cancellationToken);

    /// <summary>Reads the class ids of a mask; by default the values of an index PNG. What is neither a class nor
    /// ignored is refused.</summary>
    /// <param name="sample">The pair whose mask is wanted.</param>
    protected virtual LabelMap DecodeMask(SamplePair sample) => IndexPng.Read(sample.MaskPath, MaxPixels);

    /// <summary>Decodes an image; by default the file's bytes through the decoder.</summary>
    /// <param name="sample">The pair whose image is wanted.</param>
    /// <param name="decoder">As for <see cref="ReadImage"/>.</param>
    protected virtual PixelBuffer DecodeImage(SamplePair sample, Func<Stream, PixelBuffer> decoder)
    {
        using FileStream stream = ImageFiles.OpenRead(sample.ImagePath);
        try
        {
            return decoder(stream)
                ?? throw new InvalidOperationException("The decoder returned null instead of an image.");
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or OutOfMemoryException))
        {
            throw new InvalidDataException($"'{sample.ImagePath}' cannot be decoded as an image: {exception.Message}",
                exception);
        }
    }

    // ReadMask reports a mask that cannot be read.
    private (int Width, int Height)? MaskSize(int index)
    {
        if (MaskFile.TryReadSize(Samples[index].MaskPath) is { } size)
            return size;
        try
        {
            LabelMap labels = ReadMask(index);
            return (labels.Width, labels.Height);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException
            or ArgumentException)
        {
            return null;
        }
    }

    private protected SamplePair Sample(int index) =>
        index >= 0 && index < Samples.Count ? Samples[index]
            : throw new ArgumentOutOfRangeException(nameof(index), index,
                Invariant($"The data set has {Samples.Count} samples, numbered from 0; there is no sample {index}."));
}

/// <summary>An image and its mask in a data set.</summary>
/// <param name="Name">What tells the pair from the others of its split, such as the file name without its
/// ending.</param>
/// <param name="ImagePath">The image.</param>
/// <param name="MaskPath">The mask.</param>
public sealed record SamplePair(string Name, string ImagePath, string MaskPath);
