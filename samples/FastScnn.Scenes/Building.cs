namespace FastScnn.Torch.Scenes;

/// <summary>A house on the building line: a front, the end wall that faces the camera, a flat or pitched roof.</summary>
internal sealed class Building(RoadLayout road, int side, float from, float to, SceneRandom random) : SceneObject
{
    private readonly FacadeStyle _style = new(road.Suburban, random);
    private readonly bool _pitched = random.Chance(road.Suburban ? 0.9f : 0.45f);
    private readonly float _deep = random.Next(8, 13);
    private readonly float _height = random.Next(0, 0.6f) + (road.Suburban ? random.Next(4.5f, 7.5f) : random.Chance(0.15f) ? random.Next(16, 30) : random.Next(7, 16));
    private readonly Rgb _roof = random.Chance(0.5f) ? new Rgb(0.30f, 0.12f, 0.08f) : new Rgb(0.13f, 0.13f, 0.15f);

    public override float Far => to;

    /// <summary>For the layout's shadows.</summary>
    public float ShadowHeight => _height + (_pitched ? 1.5f : 0);

    public override void CastShadow(Canvas canvas)
    {
        // Buildings shade pixel by pixel (RoadLayout.SunReaches); here only the dark line where wall meets ground.
        float front = Sign * (road.Front[side] - 0.5f), wall = Sign * (road.Front[side] + 0.5f);
        canvas.Shadow([road.At(front, from), road.At(wall, from), road.At(wall, to), road.At(front, to)], canvas.GroundSky, 0.75f);
    }

    public override void Announce(Canvas canvas)
    {
        float front = Sign * road.Front[side], back = Sign * (road.Front[side] + _deep);
        Point3 a = road.At(front, from), b = road.At(front, to), c = road.At(back, from), top = new(0, _height, 0);
        canvas.Announce([a, a + top, c + top, c]);
        canvas.Announce([a, a + top, b + top, b]);
    }

    public override void Draw(Canvas canvas)
    {
        float front = Sign * road.Front[side], back = Sign * (road.Front[side] + _deep);
        Point3 a = road.At(front, from), b = road.At(front, to), c = road.At(back, from), top = new(0, _height, 0), ridge = new(0, _height + _deep * 0.33f, 0);
        Point3 along = (b - a).Unit(), inward = (c - a).Unit();
        Point3 ridgeFrom = a + inward * (_deep / 2) + ridge, ridgeTo = b + inward * (_deep / 2) + ridge;
        if (_pitched)
        {
            var roof = new RoofMaterial(_roof * canvas.Sun.On((new Point3(-inward.X, 0, -inward.Z) + new Point3(0, 1.5f, 0)).Unit(), 0.9f));
            Point3 slope = (ridgeFrom - a - top).Unit();
            canvas.Fill([a + top, ridgeFrom, ridgeTo, b + top], a + top, along, slope, roof, SceneClass.Building);
        }
        Point3 end = new(-along.X, 0, -along.Z);
        Wall(canvas, _pitched ? [a, a + top, ridgeFrom, c + top, c] : [a, a + top, c + top, c], a, inward, end, hasWindows: _style.Key % 3 == 0);
        Wall(canvas, [a, a + top, b + top, b], a, along, new Point3(-inward.X, 0, -inward.Z), hasWindows: true);
    }

    private float Sign => side == 0 ? -1 : 1;

    private void Wall(Canvas canvas, ReadOnlySpan<Point3> corners, Point3 origin, Point3 along, Point3 normal, bool hasWindows) =>
        canvas.Fill(corners, origin, along, new Point3(0, 1, 0), new FacadeMaterial(_style, canvas, road, origin, along, normal, _height, hasWindows), SceneClass.Building);
}
