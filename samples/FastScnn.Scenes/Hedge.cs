namespace FastScnn.Torch.Scenes;

/// <summary>A row of bushes along a garden.</summary>
internal sealed class Hedge(RoadLayout road, float lateral, float from, float to, SceneRandom random) : SceneObject
{
    private readonly float _height = random.Next(0.8f, 1.7f);
    private readonly float _key = random.Next(0, 200);
    private readonly Rgb _leaf = new(random.Next(0.08f, 0.16f), random.Next(0.18f, 0.28f), 0.05f);

    public override float Far => to;

    public override void CastShadow(Canvas canvas)
    {
        for (float z = from; z < to; z += 1)
        {
            ShadowStrip(canvas, road.At(lateral, z), 0, _height, 1.2f, 0.15f);
            canvas.Shadow(Disc.Around(road.At(lateral, z), new Point3(0.7f, 0, 0), new Point3(0, 0, 0.8f)), canvas.GroundSky, 0.6f);
        }
    }

    public override void Draw(Canvas canvas)
    {
        float radius = _height * 0.55f;
        for (float z = to; z > from; z -= radius * 0.9f)
        {
            Point3 centre = road.At(lateral, z, _height * 0.45f);
            Foliage.Draw(canvas, centre, radius, _leaf, road.SunReaches(canvas.Sun, centre), _key + z * 7);
        }
    }
}
