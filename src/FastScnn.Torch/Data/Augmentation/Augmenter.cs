namespace FastScnn.Torch.Data.Augmentation;

/// <summary>Turns an image and its mask into a crop to train on: scaled, cut out, mirrored, warped, its colours and
/// light changed, blurred, with noise and JPEG artefacts, in this order; image and mask always alike. All up to the
/// warp touches both, and labels take the nearest id, never a mixture.</summary>
/// <remarks>
/// <para>Every random choice comes from (seed, epoch, sample) alone: the same three give the same bytes in any order
/// and on any thread. An instance may be used by several threads at once.</para>
/// <para>As in the reference implementation, an image smaller than the crop lies in its top left corner. What
/// follows the warp leaves the padding as it is; a blur takes some of it into the image along a slanted border.</para>
/// </remarks>
internal sealed class Augmenter
{
    public Augmenter(AugmentationOptions options, byte ignoreIndex)
    {
        ArgumentNullException.ThrowIfNull(options);
        (Options, IgnoreIndex) = (options, ignoreIndex);
    }

    public AugmentationOptions Options { get; }

    /// <summary>The id that stands for no class: given to the padding, and left out of the shares of classes.</summary>
    public byte IgnoreIndex { get; }

    /// <summary>Makes the crop of a sample in an epoch: fills planes of red, green and blue [3, height, width] and
    /// class ids [height, width] of the size of the options.</summary>
    /// <exception cref="ArgumentException">Image and mask differ in size, or a span is not as long as the crop
    /// needs.</exception>
    public void Apply(PixelBuffer image, LabelMap labels, int seed, int epoch, int sample, Span<byte> planes,
        Span<byte> ids)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(labels);
        if ((image.Width, image.Height) != (labels.Width, labels.Height))
            throw new ArgumentException($"The image is {image.Width} x {image.Height} and its mask {labels.Width} x "
                + $"{labels.Height}; they must have the same size.", nameof(labels));
        int width = Options.CropWidth, pixels = width * Options.CropHeight;
        RequireLength(nameof(planes), planes, PixelBuffer.Channels * pixels);
        RequireLength(nameof(ids), ids, pixels);

        var random = new SampleRandom(seed, epoch, sample);
        (int Width, int Height) scaled = DrawSize(image, random);
        bool mirrored = random.NextChance(Options.FlipProbability);
        Warp? warp = Warp.Draw(Options, new SampleRandom(seed, epoch, sample, RandomStream.Warp));
        CropWindow window = Cut(labels, scaled, mirrored, warp, random, ids);
        WarpedWindow? warped = Warped(warp, window, labels);
        if (warped is null)
        {
            ImageSampler.Sample(image, window, Options.PaddingColor, planes, width);
        }
        else
        {
            warped.Sample(image, Options.PaddingColor, planes);
            // The image may be anywhere in the crop.
            window = window with { Width = width, Height = Options.CropHeight };
        }

        ColorJitter jitter = ColorJitter.Draw(Options, random);
        if (Options.ColorProbability > 0) jitter.Apply(planes, width, window.Width, window.Height);
        bool blurred = random.NextChance(Options.BlurProbability);
        double deviation = random.NextBetween(0, Options.MaxBlurRadius);
        ToneCurve.Draw(Options, new SampleRandom(seed, epoch, sample, RandomStream.Light))
            ?.Apply(planes, width, window.Width, window.Height);
        if (blurred && deviation > 0) GaussianBlur.Apply(planes, width, window.Width, window.Height, deviation);
        AddTexture(seed, epoch, sample, planes, width, window);
        warped?.Pad(planes, Options.PaddingColor);
    }

    private void AddTexture(int seed, int epoch, int sample, Span<byte> planes, int width, in CropWindow window)
    {
        var noise = new SampleRandom(seed, epoch, sample, RandomStream.Noise);
        if (noise.NextChance(Options.NoiseProbability))
        {
            double deviation = noise.NextBetween(0, Options.MaxNoise);
            SensorNoise.Apply(planes, width, window.Width, window.Height, deviation, noise);
        }
        var jpeg = new SampleRandom(seed, epoch, sample, RandomStream.Jpeg);
        if (jpeg.NextChance(Options.JpegProbability))
        {
            int quality = jpeg.NextInteger(Options.MinJpegQuality, 95);
            int left = jpeg.NextInteger(0, JpegArtefacts.Unit - 1), top = jpeg.NextInteger(0, JpegArtefacts.Unit - 1);
            JpegArtefacts.Apply(planes, width, window.Width, window.Height, quality, left, top);
        }
    }

    private static void RequireLength(string name, ReadOnlySpan<byte> buffer, int expected)
    {
        if (buffer.Length != expected)
            throw new ArgumentException($"{name} holds {buffer.Length} bytes; the crop has {expected}.", name);
    }

    private (int Width, int Height) DrawSize(PixelBuffer image, SampleRandom random)
    {
        int side = Options.BaseSize ?? Math.Min(image.Width, image.Height);
        int least = Math.Max(1, (int)(side * Options.Scale.Min)),
            most = Math.Max(1, (int)Math.Min(side * Options.Scale.Max, int.MaxValue));
        return CropWindow.Scaled(image.Width, image.Height, random.NextInteger(least, most));
    }

    // Labels are cut first: a place that shows too much of one class costs no image.
    private CropWindow Cut(LabelMap labels, (int Width, int Height) scaled, bool mirrored, Warp? warp,
        SampleRandom random, Span<byte> ids)
    {
        bool onePlace = scaled.Width <= Options.CropWidth && scaled.Height <= Options.CropHeight;
        for (int left = onePlace || Options.MaxClassFraction == 1 ? 1 : Options.CropAttempts; ; left--)
        {
            CropWindow window = CropWindow.Draw(scaled, Options.CropWidth, Options.CropHeight, mirrored, random);
            if (Warped(warp, window, labels) is { } warped) warped.Sample(labels, IgnoreIndex, ids);
            else LabelSampler.Sample(labels, window, IgnoreIndex, ids, Options.CropWidth);
            if (left == 1 || LabelSampler.LargestShare(ids, IgnoreIndex) < Options.MaxClassFraction) return window;
        }
    }

    private WarpedWindow? Warped(Warp? warp, in CropWindow window, LabelMap labels) =>
        warp?.Place(window, Options.CropWidth, Options.CropHeight, labels.Width, labels.Height);
}

/// <summary>Which part of a scaled image a crop shows. The scaled image itself is never made: both samplers go from the
/// pixels of the crop straight to those of the source. The crop shows <c>Width</c> x <c>Height</c> pixels of the scaled
/// image from (<c>Left</c>, <c>Top</c>); the rest, on the right and at the bottom, is padding. Mirrored columns run
/// from right to left.</summary>
internal readonly record struct CropWindow(int ScaledWidth, int ScaledHeight, int Left, int Top, int Width, int Height,
    bool Mirrored)
{
    /// <summary>The size that makes the short side of an image <paramref name="shortSide"/>; the long side is rounded
    /// down, as in the reference implementation.</summary>
    public static (int Width, int Height) Scaled(int width, int height, int shortSide)
    {
        int Long(int side, int other) => (int)Math.Min((long)side * shortSide / other, int.MaxValue);
        return width < height ? (shortSide, Long(height, width)) : (Long(width, height), shortSide);
    }

    /// <summary>A crop at a random place of the scaled image.</summary>
    public static CropWindow Draw((int Width, int Height) scaled, int cropWidth, int cropHeight, bool mirrored,
        SampleRandom random)
    {
        int width = Math.Min(cropWidth, scaled.Width), height = Math.Min(cropHeight, scaled.Height);
        int left = random.NextInteger(0, scaled.Width - width);
        int top = random.NextInteger(0, scaled.Height - height);
        return new CropWindow(scaled.Width, scaled.Height, left, top, width, height, mirrored);
    }
}

/// <summary>Cuts a crop out of a label map: the nearest id for every pixel, the ignore index where the image
/// ends.</summary>
internal static class LabelSampler
{
    /// <summary>Fills <paramref name="target"/>, whose rows are <paramref name="cropWidth"/> ids long.</summary>
    public static void Sample(LabelMap labels, in CropWindow window, byte ignore, Span<byte> target, int cropWidth)
    {
        ReadOnlySpan<byte> source = labels.Ids.Span;
        int[] columns = Nearest(labels.Width, window.ScaledWidth, window.Left, window.Width);
        if (window.Mirrored) Array.Reverse(columns);
        int[] rows = Nearest(labels.Height, window.ScaledHeight, window.Top, window.Height);
        for (int y = 0; y < rows.Length; y++)
        {
            ReadOnlySpan<byte> from = source.Slice(rows[y] * labels.Width, labels.Width);
            Span<byte> to = target.Slice(y * cropWidth, cropWidth);
            for (int x = 0; x < columns.Length; x++) to[x] = from[columns[x]];
            to[columns.Length..].Fill(ignore);
        }
        target[(rows.Length * cropWidth)..].Fill(ignore);
    }

    /// <summary>The share of the commonest class among the pixels that are not ignored; 1 where all are.</summary>
    public static double LargestShare(ReadOnlySpan<byte> ids, byte ignore)
    {
        Span<int> counts = stackalloc int[256];
        counts.Clear();
        foreach (byte id in ids) counts[id]++;
        int labelled = ids.Length - counts[ignore];
        if (labelled == 0) return 1;
        counts[ignore] = 0;
        int most = 0;
        foreach (int count in counts) most = Math.Max(most, count);
        return (double)most / labelled;
    }

    // The source pixel under the centre of each scaled pixel: floor((i + 0.5) x source / scaled), in whole numbers.
    private static int[] Nearest(int source, int scaled, int first, int count)
    {
        var positions = new int[count];
        for (int i = 0; i < count; i++) positions[i] = (int)((2L * (first + i) + 1) * source / (2L * scaled));
        return positions;
    }
}

/// <summary>Random numbers of one sample in one epoch: the same wherever, whenever and by whichever thread they are
/// drawn. SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014), whose numbers no
/// runtime version changes.</summary>
internal sealed class SampleRandom(int seed, int epoch, int sample, RandomStream stream = RandomStream.Crop)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong _state = Start(seed, epoch, sample, stream);

    /// <summary>A number from 0 up to but not including 1.</summary>
    public double NextUnit() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number between two others.</summary>
    public double NextBetween(double least, double most) => least + (most - least) * NextUnit();

    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>, both included.</summary>
    // Of a range below 2^32 the high half of a 64-bit product favours no number by more than 2^-32: no rejection loop
    // is needed.
    public int NextInteger(int least, int most) =>
        (int)(least + (long)Math.BigMul(NextBits(), (ulong)((long)most - least + 1), out _));

    /// <summary>True with the given probability; draws one number whatever it is.</summary>
    public bool NextChance(double probability) => NextUnit() < probability;

    /// <summary>64 random bits.</summary>
    public ulong NextBits() => Mix(_state += Golden);

    private static ulong Start(int seed, int epoch, int sample, RandomStream stream)
    {
        ulong state = Mix(Mix(Mix(Golden + (uint)seed) + (uint)epoch) + (uint)sample);
        return stream == RandomStream.Crop ? state : Mix(state + (uint)stream);
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}

/// <summary>What random numbers are for: each has a sequence of its own, so that no option moves the choices of
/// another. The numbers are part of what a seed means.</summary>
internal enum RandomStream
{
    Crop,
    Warp,
    Light,
    Noise,
    Jpeg,
    Mosaic,
    CopyPaste,
}
