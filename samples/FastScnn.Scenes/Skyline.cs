namespace FastScnn.Torch.Scenes;

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
            float height = house ? random.Next(7, 17) : 6 + 3 * ValueNoise.Sample(x * 0.13f, Distance) + random.Next(0, 2);
            float depth = Distance + random.Next(-10, 10), half = house ? random.Next(4, 8) : Step * 0.8f;
            Rgb color = house ? new Rgb(0.3f, 0.27f, 0.25f) * random.Next(0.7f, 1.3f) : new Rgb(0.10f, 0.15f, 0.07f);
            byte id = house ? SceneClass.Building : SceneClass.Vegetation;
            ReadOnlySpan<Point3> wall = house
                ? [new(x - half, 0, depth), new(x - half, height, depth), new(x + half, height, depth), new(x + half, 0, depth)]
                : [new(x - half, 0, depth), new(x - half, height * 0.7f, depth), new(x - half * 0.4f, height, depth),
                    new(x + half * 0.5f, height * 0.97f, depth), new(x + half, height * 0.7f, depth), new(x + half, 0, depth)];
            canvas.Fill(wall, color * light, id);
        }
    }
}
