namespace FastScnn.Scenes;

/// <summary>A pedestrian: head, hair, coat or shirt, arms, legs in mid-step.</summary>
internal sealed class Person : SceneObject
{
    private static readonly Rgb[] s_cloth =
    [
        new(0.5f, 0.05f, 0.05f), new(0.05f, 0.09f, 0.3f), new(0.03f, 0.03f, 0.035f), new(0.6f, 0.58f, 0.55f),
        new(0.1f, 0.25f, 0.12f),
        new(0.55f, 0.4f, 0.08f), new(0.25f, 0.25f, 0.27f), new(0.35f, 0.12f, 0.3f), new(0.1f, 0.3f, 0.42f),
        new(0.3f, 0.2f, 0.12f),
    ];

    private readonly Point3 _foot;
    private readonly float _height, _stride, _swing, _girth, _sunlit;
    private readonly bool _skirt, _bag;
    private readonly Rgb _skin, _hair, _top, _legs, _shoes;

    public Person(RoadLayout road, Sunlight sun, Point3 foot, SceneRandom random)
    {
        _foot = foot;
        _height = random.Chance(0.12f) ? random.Next(1.05f, 1.4f) : random.Next(1.58f, 1.92f);
        _stride = random.Next(0.02f, 0.2f);
        _swing = random.Next(0f, 0.05f);
        _girth = random.Next(0.9f, 1.2f);
        (_skirt, _bag) = (random.Chance(0.2f), random.Chance(0.3f));
        _skin = Rgb.Lerp(new Rgb(0.55f, 0.36f, 0.27f), new Rgb(0.13f, 0.07f, 0.045f), random.Next());
        _hair = random.Pick<Rgb>([new(0.03f, 0.025f, 0.02f), new(0.14f, 0.08f, 0.04f), new(0.4f, 0.29f, 0.13f),
            new(0.35f, 0.34f, 0.33f)]);
        _top = random.Pick<Rgb>(s_cloth) * random.Next(0.7f, 1.2f);
        _legs = random.Chance(0.5f) ? new Rgb(0.05f, 0.08f, 0.17f) : random.Pick<Rgb>(s_cloth) * 0.7f;
        _shoes = random.Chance(0.3f) ? new Rgb(0.6f, 0.6f, 0.6f) : new Rgb(0.04f, 0.035f, 0.03f);
        _sunlit = road.SunReaches(sun, foot + new Point3(0, 1, 0));
    }

    public override float Far => _foot.Z;

    public override void CastShadow(Canvas canvas)
    {
        ShadowStrip(canvas, _foot, 0, _height, 0.42f, 0.15f);
        canvas.Shadow(Disc.Around(_foot, new Point3(0.4f, 0, 0), new Point3(0, 0, 0.3f)), canvas.GroundSky, 0.45f);
    }

    public override void Draw(Canvas canvas)
    {
        Point3 across = canvas.Camera.Across;
        Rgb light = canvas.Sun.On(new Point3(0, 0.2f, -0.9f), _sunlit);
        float side = across.X * canvas.Sun.TowardX + across.Z * canvas.Sun.TowardZ > 0 ? -1 : 1;
        float dark = canvas.Sun.Overcast ? 0.88f : 0.66f;
        // Shapes for a person of one metre; the darker leg and arm are those away from the sun.
        Part([(-0.055f - _stride * 0.5f, 0.02f), (-0.09f, 0.5f), (0.0f, 0.5f), (0.005f - _stride * 0.5f, 0.02f)], _legs,
            0.85f);
        Part([(-0.005f + _stride * 0.5f, 0.02f), (0.0f, 0.5f), (0.09f, 0.5f), (0.055f + _stride * 0.5f, 0.02f)], _legs,
            1);
        Part([(-0.06f - _stride * 0.5f, 0), (-0.06f - _stride * 0.5f, 0.035f), (0.01f - _stride * 0.5f, 0.035f),
            (0.03f - _stride * 0.5f, 0)], _shoes, 1);
        Part([(-0.01f + _stride * 0.5f, 0), (-0.01f + _stride * 0.5f, 0.035f), (0.06f + _stride * 0.5f, 0.035f),
            (0.08f + _stride * 0.5f, 0)], _shoes, 1);
        if (_skirt)
            Part([(-0.14f, 0.27f), (-0.08f, 0.55f), (0.08f, 0.55f), (0.14f, 0.27f)], _legs, 1);
        Part([(-0.15f - _swing, 0.47f), (-0.13f, 0.8f), (-0.085f, 0.8f), (-0.10f - _swing, 0.47f)], _top, 0.8f);
        Part([(-0.085f, 0.46f), (-0.125f, 0.78f), (-0.08f, 0.83f), (0.08f, 0.83f), (0.125f, 0.78f), (0.085f, 0.46f)],
            _top, 1);
        Part(side < 0 ? [(-0.085f, 0.46f), (-0.125f, 0.78f), (-0.08f, 0.83f), (-0.02f, 0.83f), (-0.02f, 0.46f)]
            : [(0.085f, 0.46f), (0.125f, 0.78f), (0.08f, 0.83f), (0.02f, 0.83f), (0.02f, 0.46f)], _top, dark);
        Part([(0.10f + _swing, 0.47f), (0.085f, 0.8f), (0.13f, 0.8f), (0.15f + _swing, 0.47f)], _top, 0.9f);
        Ball(-0.125f - _swing, 0.455f, 0.026f, 0.03f, _skin);
        Ball(0.125f + _swing, 0.455f, 0.026f, 0.03f, _skin);
        if (_bag)
            Part([(0.09f, 0.42f), (0.085f, 0.56f), (0.19f, 0.56f), (0.2f, 0.42f)], _shoes * 1.5f, 1);
        Part([(-0.03f, 0.82f), (-0.03f, 0.87f), (0.03f, 0.87f), (0.03f, 0.82f)], _skin, 0.8f);
        Ball(0, 0.945f, 0.062f, 0.06f, _hair);
        Ball(0.006f, 0.918f, 0.05f, 0.058f, _skin);

        void Part(ReadOnlySpan<(float X, float Y)> shape, Rgb color, float shade)
        {
            Span<(float X, float Y)> scaled = stackalloc (float X, float Y)[shape.Length];
            for (int i = 0; i < shape.Length; i++)
                scaled[i] = (shape[i].X * _height * _girth, shape[i].Y * _height);
            FillUpright(canvas, _foot, across, scaled, color * light * shade, SceneClass.Person);
        }

        void Ball(float x, float y, float width, float height, Rgb color) => canvas.Fill(
            Disc.Around(_foot + across * (x * _height * _girth) + new Point3(0, y * _height, 0),
                across * (width * _height), new Point3(0, height * _height, 0)),
            color * light, SceneClass.Person);
    }
}
