namespace FastScnn.Torch.Scenes;

/// <summary>A traffic sign on a post: round, three-cornered, square or a board.</summary>
internal sealed class Sign(RoadLayout road, Point3 foot, SceneRandom random) : SceneObject
{
    private static readonly Rgb s_white = new(0.8f, 0.8f, 0.78f), s_red = new(0.6f, 0.03f, 0.03f), s_blue = new(0.03f, 0.13f, 0.5f);

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

        void Round(float size, Rgb paint) => canvas.Fill(Disc.Around(centre, across * size, up * size), paint * light, SceneClass.TrafficSign);

        void Triangle(float size, Rgb paint) =>
            canvas.Fill([centre - across * size - up * (0.62f * size), centre + up * (1.1f * size), centre + across * size - up * (0.62f * size)], paint * light, SceneClass.TrafficSign);

        void Bar(float width, float low, float high, Rgb paint) => canvas.Fill(
            [centre - across * width + up * low, centre - across * width + up * high, centre + across * width + up * high, centre + across * width + up * low],
            paint * light, SceneClass.TrafficSign);
    }
}
