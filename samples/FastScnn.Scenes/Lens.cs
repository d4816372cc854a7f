namespace FastScnn.Torch.Scenes;

/// <summary>From light to stored bytes: slight blur, exposure, white balance, darker corners, sensor noise.</summary>
internal sealed class Lens
{
    private const int NoiseTable = 4096;
    private static readonly float[] s_noise = MakeNoise();

    private readonly float _blur, _noise, _vignette;
    private readonly float _brightness;
    private readonly Rgb _tint;
    private readonly SceneRandom _random;

    public Lens(Sunlight sun, SceneRandom random)
    {
        _random = random;
        _blur = random.Next(0.02f, 0.16f);
        _noise = random.Next(0.004f, 0.02f) * (sun.Dusk ? 1.6f : 1);
        _vignette = random.Next(0, 0.25f);
        float warmth = random.Next(-0.06f, 0.06f);
        _tint = new Rgb(1 + warmth, 1, 1 - warmth);
        _brightness = random.Next(0.40f, 0.56f) * (sun.Dusk ? 0.72f : 1);
    }

    /// <summary>Develops the picture: width x height x 3 bytes.</summary>
    public byte[] Develop(Canvas canvas)
    {
        int width = canvas.Width, height = canvas.Height;
        float[] light = canvas.Light;
        Blur(light, width, height);
        Rgb gain = _tint * Exposure(light);
        var rgb = new byte[light.Length];
        float cx = width / 2f, cy = height / 2f, scale = 1 / (cx * cx + cy * cy);
        int i = 0;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++, i += 3)
            {
                float shade = 1 - _vignette * ((x - cx) * (x - cx) + (y - cy) * (y - cy)) * scale;
                ulong bits = _random.NextBits();
                rgb[i] = Encode(light[i] * gain.R * shade, bits);
                rgb[i + 1] = Encode(light[i + 1] * gain.G * shade, bits >> 16);
                rgb[i + 2] = Encode(light[i + 2] * gain.B * shade, bits >> 32);
            }
        }
        return rgb;
    }

    // As a camera's meter would: the mean of the picture comes near the wanted brightness.
    private float Exposure(float[] light)
    {
        double sum = 0;
        for (int i = 1; i < light.Length; i += 3)
            sum += Math.Min(MathF.Sqrt(light[i]), 1);
        float ratio = _brightness / Math.Max((float)(sum * 3 / light.Length), 0.05f);
        return Math.Clamp(ratio * ratio, 0.6f, 2.6f);
    }

    // Highlights roll off instead of clipping; the square root is the encoding (see Rgb).
    private byte Encode(float light, ulong bits)
    {
        light = Math.Max(light, 0);
        light = light < 0.6f ? light : 1 - 0.16f / (light - 0.2f);
        float value = MathF.Sqrt(light) + s_noise[bits & (NoiseTable - 1)] * _noise;
        return (byte)(Math.Clamp(value, 0, 1) * 255 + 0.5f);
    }

    private void Blur(float[] light, int width, int height)
    {
        float side = _blur, middle = 1 - 2 * side;
        int stride = 3 * width;
        var row = new float[stride];
        for (int y = 0; y < height; y++)
        {
            Span<float> line = light.AsSpan(y * stride, stride);
            line.CopyTo(row);
            for (int i = 3; i < stride - 3; i++)
                line[i] = row[i] * middle + (row[i - 3] + row[i + 3]) * side;
        }
        var above = new float[stride];
        light.AsSpan(0, stride).CopyTo(above);
        for (int y = 1; y < height - 1; y++)
        {
            Span<float> line = light.AsSpan(y * stride, stride);
            ReadOnlySpan<float> below = light.AsSpan((y + 1) * stride, stride);
            for (int i = 0; i < stride; i++)
            {
                float value = line[i];
                line[i] = value * middle + (above[i] + below[i]) * side;
                above[i] = value;
            }
        }
    }

    // The sum of uniform numbers is close to Gaussian and exact everywhere.
    private static float[] MakeNoise()
    {
        var random = new SceneRandom(0x7E45);
        var noise = new float[NoiseTable];
        for (int i = 0; i < NoiseTable; i++)
            noise[i] = random.Next(-1, 1) + random.Next(-1, 1) + random.Next(-1, 1);
        return noise;
    }
}
