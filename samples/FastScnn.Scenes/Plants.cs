using static FastScnn.Scenes.Filter;

namespace FastScnn.Scenes;

/// <summary>A clump of leaves: a ball with a ragged edge, lit from the sun's side.</summary>
internal static class Foliage
{
    private const float Ragged = 0.38f;

    /// <summary>Paints one clump.</summary>
    /// <param name="canvas">Where.</param>
    /// <param name="centre">Its middle in the world.</param>
    /// <param name="radius">Metres.</param>
    /// <param name="leaf">Colour of a leaf.</param>
    /// <param name="sunlit">How much sun reaches it, 0..1.</param>
    /// <param name="key">Makes clumps differ.</param>
    public static void Draw(Canvas canvas, Point3 centre, float radius, Rgb leaf, float sunlit, float key)
    {
        Camera camera = canvas.Camera;
        Point3 view = camera.ToView(centre);
        if (view.Z < Camera.Near + radius * 0.4f)
            return;
        (float cx, float cy) = camera.Project(view);
        float size = radius * camera.Focal / view.Z, reach = size * (1 + Ragged);
        int left = (int)Math.Clamp(cx - reach, 0, canvas.Width),
            right = (int)Math.Clamp(cx + reach + 1, 0, canvas.Width);
        int top = (int)Math.Clamp(cy - reach, 0, canvas.Height),
            bottom = (int)Math.Clamp(cy + reach + 1, 0, canvas.Height);
        Point3 toSun = camera.Turn(new Point3(canvas.Sun.TowardX, canvas.Sun.Rise, canvas.Sun.TowardZ).Unit());
        float haze = canvas.Sun.HazeAt(view.Z), pixel = radius / size, coarse = radius * 1.7f, fine = radius * 5.5f,
            leaves = radius * 17f;
        float leafy = 0.8f * Visible(0.055f, pixel);
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                int index = y * canvas.Width + x;
                if (canvas.IsHidden(index))
                    continue;
                float dx = (x + 0.5f - cx) / size, dy = (cy - y - 0.5f) / size, square = dx * dx + dy * dy;
                if (square > (1 + Ragged) * (1 + Ragged))
                    continue;
                float detail = ValueNoise.Sample(dx * fine + key, dy * fine) * Visible(0.16f, pixel);
                if (leafy > 0)
                    detail += leafy * ValueNoise.Sample(dx * leaves, dy * leaves + key);
                float edge = 1 - MathF.Sqrt(square)
                    + Ragged * (0.6f * ValueNoise.Sample(dx * coarse, dy * coarse + key) + 0.55f * detail);
                float share = Math.Clamp(edge * size * 0.8f + 0.5f, 0, 1);
                if (share <= 0)
                    continue;
                float depth = MathF.Sqrt(Math.Max(1 - square, 0.05f));
                float facing = dx * toSun.X + dy * toSun.Y - depth * toSun.Z;
                float gaps = 1 + 0.45f * detail + 0.3f * ValueNoise.Sample(dx * coarse * 2 + key, dy * coarse * 2);
                Rgb light = canvas.Sun.Ambient * (0.55f + 0.35f * dy)
                    + canvas.Sun.Sun * (sunlit * Math.Max(0.15f + 0.6f * facing, 0.03f));
                Rgb color = leaf * light * Math.Max(gaps, 0.1f);
                canvas.Blend(index, Rgb.Lerp(color, canvas.Sun.Haze, haze), share);
                if (share >= 0.5f)
                    canvas.Ids[index] = SceneClass.Vegetation;
            }
        }
    }
}

/// <summary>A broad-leaved tree or a slim conifer: a trunk and clumps of leaves.</summary>
internal sealed class Tree : SceneObject
{
    private readonly Point3 _foot;
    private readonly float _height, _radius, _trunk, _sunlit;
    private readonly bool _slim;
    private readonly Rgb _leaf, _bark;
    private readonly (Point3 Centre, float Radius, float Key)[] _clumps;

    public Tree(RoadLayout road, Sunlight sun, Point3 foot, float room, SceneRandom random)
    {
        _foot = foot;
        _slim = random.Chance(0.2f);
        _height = random.Next(5.5f, 11f);
        _radius = Math.Min(room, _height * (_slim ? 0.16f : random.Next(0.26f, 0.36f)));
        _trunk = random.Next(0.1f, 0.22f);
        float autumn = random.Chance(0.12f) ? random.Next(0.3f, 1f) : 0;
        _leaf = Rgb.Lerp(new Rgb(random.Next(0.10f, 0.22f), random.Next(0.22f, 0.34f), random.Next(0.03f, 0.08f)),
            new Rgb(0.5f, 0.24f, 0.04f), autumn);
        _bark = new Rgb(0.14f, 0.11f, 0.08f) * random.Next(0.7f, 1.3f);
        float low = _slim ? 0.8f : Math.Max(2.1f, _height * 0.32f);
        _clumps = new (Point3, float, float)[_slim ? 7 : 13];
        for (int i = 0; i < _clumps.Length; i++)
        {
            float up = (i + 0.5f) / _clumps.Length, y = low + (_height - low) * up;
            // Widest below the middle, narrow at the top.
            float spread = _radius * (_slim ? 0.25f : 1.05f - Math.Abs(up - 0.38f) * 1.25f) * 0.75f;
            float size = _slim ? _radius * (1.15f - 0.75f * up) : _radius * random.Next(0.42f, 0.62f);
            _clumps[i] = (foot + new Point3(random.Next(-spread, spread), y, random.Next(-spread, spread)), size,
                random.Next(0, 200));
        }
        _sunlit = road.SunReaches(sun, foot + new Point3(0, _height * 0.7f, 0));
        // Back to front within the crown; ties cannot matter, for equal depths do not occur among random numbers of 24
        // bits.
        Array.Sort(_clumps, (a, b) => b.Centre.Z.CompareTo(a.Centre.Z));
    }

    public override float Far => _foot.Z;

    public override void CastShadow(Canvas canvas)
    {
        ShadowStrip(canvas, _foot, 0, _height * 0.5f, _trunk * 2, 0.15f);
        if (!canvas.Sun.Overcast)
        {
            foreach ((Point3 centre, float radius, _) in _clumps)
            {
                var toward = new Point3(canvas.Sun.TowardX, 0, canvas.Sun.TowardZ)
                    * (radius * MathF.Sqrt(1 + 1 / (canvas.Sun.Rise * canvas.Sun.Rise)));
                var side = new Point3(-canvas.Sun.TowardZ, 0, canvas.Sun.TowardX) * radius;
                canvas.Shadow(Disc.Around(canvas.Sun.ShadowOf(centre), toward * 0.9f, side * 0.9f), canvas.GroundSun,
                    0.12f);
            }
        }
        canvas.Shadow(Disc.Around(_foot, new Point3(_radius, 0, 0), new Point3(0, 0, _radius)), canvas.GroundSky, 0.8f);
        canvas.Shadow(Disc.Around(_foot, new Point3(0.5f, 0, 0), new Point3(0, 0, 0.4f)), canvas.GroundSky, 0.5f);
    }

    public override void Draw(Canvas canvas)
    {
        Point3 across = canvas.Camera.Across;
        Rgb light = canvas.Sun.On(new Point3(0, 0, -1), _sunlit * 0.5f);
        float top = _slim ? 1.2f : _height * 0.6f;
        FillUpright(canvas, _foot, across, [(-_trunk, 0), (-_trunk * 0.6f, top), (_trunk * 0.6f, top), (_trunk, 0)],
            _bark * light, SceneClass.Vegetation);
        FillUpright(canvas, _foot, across,
            [(_trunk * 0.25f, 0), (_trunk * 0.15f, top), (_trunk * 0.6f, top), (_trunk, 0)], _bark * light * 0.65f,
            SceneClass.Vegetation);
        foreach ((Point3 centre, float radius, float key) in _clumps)
            Foliage.Draw(canvas, centre, radius, _leaf, _sunlit, key);
    }
}

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
            canvas.Shadow(Disc.Around(road.At(lateral, z), new Point3(0.7f, 0, 0), new Point3(0, 0, 0.8f)),
                canvas.GroundSky, 0.6f);
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
