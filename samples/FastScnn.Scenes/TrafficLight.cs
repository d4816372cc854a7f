namespace FastScnn.Torch.Scenes;

/// <summary>Three lamps in a box on a post at the junction.</summary>
internal sealed class TrafficLight(RoadLayout road, Point3 foot, int burning, SceneRandom random) : SceneObject
{
    private const float HalfWidth = 0.19f, HalfHeight = 0.55f;
    private static readonly Rgb[] s_lamps = [new(1.3f, 0.06f, 0.04f), new(1.2f, 0.6f, 0.03f), new(0.05f, 1.0f, 0.4f)];

    private readonly float _height = random.Next(2.9f, 3.5f);

    public override float Far => foot.Z;

    public override void CastShadow(Canvas canvas)
    {
        ShadowStrip(canvas, foot, 0, _height, 0.12f, 0.2f);
        ShadowStrip(canvas, foot, _height - HalfHeight, _height + HalfHeight, HalfWidth * 2, 0.2f);
    }

    public override void Draw(Canvas canvas)
    {
        float sunlit = road.SunReaches(canvas.Sun, foot + new Point3(0, _height, 0));
        Pole.DrawShaft(canvas, foot, _height, 0.06f, new Rgb(0.25f, 0.26f, 0.26f), sunlit);
        Rgb light = canvas.Sun.On(new Point3(0, 0, -1), sunlit);
        Point3 across = canvas.Camera.Across, up = new(0, 1, 0), centre = foot + new Point3(0, _height, 0);
        Point3 x = across * HalfWidth, y = up * HalfHeight;
        canvas.Fill([centre - x - y, centre - x + y, centre + x + y, centre + x - y], new Rgb(0.035f, 0.04f, 0.035f) * light, SceneClass.TrafficLight);
        for (int lamp = 0; lamp < s_lamps.Length; lamp++)
        {
            Rgb color = lamp == burning ? s_lamps[lamp] : s_lamps[lamp] * light * 0.05f;
            canvas.Fill(Disc.Around(centre + up * (0.34f - 0.34f * lamp), across * 0.125f, up * 0.125f), color, SceneClass.TrafficLight);
        }
    }
}
