namespace FastScnn.Torch.Scenes;

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
            (Sun, Ambient) = (new Rgb(1.05f, 1.0f, 0.9f) * random.Next(0.75f, 1.05f), new Rgb(0.30f, 0.35f, 0.44f) * random.Next(0.8f, 1.1f));
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

    /// <summary>How much haze lies before something at a depth, 0..1: close to 1 - exp(-depth / visibility), in exact arithmetic.</summary>
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
    public Point3 ShadowOf(Point3 point) => new(point.X - TowardX * point.Y / Rise, 0, point.Z - TowardZ * point.Y / Rise);
}
