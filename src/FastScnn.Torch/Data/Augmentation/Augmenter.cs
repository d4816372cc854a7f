namespace FastScnn.Torch.Data.Augmentation;

/// <summary>
/// Turns a photo and its label into a crop to train on: scaled, cut out, mirrored, its colours changed, blurred, in this order; photo and
/// label always alike. Scaling, cutting and mirroring touch both, and labels take the nearest id, never a mixture.
/// </summary>
/// <remarks>
/// <para>Every random choice comes from (seed, epoch, sample) alone: the same three give the same bytes in any order and on any thread.
/// An instance may be used by several threads at once.</para>
/// <para>Like the seed, a photo smaller than the crop lies in its top left corner. Colours and blur leave the padding as it is.</para>
/// </remarks>
public sealed class Augmenter
{
    /// <summary>Makes an augmenter.</summary>
    /// <param name="options">What is done.</param>
    /// <param name="ignoreIndex">The id that stands for no class, as <see cref="ClassList.IgnoreIndex"/>: given to the padding, and left out of the shares of classes.</param>
    public Augmenter(AugmentationOptions options, byte ignoreIndex)
    {
        ArgumentNullException.ThrowIfNull(options);
        (Options, IgnoreIndex) = (options, ignoreIndex);
    }

    /// <summary>What is done.</summary>
    public AugmentationOptions Options { get; }

    /// <summary>The id that stands for no class.</summary>
    public byte IgnoreIndex { get; }

    /// <summary>Makes the crop of a sample in an epoch.</summary>
    /// <param name="photo">The photo.</param>
    /// <param name="labels">Its class ids, of the same size.</param>
    /// <param name="seed">The seed of the training run.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="sample">The number of the sample in its data set.</param>
    /// <param name="planes">Filled with the planes of red, green and blue: [3, <see cref="AugmentationOptions.CropHeight"/>, <see cref="AugmentationOptions.CropWidth"/>].</param>
    /// <param name="ids">Filled with the class ids: [<see cref="AugmentationOptions.CropHeight"/>, <see cref="AugmentationOptions.CropWidth"/>].</param>
    /// <exception cref="ArgumentException">Photo and label differ in size, or a span is not as long as the crop needs.</exception>
    public void Apply(PixelBuffer photo, LabelMap labels, int seed, int epoch, int sample, Span<byte> planes, Span<byte> ids)
    {
        ArgumentNullException.ThrowIfNull(photo);
        ArgumentNullException.ThrowIfNull(labels);
        if ((photo.Width, photo.Height) != (labels.Width, labels.Height)) throw Errors.AugmentedSizes(photo, labels);
        int width = Options.CropWidth, pixels = width * Options.CropHeight;
        if (planes.Length != PixelBuffer.Channels * pixels) throw Errors.CropBuffer(nameof(planes), planes.Length, PixelBuffer.Channels * pixels);
        if (ids.Length != pixels) throw Errors.CropBuffer(nameof(ids), ids.Length, pixels);

        var random = new SampleRandom(seed, epoch, sample);
        (int Width, int Height) scaled = DrawSize(photo, random);
        bool mirrored = random.NextChance(Options.FlipProbability);
        CropWindow window = Cut(labels, scaled, mirrored, random, ids);
        PhotoSampler.Sample(photo, window, Options.PaddingColor, planes, width);

        ColorJitter jitter = ColorJitter.Draw(Options, random);
        if (Options.ColorProbability > 0) jitter.Apply(planes, width, window.Width, window.Height);
        bool blurred = random.NextChance(Options.BlurProbability);
        double deviation = random.NextBetween(0, Options.MaxBlurRadius);
        if (blurred && deviation > 0) GaussianBlur.Apply(planes, width, window.Width, window.Height, deviation);
    }

    private (int Width, int Height) DrawSize(PixelBuffer photo, SampleRandom random)
    {
        int side = Options.BaseSize ?? Math.Min(photo.Width, photo.Height);
        int least = Math.Max(1, (int)(side * Options.Scale.Least)), most = Math.Max(1, (int)Math.Min(side * Options.Scale.Most, int.MaxValue));
        return CropWindow.Scaled(photo.Width, photo.Height, random.NextInteger(least, most));
    }

    // Labels are cut first: a place that shows too much of one class costs no photo.
    private CropWindow Cut(LabelMap labels, (int Width, int Height) scaled, bool mirrored, SampleRandom random, Span<byte> ids)
    {
        bool onePlace = scaled.Width <= Options.CropWidth && scaled.Height <= Options.CropHeight;
        for (int left = onePlace || Options.MaxClassShare == 1 ? 1 : Options.CropTries; ; left--)
        {
            CropWindow window = CropWindow.Draw(scaled, Options.CropWidth, Options.CropHeight, mirrored, random);
            LabelSampler.Sample(labels, window, IgnoreIndex, ids, Options.CropWidth);
            if (left == 1 || LabelSampler.LargestShare(ids, IgnoreIndex) < Options.MaxClassShare) return window;
        }
    }
}
