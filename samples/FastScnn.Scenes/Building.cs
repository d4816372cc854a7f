using static FastScnn.Scenes.Filter;

namespace FastScnn.Scenes;

/// <summary>A house on the building line: a front, the end wall that faces the camera, a flat or pitched
/// roof.</summary>
internal sealed class Building(RoadLayout road, int side, float from, float to, SceneRandom random) : SceneObject
{
    private readonly FacadeStyle _style = new(road.Suburban, random);
    private readonly bool _pitched = random.Chance(road.Suburban ? 0.9f : 0.45f);
    private readonly float _deep = random.Next(8, 13);
    private readonly float _height = random.Next(0, 0.6f)
        + (road.Suburban ? random.Next(4.5f, 7.5f) : random.Chance(0.15f) ? random.Next(16, 30) : random.Next(7, 16));
    private readonly Rgb _roof = random.Chance(0.5f) ? new Rgb(0.30f, 0.12f, 0.08f) : new Rgb(0.13f, 0.13f, 0.15f);

    public override float Far => to;

    /// <summary>For the layout's shadows.</summary>
    public float ShadowHeight => _height + (_pitched ? 1.5f : 0);

    public override void CastShadow(Canvas canvas)
    {
        // Buildings shade pixel by pixel (RoadLayout.SunReaches); here only the dark line where wall meets ground.
        float front = Sign * (road.Front[side] - 0.5f), wall = Sign * (road.Front[side] + 0.5f);
        canvas.Shadow([road.At(front, from), road.At(wall, from), road.At(wall, to), road.At(front, to)],
            canvas.GroundSky, 0.75f);
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
        Point3 a = road.At(front, from), b = road.At(front, to), c = road.At(back, from), top = new(0, _height, 0),
            ridge = new(0, _height + _deep * 0.33f, 0);
        Point3 along = (b - a).Unit(), inward = (c - a).Unit();
        Point3 ridgeFrom = a + inward * (_deep / 2) + ridge, ridgeTo = b + inward * (_deep / 2) + ridge;
        if (_pitched)
        {
            var roof = new RoofMaterial(_roof
                * canvas.Sun.On((new Point3(-inward.X, 0, -inward.Z) + new Point3(0, 1.5f, 0)).Unit(), 0.9f));
            Point3 slope = (ridgeFrom - a - top).Unit();
            canvas.Fill([a + top, ridgeFrom, ridgeTo, b + top], a + top, along, slope, roof, SceneClass.Building);
        }
        Point3 end = new(-along.X, 0, -along.Z);
        Wall(canvas, _pitched ? [a, a + top, ridgeFrom, c + top, c] : [a, a + top, c + top, c], a, inward, end,
            hasWindows: _style.Key % 3 == 0);
        Wall(canvas, [a, a + top, b + top, b], a, along, new Point3(-inward.X, 0, -inward.Z), hasWindows: true);
    }

    private float Sign => side == 0 ? -1 : 1;

    private void Wall(Canvas canvas, ReadOnlySpan<Point3> corners, Point3 origin, Point3 along, Point3 normal,
        bool hasWindows) =>
        canvas.Fill(corners, origin, along, new Point3(0, 1, 0),
            new FacadeMaterial(_style, canvas, road, origin, along, normal, _height, hasWindows), SceneClass.Building);
}

/// <summary>How a building is faced: shared by all its walls.</summary>
internal sealed record FacadeStyle
{
    public FacadeStyle(bool suburban, SceneRandom random)
    {
        float kind = random.Next();
        Brick = kind < 0.38f;
        Glass = !suburban && kind > 0.88f;
        Wall = Brick
            ? Rgb.Lerp(new Rgb(0.34f, 0.12f, 0.07f), new Rgb(0.42f, 0.28f, 0.18f), random.Next())
                * random.Next(0.6f, 1.2f)
            : Rgb.Lerp(random.Pick<Rgb>([new(0.62f, 0.58f, 0.48f), new(0.55f, 0.42f, 0.24f), new(0.42f, 0.44f, 0.46f),
                new(0.66f, 0.64f, 0.60f), new(0.50f, 0.33f, 0.26f), new(0.36f, 0.43f, 0.45f)]),
                new Rgb(0.4f, 0.4f, 0.4f), random.Next(0, 0.5f)) * random.Next(0.6f, 1.05f);
        Trim = random.Chance(0.6f) ? new Rgb(0.7f, 0.69f, 0.66f) : Wall * 0.55f;
        Shop = !suburban && random.Chance(0.5f);
        ShopColor = random.Pick<Rgb>([new(0.45f, 0.06f, 0.05f), new(0.05f, 0.2f, 0.12f), new(0.06f, 0.12f, 0.35f),
            new(0.5f, 0.38f, 0.05f), new(0.07f, 0.07f, 0.08f), new(0.6f, 0.58f, 0.52f)]);
        FloorHeight = random.Next(2.8f, 3.5f);
        Bay = Glass ? random.Next(1.3f, 1.8f) : random.Next(2.0f, 3.4f);
        WindowWidth = Glass ? 0.9f : random.Next(0.36f, 0.62f);
        WindowHeight = Glass ? 0.8f : random.Next(0.45f, 0.62f);
        Key = random.NextInt(1 << 20);
        Lit = random.Next(0.05f, 0.2f);
    }

    public bool Brick { get; }

    public bool Glass { get; }

    public bool Shop { get; }

    public Rgb Wall { get; }

    public Rgb Trim { get; }

    public Rgb ShopColor { get; }

    public float FloorHeight { get; }

    /// <summary>From window to window.</summary>
    public float Bay { get; }

    /// <summary>Share of the bay.</summary>
    public float WindowWidth { get; }

    /// <summary>Share of the floor.</summary>
    public float WindowHeight { get; }

    /// <summary>Share of windows with light in them.</summary>
    public float Lit { get; }

    public int Key { get; }
}

/// <summary>A wall with brick or plaster, windows, a shop or door below and a cornice above; u runs along it and v up
/// it, in metres.</summary>
internal sealed class FacadeMaterial(FacadeStyle style, Canvas canvas, RoadLayout road, Point3 origin, Point3 along,
    Point3 normal, float height, bool hasWindows) : Material
{
    private readonly Sunlight _sun = canvas.Sun;
    private readonly Rgb _shaded = canvas.Sun.On(normal, 0);
    private readonly Rgb _sunlit = canvas.Sun.On(normal, 1) + canvas.Sun.On(normal, 0) * -1;

    public override Rgb Shade(float u, float v, float du, float dv)
    {
        Rgb glow = default;
        Rgb color;
        float floor = v / style.FloorHeight;
        int storey = (int)MathF.Floor(floor);
        bool ground = storey <= 0;
        if (ground && style.Shop && hasWindows)
            color = Shop(u, v, du, dv);
        else if (hasWindows && (storey + 1) * style.FloorHeight < height + 0.6f)
            (color, glow) = Window(u, v, u / style.Bay, floor - storey, storey, du / style.Bay, dv / style.FloorHeight,
                du, dv);
        else
            color = Wall(u, v, du, dv);
        // String courses between the storeys, cornice under the roof.
        float course = Band(v, style.FloorHeight - 0.15f, style.FloorHeight + 0.1f, dv)
            + Band(v, height - 0.45f, height, dv);
        color = Rgb.Lerp(color, style.Trim, Math.Min(course, 1) * 0.9f)
            * (1 - 0.35f * Band(v, height - 0.62f, height - 0.45f, dv));
        float dirt = 0.75f + 0.25f * Math.Clamp(v / 1.2f, 0, 1);
        Point3 point = origin + along * u + new Point3(0, v, 0);
        Rgb light = _shaded;
        if (!_sun.Overcast && _sunlit.G > 0)
            light += _sunlit * road.SunReaches(_sun, point);
        return color * light * dirt + glow;
    }

    private Rgb Wall(float u, float v, float du, float dv)
    {
        float tone = ValueNoise.Sample(u * 0.35f + style.Key, v * 0.3f) * 0.10f
            + ValueNoise.Sample(u * 2.1f, v * 0.7f + style.Key) * 0.05f;
        if (!style.Brick)
            return style.Wall * (1 + tone
                + ValueNoise.Sample(u * 17, v * 17) * 0.05f * Visible(0.06f, Math.Max(du, dv)));
        float seen = Visible(0.09f, Math.Max(dv, du * 0.4f));
        if (seen <= 0)
            return style.Wall * (1.02f + tone);
        float row = v / 0.085f;
        int course = (int)MathF.Floor(row);
        float brick = u / 0.24f + (course & 1) * 0.5f;
        int stone = (int)MathF.Floor(brick);
        float mortar = Math.Max(Band(row - course, 0, 0.16f, dv / 0.085f), Band(brick - stone, 0, 0.06f, du / 0.24f));
        tone += (ValueNoise.Cell(stone, course, style.Key & 63) - 0.5f) * 0.4f * seen;
        return Rgb.Lerp(style.Wall * (1 + tone), new Rgb(0.45f, 0.42f, 0.38f), mortar * 0.6f * seen);
    }

    private (Rgb Color, Rgb Glow) Window(float u, float v, float bay, float up, int storey, float du, float dv,
        float width, float height)
    {
        int column = (int)MathF.Floor(bay);
        float x = bay - column, half = style.WindowWidth / 2, low = 0.30f, high = low + style.WindowHeight;
        bool door = storey == 0 && ValueNoise.Cell(column, 0, style.Key & 1023) < 0.3f;
        if (door)
            (half, low, high) = (0.5f / style.Bay, 0, 2.2f / style.FloorHeight);
        float frame = 0.07f / style.Bay;
        float outer = Band(x, 0.5f - half - frame, 0.5f + half + frame, du) * Band(up, low - 0.03f, high + 0.03f, dv);
        if (outer <= 0)
            return (Wall(u, v, width, height), default);
        Rgb color = outer >= 1 ? style.Trim : Rgb.Lerp(Wall(u, v, width, height), style.Trim, outer);
        float inner = Band(x, 0.5f - half, 0.5f + half, du) * Band(up, low, high, dv);
        float bars = Math.Max(Band(x, 0.5f - frame * 0.4f, 0.5f + frame * 0.4f, du),
            Band(up, low + 0.62f * (high - low), low + 0.66f * (high - low), dv));
        inner *= 1 - (style.Glass ? 0 : 0.85f * bars);
        if (door)
            return (Rgb.Lerp(color, style.ShopColor * 0.6f, inner), default);
        float kind = ValueNoise.Cell(column, storey, style.Key & 1023);
        // Panes mirror the sky, more so near the top; curtains and lamps show in some.
        Rgb pane = Rgb.Lerp(new Rgb(0.025f, 0.03f, 0.035f), _sun.Horizon,
            (0.10f + 0.22f * kind) * (0.4f + up) * (style.Glass ? 1.9f : 1));
        if (kind > 0.72f && !style.Glass && up > high - (kind - 0.6f) * (high - low) * 2)
            pane = new Rgb(0.5f, 0.48f, 0.42f) * 0.8f;
        bool lit = kind < (_sun.Dusk ? 0.4f : style.Lit * 0.3f);
        Rgb glow = lit ? new Rgb(0.75f, 0.5f, 0.2f) * (inner * (_sun.Dusk ? 0.8f : 0.25f)) : default;
        return (Rgb.Lerp(color, pane, inner), glow);
    }

    private Rgb Shop(float u, float v, float du, float dv)
    {
        float x = u / 4.2f;
        int unit = (int)MathF.Floor(x);
        x = (x - unit) * 4.2f;
        Rgb paint = Rgb.Lerp(style.ShopColor, style.Wall, 0.6f * ValueNoise.Cell(unit, 7, style.Key & 1023));
        float glass = Band(x, 0.35f, 3.0f, du) * Band(v, 0.55f, 2.25f, dv)
            + Band(x, 3.15f, 4.0f, du) * Band(v, 0.1f, 2.25f, dv);
        float goods = ValueNoise.Sample(u * 3 + style.Key, v * 4) * Visible(0.3f, du);
        Rgb inside = new Rgb(0.07f, 0.065f, 0.06f) * (1 + goods * 0.8f) + _sun.Horizon * (0.08f + 0.03f * v);
        Rgb color = Rgb.Lerp(paint, inside, Math.Min(glass, 1));
        float letters = Band(v, 2.5f, 2.8f, dv) * Math.Clamp(ValueNoise.Sample(u * 6, unit * 9.7f) * 6, 0, 1)
            * Visible(0.25f, du) * Band(x, 0.8f, 3.4f, du);
        return Rgb.Lerp(color, new Rgb(0.8f, 0.78f, 0.7f), letters);
    }
}

/// <summary>Tiles in rows.</summary>
internal sealed class RoofMaterial(Rgb color) : Material
{
    public override Rgb Shade(float u, float v, float du, float dv)
    {
        float row = v / 0.35f;
        row -= MathF.Floor(row);
        return color * (1 + 0.12f * ValueNoise.Sample(u * 0.8f, v * 0.8f)
            - 0.3f * Band(row, 0, 0.2f, dv / 0.35f) * Visible(0.3f, dv));
    }
}
