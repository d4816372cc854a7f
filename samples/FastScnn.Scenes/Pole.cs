namespace FastScnn.Torch.Scenes;

/// <summary>A street lamp.</summary>
internal sealed class Pole(RoadLayout road, Point3 foot, float armLength, SceneRandom random) : SceneObject
{
    private readonly float _height = random.Next(5f, 8f);
    private readonly float _half = random.Next(0.06f, 0.1f);
    private readonly Rgb _paint = random.Pick<Rgb>([new(0.22f, 0.23f, 0.24f), new(0.08f, 0.1f, 0.09f), new(0.36f, 0.37f, 0.37f)]);

    public override float Far => foot.Z;

    public override void CastShadow(Canvas canvas)
    {
        ShadowStrip(canvas, foot, 0, _height, _half * 2, 0.15f);
        canvas.Shadow(Disc.Around(foot, new Point3(0.25f, 0, 0), new Point3(0, 0, 0.25f)), canvas.GroundSky, 0.6f);
    }

    public override void Draw(Canvas canvas)
    {
        float sunlit = road.SunReaches(canvas.Sun, foot + new Point3(0, 3, 0));
        Point3 across = canvas.Camera.Across, arm = new(armLength, 0, 0), top = foot + new Point3(0, _height, 0), thick = new(0, 0.07f, 0);
        DrawShaft(canvas, foot, _height, _half, _paint, sunlit);
        Rgb light = canvas.Sun.On(new Point3(0, 0, -1), sunlit);
        canvas.Fill([top - thick, top + thick * 0.3f, top + arm + thick * 3, top + arm + thick * 2], _paint * light, SceneClass.Pole);
        Point3 head = top + arm + thick * 2;
        Point3 half = across * (0.12f + Math.Abs(arm.X) * 0.12f);
        canvas.Fill([head - half - thick, head - half * 0.7f + thick * 1.3f, head + half * 0.7f + thick * 1.3f, head + half - thick], _paint * light * 0.8f, SceneClass.Pole);
        if (canvas.Sun.Dusk)
            canvas.Fill([head - half * 0.8f - thick * 1.4f, head - half * 0.8f, head + half * 0.8f, head + half * 0.8f - thick * 1.4f], new Rgb(1.6f, 1.3f, 0.8f), SceneClass.Pole);
    }

    /// <summary>A round post: light on one half, dark on the other.</summary>
    public static void DrawShaft(Canvas canvas, Point3 foot, float height, float half, Rgb paint, float sunlit)
    {
        Point3 across = canvas.Camera.Across;
        float from = across.X * canvas.Sun.TowardX + across.Z * canvas.Sun.TowardZ;
        Rgb light = canvas.Sun.On(new Point3(0, 0, -1), 0) + canvas.Sun.Sun * (0.45f * sunlit);
        FillUpright(canvas, foot, across, [(-half, 0), (-half * 0.8f, height), (half * 0.8f, height), (half, 0)], paint * light, SceneClass.Pole);
        float dark = from > 0 ? -half : half;
        FillUpright(canvas, foot, across, [(dark, 0), (dark * 0.8f, height), (dark * 0.1f, height), (dark * 0.1f, 0)], paint * light * 0.6f, SceneClass.Pole);
    }
}
