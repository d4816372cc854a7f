namespace FastScnn.Torch.Data.Augmentation;

/// <summary>
/// What is done to the colours of one crop, as mmsegmentation's <c>PhotoMetricDistortion</c>: brightness, then contrast, saturation
/// and hue, or contrast last.
/// </summary>
/// <param name="Brightness">Added to every channel.</param>
/// <param name="Contrast">Multiplies every channel.</param>
/// <param name="ContrastLast">Whether contrast comes after saturation and hue.</param>
/// <param name="Saturation">Multiplies the saturation.</param>
/// <param name="HueDegrees">Added to the hue.</param>
internal readonly record struct ColorJitter(float Brightness, float Contrast, bool ContrastLast, float Saturation, float HueDegrees)
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

    /// <summary>Changes the part of the planes that shows the photo; rows are <paramref name="cropWidth"/> bytes.</summary>
    public void Apply(Span<byte> planes, int cropWidth, int width, int height)
    {
        Span<byte> before = stackalloc byte[256], after = stackalloc byte[256];
        Tables(before, after);
        int plane = planes.Length / Photo.Channels;
        bool tint = Saturation != 1 || HueDegrees != 0;
        for (int y = 0; y < height; y++)
        {
            Span<byte> red = planes.Slice(y * cropWidth, width);
            Span<byte> green = planes.Slice(plane + y * cropWidth, width);
            Span<byte> blue = planes.Slice(2 * plane + y * cropWidth, width);
            for (int x = 0; x < red.Length; x++)
            {
                (byte r, byte g, byte b) = (before[red[x]], before[green[x]], before[blue[x]]);
                if (tint) (r, g, b) = Tint(r, g, b);
                (red[x], green[x], blue[x]) = (after[r], after[g], after[b]);
            }
        }
    }

    // The hue as the place on a hexagon of six sides (red, yellow, green, cyan, blue, magenta), the chroma as the distance of the
    // least channel from the greatest, which both changes keep.
    private (byte Red, byte Green, byte Blue) Tint(byte red, byte green, byte blue)
    {
        int value = Math.Max(red, Math.Max(green, blue)), spread = value - Math.Min(red, Math.Min(green, blue));
        if (spread == 0) return (red, green, blue);
        float place = value == red ? (float)(green - blue) / spread
            : value == green ? 2 + (float)(blue - red) / spread
            : 4 + (float)(red - green) / spread;
        // Saturation is spread / value and at most 1.
        float chroma = Math.Min(spread * Saturation, value);
        place += HueDegrees / 60;
        return (Channel(place + 5), Channel(place + 3), Channel(place + 1));

        byte Channel(float at)
        {
            at -= 6 * MathF.Floor(at / 6);
            return Round(value - chroma * Math.Clamp(Math.Min(at, 4 - at), 0, 1));
        }
    }

    private void Tables(Span<byte> before, Span<byte> after)
    {
        for (int i = 0; i < 256; i++)
        {
            byte brighter = Round(i + Brightness);
            before[i] = ContrastLast ? brighter : Round(brighter * Contrast);
            after[i] = ContrastLast ? Round(i * Contrast) : (byte)i;
        }
    }

    private static byte Round(float value) => (byte)Math.Clamp(value + 0.5f, 0, 255);
}
