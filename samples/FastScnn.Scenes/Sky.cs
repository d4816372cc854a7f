namespace FastScnn.Scenes;

/// <summary>The sky: a gradient, clouds on a flat layer, a glow around the sun.</summary>
internal sealed class Sky(Sunlight sun, SceneRandom random)
{
    private readonly float _offset = random.Next(0, 200);
    private readonly float _size = random.Next(0.5f, 1.3f);

    /// <summary>Paints the whole image; the ground comes over it.</summary>
    public void Draw(Canvas canvas)
    {
        float length = MathF.Sqrt(1 + sun.Rise * sun.Rise);
        var toSun = new Point3(sun.TowardX / length, sun.Rise / length, sun.TowardZ / length);
        Rgb white = sun.Overcast ? sun.Horizon * 1.08f : Rgb.Lerp(new Rgb(0.95f, 0.95f, 0.97f), sun.Horizon, 0.35f);
        Rgb grey = Rgb.Lerp(white * 0.68f, sun.Zenith, 0.25f);
        for (int y = 0; y < canvas.Height; y++)
        {
            for (int x = 0; x < canvas.Width; x++)
            {
                int pixel = y * canvas.Width + x;
                canvas.Ids[pixel] = SceneClass.Sky;
                if (canvas.IsHidden(pixel))
                    continue;
                Point3 ray = canvas.Camera.WorldRay(x + 0.5f, y + 0.5f);
                if (ray.Y < -0.02f)
                    continue;
                ray = ray.Unit();
                float up = Math.Max(ray.Y, 0), low = 1 - Math.Min(up * 1.9f, 1);
                Rgb color = Rgb.Lerp(sun.Zenith, sun.Horizon, low * low);
                float reach = _size / (up + 0.12f);
                float cloud = ValueNoise.Fractal(ray.X * reach * 2 + _offset, ray.Z * reach * 2, 4) * 1.3f
                    + sun.Clouds * 1.3f - 0.75f;
                if (cloud > 0)
                {
                    float body = ValueNoise.Fractal(ray.X * reach * 3, ray.Z * reach * 3 + _offset, 2) * 0.6f + 0.5f;
                    color = Rgb.Lerp(color, Rgb.Lerp(white, grey, body),
                        Math.Min(cloud * 2.2f, 0.92f) * Math.Min(up * 6, 1));
                }
                if (!sun.Overcast)
                {
                    float glow = Math.Max(ray.Dot(toSun), 0);
                    glow *= glow;
                    glow *= glow;
                    color += sun.Sun * (0.15f * glow * glow + 0.5f * Power(glow, 5) + 1.5f * Power(glow, 9));
                }
                canvas.Blend(pixel, color, 1);
            }
        }
    }

    // x to the power of 2 to the squarings.
    private static float Power(float x, int squarings)
    {
        for (int i = 0; i < squarings; i++)
            x *= x;
        return x;
    }
}

/// <summary>What closes the street far away: trees and roofs just above the horizon.</summary>
internal sealed class Skyline(SceneRandom random)
{
    private const float Distance = 260, Step = 6;

    public void Draw(Canvas canvas)
    {
        Point3 normal = new(0, 0, -1);
        Rgb light = canvas.Sun.On(normal, 0.4f);
        for (float x = -300; x < 300; x += Step)
        {
            bool house = random.Chance(0.35f);
            float height = house ? random.Next(7, 17)
                : 6 + 3 * ValueNoise.Sample(x * 0.13f, Distance) + random.Next(0, 2);
            float depth = Distance + random.Next(-10, 10), half = house ? random.Next(4, 8) : Step * 0.8f;
            Rgb color = house ? new Rgb(0.3f, 0.27f, 0.25f) * random.Next(0.7f, 1.3f) : new Rgb(0.10f, 0.15f, 0.07f);
            byte id = house ? SceneClass.Building : SceneClass.Vegetation;
            ReadOnlySpan<Point3> wall = house
                ? [new(x - half, 0, depth), new(x - half, height, depth), new(x + half, height, depth),
                    new(x + half, 0, depth)]
                : [new(x - half, 0, depth), new(x - half, height * 0.7f, depth), new(x - half * 0.4f, height, depth),
                    new(x + half * 0.5f, height * 0.97f, depth), new(x + half, height * 0.7f, depth),
                    new(x + half, 0, depth)];
            canvas.Fill(wall, color * light, id);
        }
    }
}
