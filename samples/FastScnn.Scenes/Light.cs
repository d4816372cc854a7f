namespace FastScnn.Scenes;

/// <summary>A colour in linear light; 1 is paper white at noon. Encoding is a square root, which is exact everywhere,
/// unlike a power.</summary>
internal readonly record struct Rgb(float R, float G, float B)
{
    /// <summary>The colour that an image stores as these bytes.</summary>
    public static Rgb Encoded(int red, int green, int blue) => new(Decode(red), Decode(green), Decode(blue));

    public static Rgb operator +(Rgb a, Rgb b) => new(a.R + b.R, a.G + b.G, a.B + b.B);

    public static Rgb operator *(Rgb a, Rgb b) => new(a.R * b.R, a.G * b.G, a.B * b.B);

    public static Rgb operator *(Rgb a, float factor) => new(a.R * factor, a.G * factor, a.B * factor);

    public static Rgb Lerp(Rgb a, Rgb b, float share) => a + (b + a * -1) * share;

    private static float Decode(int value) => value / 255f * (value / 255f);
}

/// <summary>Time of day and weather: where light comes from, its colours, and the haze.</summary>
internal sealed class Sunlight
{
    private readonly float _visibility;

    public Sunlight(SceneRandom random)
    {
        float mood = random.Next();
        float x, z, length;
        do
        {
            (x, z) = (random.Next(-1, 1), random.Next(-1, 1));
            length = MathF.Sqrt(x * x + z * z);
        }
        while (length is < 0.2f or > 1);
        (TowardX, TowardZ) = (x / length, z / length);
        if (mood < 0.45f)
        {
            Rise = random.Next(0.6f, 1.6f);
            (Sun, Ambient) = (new Rgb(1.05f, 1.0f, 0.9f) * random.Next(0.75f, 1.05f),
                new Rgb(0.30f, 0.35f, 0.44f) * random.Next(0.8f, 1.1f));
            (Zenith, Horizon) = (new Rgb(0.10f, 0.24f, 0.60f), new Rgb(0.58f, 0.72f, 0.88f));
            _visibility = random.Next(300, 900);
            Clouds = random.Next(0.0f, 0.55f);
        }
        else if (mood < 0.75f)
        {
            Overcast = true;
            Rise = 1;
            (Sun, Ambient) = (default, new Rgb(0.58f, 0.61f, 0.66f) * random.Next(0.7f, 1.1f));
            (Zenith, Horizon) = (new Rgb(0.52f, 0.56f, 0.62f), new Rgb(0.80f, 0.82f, 0.85f));
            _visibility = random.Next(110, 400);
            Clouds = random.Next(0.4f, 1.0f);
        }
        else if (mood < 0.92f)
        {
            Rise = random.Next(0.28f, 0.5f);
            (Sun, Ambient) = (new Rgb(1.05f, 0.74f, 0.44f) * random.Next(0.7f, 1.0f), new Rgb(0.27f, 0.28f, 0.36f));
            (Zenith, Horizon) = (new Rgb(0.16f, 0.26f, 0.50f), new Rgb(0.95f, 0.72f, 0.50f));
            _visibility = random.Next(200, 500);
            Clouds = random.Next(0.1f, 0.7f);
        }
        else
        {
            (Overcast, Dusk) = (true, true);
            Rise = 1;
            (Sun, Ambient) = (default, new Rgb(0.20f, 0.23f, 0.33f));
            (Zenith, Horizon) = (new Rgb(0.07f, 0.10f, 0.22f), new Rgb(0.42f, 0.36f, 0.40f));
            _visibility = random.Next(200, 500);
            Clouds = random.Next(0.1f, 0.6f);
        }
        Haze = Horizon * 0.9f;
    }

    /// <summary>The level direction towards the sun, of length 1.</summary>
    public float TowardX { get; }

    /// <summary>See <see cref="TowardX"/>.</summary>
    public float TowardZ { get; }

    /// <summary>Metres up for each metre towards the sun.</summary>
    public float Rise { get; }

    public bool Overcast { get; }

    public bool Dusk { get; }

    /// <summary>Share of cloud, 0..1.</summary>
    public float Clouds { get; }

    public Rgb Sun { get; }

    public Rgb Ambient { get; }

    public Rgb Zenith { get; }

    public Rgb Horizon { get; }

    public Rgb Haze { get; }

    /// <summary>How much haze lies before something at a depth, 0..1: close to 1 - exp(-depth / visibility), in exact
    /// arithmetic.</summary>
    public float HazeAt(float depth)
    {
        float x = depth / _visibility;
        return 1 - 1 / (1 + x * (1 + x / 2));
    }

    /// <summary>The light on a surface.</summary>
    /// <param name="normal">Its normal, of length 1.</param>
    /// <param name="sunShare">How much of the sun reaches it, 0..1.</param>
    public Rgb On(Point3 normal, float sunShare)
    {
        float length = MathF.Sqrt(1 + Rise * Rise);
        float facing = (normal.X * TowardX + normal.Y * Rise + normal.Z * TowardZ) / length;
        return Ambient * (0.78f + 0.22f * normal.Y) + Sun * (Math.Max(facing, 0) * sunShare);
    }

    /// <summary>Where the shadow of a point lands on the ground.</summary>
    public Point3 ShadowOf(Point3 point) =>
        new(point.X - TowardX * point.Y / Rise, 0, point.Z - TowardZ * point.Y / Rise);
}

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

    /// <summary>Develops the image: width x height x 3 bytes.</summary>
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

    // As a camera's meter would: the mean of the image comes near the wanted brightness.
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
