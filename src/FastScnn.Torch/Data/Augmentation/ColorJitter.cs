using System.Numerics;

namespace FastScnn.Torch.Data.Augmentation;

/// <summary>What is done to the colours of one crop, as mmsegmentation's <c>PhotoMetricDistortion</c>: brightness, then
/// contrast, saturation and hue, or contrast last.</summary>
internal readonly record struct ColorJitter(float Brightness, float Contrast, bool ContrastLast, float Saturation,
    float HueDegrees)
{
    /// <summary>Draws each change with its probability. As many numbers are drawn whatever the outcome.</summary>
    public static ColorJitter Draw(AugmentationOptions options, SampleRandom random)
    {
        double brightness = Changed(-options.Brightness, options.Brightness, 0);
        bool last = random.NextChance(0.5);
        double contrast = Changed(1 - options.Contrast, 1 + options.Contrast, 1);
        double saturation = Changed(1 - options.Saturation, 1 + options.Saturation, 1);
        double hue = Changed(-options.HueDegrees, options.HueDegrees, 0);
        return new ColorJitter((float)brightness, (float)contrast, last, (float)saturation, (float)hue);

        double Changed(double least, double most, double unchanged)
        {
            bool changed = random.NextChance(options.ColorProbability);
            double value = random.NextBetween(least, most);
            return changed ? value : unchanged;
        }
    }

    /// <summary>Changes the part of the planes that shows the image; rows are <paramref name="cropWidth"/>
    /// bytes.</summary>
    public void Apply(Span<byte> planes, int cropWidth, int width, int height)
    {
        int plane = planes.Length / PixelBuffer.Channels, step = Vector<byte>.Count;
        Span<byte> rest = stackalloc byte[PixelBuffer.Channels * step];
        for (int y = 0; y < height; y++)
        {
            Span<byte> red = planes.Slice(y * cropWidth, width);
            Span<byte> green = planes.Slice(plane + y * cropWidth, width);
            Span<byte> blue = planes.Slice(2 * plane + y * cropWidth, width);
            int x = 0;
            for (; x <= width - step; x += step) Change(red[x..], green[x..], blue[x..]);
            // The end of a row goes through a buffer: what lies beyond it is padding, or the next row.
            Span<byte> restRed = rest[..step], restGreen = rest.Slice(step, step), restBlue = rest[(2 * step)..];
            red[x..].CopyTo(restRed);
            green[x..].CopyTo(restGreen);
            blue[x..].CopyTo(restBlue);
            Change(restRed, restGreen, restBlue);
            restRed[..(width - x)].CopyTo(red[x..]);
            restGreen[..(width - x)].CopyTo(green[x..]);
            restBlue[..(width - x)].CopyTo(blue[x..]);
        }
    }

    private void Change(Span<byte> red, Span<byte> green, Span<byte> blue)
    {
        Span<Vector<float>> r = stackalloc Vector<float>[4], g = stackalloc Vector<float>[4],
            b = stackalloc Vector<float>[4];
        Load(red, r);
        Load(green, g);
        Load(blue, b);
        for (int i = 0; i < r.Length; i++) Change(ref r[i], ref g[i], ref b[i]);
        Store(r, red);
        Store(g, green);
        Store(b, blue);
    }

    private void Change(ref Vector<float> red, ref Vector<float> green, ref Vector<float> blue)
    {
        var brightness = new Vector<float>(Brightness);
        (red, green, blue) = (Rounded(red + brightness), Rounded(green + brightness), Rounded(blue + brightness));
        if (!ContrastLast) (red, green, blue) = (Rounded(red * Contrast), Rounded(green * Contrast),
            Rounded(blue * Contrast));
        if (Saturation != 1 || HueDegrees != 0) Tint(ref red, ref green, ref blue);
        if (ContrastLast) (red, green, blue) = (Rounded(red * Contrast), Rounded(green * Contrast),
            Rounded(blue * Contrast));
    }

    // The hue is a place on a hexagon of six sides (red, yellow, green, cyan, blue, magenta); the value is the greatest
    // channel, which both changes keep; the chroma is how far below it the least one lies.
    private void Tint(ref Vector<float> red, ref Vector<float> green, ref Vector<float> blue)
    {
        Vector<float> value = Vector.Max(red, Vector.Max(green, blue)),
            spread = value - Vector.Min(red, Vector.Min(green, blue));
        // Channels are whole numbers, so a spread below 1 is 0: grey, at any place.
        Vector<float> divisor = Vector.Max(spread, Vector<float>.One);
        Vector<float> place = Vector.ConditionalSelect(
            Vector.Equals(value, red),
            (green - blue) / divisor,
            Vector.ConditionalSelect(Vector.Equals(value, green), new Vector<float>(2) + (blue - red) / divisor,
                new Vector<float>(4) + (red - green) / divisor));
        place += new Vector<float>(HueDegrees / 60);
        // Saturation is chroma / value and at most 1.
        Vector<float> chroma = Vector.Min(spread * Saturation, value);
        (red, green, blue) = (Channel(place, 5, value, chroma), Channel(place, 3, value, chroma),
            Channel(place, 1, value, chroma));
    }

    private static Vector<float> Channel(Vector<float> place, float turn, Vector<float> value, Vector<float> chroma)
    {
        Vector<float> at = place + new Vector<float>(turn);
        at -= Vector.Floor(at / 6) * 6;
        Vector<float> below = Vector.Min(Vector.Max(Vector.Min(at, new Vector<float>(4) - at), Vector<float>.Zero),
            Vector<float>.One);
        return Rounded(value - chroma * below);
    }

    private static Vector<float> Rounded(Vector<float> values) =>
        Vector.Floor(Vector.Min(Vector.Max(values + new Vector<float>(0.5f), Vector<float>.Zero),
            new Vector<float>(255)));

    private static void Load(ReadOnlySpan<byte> source, Span<Vector<float>> target)
    {
        Vector.Widen(new Vector<byte>(source), out Vector<ushort> low, out Vector<ushort> high);
        Vector.Widen(low, out Vector<uint> first, out Vector<uint> second);
        Vector.Widen(high, out Vector<uint> third, out Vector<uint> fourth);
        target[0] = Vector.ConvertToSingle(Vector.AsVectorInt32(first));
        target[1] = Vector.ConvertToSingle(Vector.AsVectorInt32(second));
        target[2] = Vector.ConvertToSingle(Vector.AsVectorInt32(third));
        target[3] = Vector.ConvertToSingle(Vector.AsVectorInt32(fourth));
    }

    private static void Store(ReadOnlySpan<Vector<float>> source, Span<byte> target)
    {
        Vector<ushort> low = Vector.Narrow(Whole(source[0]), Whole(source[1])),
            high = Vector.Narrow(Whole(source[2]), Whole(source[3]));
        Vector.Narrow(low, high).CopyTo(target);

        static Vector<uint> Whole(Vector<float> values) => Vector.AsVectorUInt32(Vector.ConvertToInt32(values));
    }
}

/// <summary>What light does to a crop: gamma, and factors of red and blue, as one table for each channel.</summary>
internal sealed class ToneCurve
{
    private readonly byte[] _red, _green, _blue;

    public ToneCurve(double gamma, double redFactor, double blueFactor) =>
        (_red, _green, _blue) = (Table(gamma, redFactor), Table(gamma, 1), Table(gamma, blueFactor));

    /// <summary>Draws gamma and white balance, each with its probability; null if neither changes. As many numbers are
    /// drawn whatever the outcome.</summary>
    public static ToneCurve? Draw(AugmentationOptions options, SampleRandom random)
    {
        bool changesGamma = random.NextChance(options.GammaProbability);
        double logarithm = Math.Log(options.MaxGamma), gamma = Math.Exp(random.NextBetween(-logarithm, logarithm));
        bool changesBalance = random.NextChance(options.WhiteBalanceProbability);
        double least = 1 - options.WhiteBalance, most = 1 + options.WhiteBalance;
        double red = random.NextBetween(least, most), blue = random.NextBetween(least, most);
        if (!changesGamma && !changesBalance) return null;
        return new ToneCurve(changesGamma ? gamma : 1, changesBalance ? red : 1, changesBalance ? blue : 1);
    }

    /// <summary>Changes the part of the planes that shows the image; rows are <paramref name="cropWidth"/>
    /// bytes.</summary>
    public void Apply(Span<byte> planes, int cropWidth, int width, int height)
    {
        int plane = planes.Length / PixelBuffer.Channels;
        for (int channel = 0; channel < PixelBuffer.Channels; channel++)
        {
            ReadOnlySpan<byte> table = channel switch { 0 => _red, 1 => _green, _ => _blue };
            for (int y = 0; y < height; y++)
                foreach (ref byte value in planes.Slice(channel * plane + y * cropWidth, width))
                    value = table[value];
        }
    }

    private static byte[] Table(double gamma, double factor)
    {
        byte[] table = new byte[256];
        for (int i = 0; i < table.Length; i++)
            table[i] = (byte)(Math.Min(255 * factor * Math.Pow(i / 255.0, gamma), 255) + 0.5);
        return table;
    }
}
