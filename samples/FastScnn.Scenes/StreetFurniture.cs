using static FastScnn.Scenes.Filter;

namespace FastScnn.Scenes;

/// <summary>A street lamp.</summary>
internal sealed class Pole(RoadLayout road, Point3 foot, float armLength, SceneRandom random) : SceneObject
{
    private readonly float _height = random.Next(5f, 8f);
    private readonly float _half = random.Next(0.06f, 0.1f);
    private readonly Rgb _paint =
        random.Pick<Rgb>([new(0.22f, 0.23f, 0.24f), new(0.08f, 0.1f, 0.09f), new(0.36f, 0.37f, 0.37f)]);

    public override float Far => foot.Z;

    public override void CastShadow(Canvas canvas)
    {
        ShadowStrip(canvas, foot, 0, _height, _half * 2, 0.15f);
        canvas.Shadow(Disc.Around(foot, new Point3(0.25f, 0, 0), new Point3(0, 0, 0.25f)), canvas.GroundSky, 0.6f);
    }

    public override void Draw(Canvas canvas)
    {
        float sunlit = road.SunReaches(canvas.Sun, foot + new Point3(0, 3, 0));
        Point3 across = canvas.Camera.Across, arm = new(armLength, 0, 0), top = foot + new Point3(0, _height, 0),
            thick = new(0, 0.07f, 0);
        DrawShaft(canvas, foot, _height, _half, _paint, sunlit);
        Rgb light = canvas.Sun.On(new Point3(0, 0, -1), sunlit);
        canvas.Fill([top - thick, top + thick * 0.3f, top + arm + thick * 3, top + arm + thick * 2], _paint * light,
            SceneClass.Pole);
        Point3 head = top + arm + thick * 2;
        Point3 half = across * (0.12f + Math.Abs(arm.X) * 0.12f);
        canvas.Fill([head - half - thick, head - half * 0.7f + thick * 1.3f, head + half * 0.7f + thick * 1.3f,
            head + half - thick], _paint * light * 0.8f, SceneClass.Pole);
        if (canvas.Sun.Dusk)
            canvas.Fill([head - half * 0.8f - thick * 1.4f, head - half * 0.8f, head + half * 0.8f,
                head + half * 0.8f - thick * 1.4f], new Rgb(1.6f, 1.3f, 0.8f), SceneClass.Pole);
    }

    /// <summary>A round post: light on one half, dark on the other.</summary>
    public static void DrawShaft(Canvas canvas, Point3 foot, float height, float half, Rgb paint, float sunlit)
    {
        Point3 across = canvas.Camera.Across;
        float from = across.X * canvas.Sun.TowardX + across.Z * canvas.Sun.TowardZ;
        Rgb light = canvas.Sun.On(new Point3(0, 0, -1), 0) + canvas.Sun.Sun * (0.45f * sunlit);
        FillUpright(canvas, foot, across, [(-half, 0), (-half * 0.8f, height), (half * 0.8f, height), (half, 0)],
            paint * light, SceneClass.Pole);
        float dark = from > 0 ? -half : half;
        FillUpright(canvas, foot, across, [(dark, 0), (dark * 0.8f, height), (dark * 0.1f, height), (dark * 0.1f, 0)],
            paint * light * 0.6f, SceneClass.Pole);
    }
}

/// <summary>A traffic sign on a post: round, three-cornered, square or a board.</summary>
internal sealed class Sign(RoadLayout road, Point3 foot, SceneRandom random) : SceneObject
{
    private static readonly Rgb s_white = new(0.8f, 0.8f, 0.78f), s_red = new(0.6f, 0.03f, 0.03f),
        s_blue = new(0.03f, 0.13f, 0.5f);

    private readonly int _kind = random.NextInt(5);
    private readonly float _height = random.Next(2.1f, 2.6f);
    private readonly float _half = random.Next(0.3f, 0.45f);

    public override float Far => foot.Z;

    public override void CastShadow(Canvas canvas)
    {
        ShadowStrip(canvas, foot, 0, _height, 0.07f, 0.2f);
        ShadowStrip(canvas, foot, _height - _half, _height + _half, _half * 1.5f, 0.2f);
    }

    public override void Draw(Canvas canvas)
    {
        float sunlit = road.SunReaches(canvas.Sun, foot + new Point3(0, _height, 0));
        Pole.DrawShaft(canvas, foot, _height, 0.035f, new Rgb(0.35f, 0.36f, 0.37f), sunlit);
        Rgb light = canvas.Sun.On(new Point3(0, 0, -1), sunlit) + canvas.Sun.Ambient * 0.25f;
        Point3 across = canvas.Camera.Across * _half, up = new(0, _half, 0), centre = foot + new Point3(0, _height, 0);
        switch (_kind)
        {
            case 0:
                Round(1, s_red);
                Round(0.72f, s_white);
                Bar(0.35f, -0.28f, 0.28f, new Rgb(0.03f, 0.03f, 0.03f));
                break;
            case 1:
                Triangle(1, s_red);
                Triangle(0.62f, s_white);
                Bar(0.08f, -0.3f, 0.2f, new Rgb(0.03f, 0.03f, 0.03f));
                break;
            case 2:
                Round(1, s_red);
                Bar(0.72f, -0.16f, 0.16f, s_white);
                break;
            case 3:
                Bar(1, -1, 1, s_white);
                Bar(0.9f, -0.9f, 0.9f, s_blue);
                Bar(0.3f, -0.6f, 0.6f, s_white);
                break;
            default:
                Bar(1.9f, -0.7f, 0.7f, s_white);
                Bar(1.8f, -0.6f, 0.6f, new Rgb(0.02f, 0.22f, 0.1f));
                Bar(1.3f, 0.1f, 0.3f, s_white);
                Bar(1.0f, -0.35f, -0.15f, s_white);
                break;
        }

        void Round(float size, Rgb paint) =>
            canvas.Fill(Disc.Around(centre, across * size, up * size), paint * light, SceneClass.TrafficSign);

        void Triangle(float size, Rgb paint) =>
            canvas.Fill([centre - across * size - up * (0.62f * size), centre + up * (1.1f * size),
                centre + across * size - up * (0.62f * size)], paint * light, SceneClass.TrafficSign);

        void Bar(float width, float low, float high, Rgb paint) => canvas.Fill(
            [centre - across * width + up * low, centre - across * width + up * high,
                centre + across * width + up * high, centre + across * width + up * low],
            paint * light, SceneClass.TrafficSign);
    }
}

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
        canvas.Fill([centre - x - y, centre - x + y, centre + x + y, centre + x - y],
            new Rgb(0.035f, 0.04f, 0.035f) * light, SceneClass.TrafficLight);
        for (int lamp = 0; lamp < s_lamps.Length; lamp++)
        {
            Rgb color = lamp == burning ? s_lamps[lamp] : s_lamps[lamp] * light * 0.05f;
            canvas.Fill(Disc.Around(centre + up * (0.34f - 0.34f * lamp), across * 0.125f, up * 0.125f), color,
                SceneClass.TrafficLight);
        }
    }
}

/// <summary>A fence of boards along a garden.</summary>
internal sealed class Fence(RoadLayout road, float lateral, float from, float to, SceneRandom random) : SceneObject
{
    private readonly float _height = random.Next(0.9f, 1.7f);
    private readonly Rgb _wood =
        random.Pick<Rgb>([new(0.30f, 0.20f, 0.12f), new(0.62f, 0.61f, 0.58f), new(0.18f, 0.2f, 0.2f),
            new(0.36f, 0.30f, 0.24f)]);

    public override float Far => to;

    public override void CastShadow(Canvas canvas)
    {
        Point3 a = road.At(lateral, from), b = road.At(lateral, to), up = new(0, _height, 0), thick = new(0.15f, 0, 0);
        if (!canvas.Sun.Overcast)
            canvas.Shadow([a, canvas.Sun.ShadowOf(a + up), canvas.Sun.ShadowOf(b + up), b], canvas.GroundSun, 0.2f);
        canvas.Shadow([a - thick, a + thick, b + thick, b - thick], canvas.GroundSky, 0.55f);
    }

    public override void Draw(Canvas canvas)
    {
        Point3 a = road.At(lateral, from), b = road.At(lateral, to), up = new(0, _height, 0), along = (b - a).Unit();
        float side = lateral < 0 ? 1 : -1;
        Rgb light = canvas.Sun.On(new Point3(side, 0, 0),
            road.SunReaches(canvas.Sun, road.At(lateral, (from + to) / 2, 1)));
        canvas.Fill([a, a + up, b + up, b], a, along, new Point3(0, 1, 0), new Boards(_wood * light, _height),
            SceneClass.Fence);
    }

    private sealed class Boards(Rgb color, float height) : Material
    {
        public override Rgb Shade(float u, float v, float du, float dv)
        {
            float board = u / 0.14f;
            int number = (int)MathF.Floor(board);
            float tone = 0.3f * (ValueNoise.Cell(number, 1) - 0.5f) * Visible(0.14f, du)
                - 0.6f * Band(board - number, 0, 0.14f, du / 0.14f) * Visible(0.1f, du);
            float post = u / 2.2f;
            tone -= 0.2f * Band(post - MathF.Floor(post), 0, 0.05f, du / 2.2f)
                + 0.25f * Band(v, height - 0.08f, height - 0.03f, dv);
            return color * (1 + tone);
        }
    }
}
