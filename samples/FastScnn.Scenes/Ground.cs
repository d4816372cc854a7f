using static FastScnn.Scenes.Filter;

namespace FastScnn.Scenes;

/// <summary>Everything flat: road with its marks, kerbs, sidewalks, gardens. Worked out pixel by pixel from the
/// layout.</summary>
internal sealed class Ground
{
    private readonly RoadLayout _road;
    private readonly Sunlight _sun;
    private readonly float _offset, _wear, _patches, _tile, _cracks;
    private readonly Rgb _asphalt, _paving, _kerb, _grass, _soil;

    public Ground(RoadLayout road, Sunlight sun, SceneRandom random)
    {
        (_road, _sun) = (road, sun);
        _offset = random.Next(0, 200);
        _wear = random.Next(0.1f, 0.75f);
        _patches = random.Next(0, 0.1f);
        _cracks = random.Chance(0.35f) ? random.Next(0.003f, 0.012f) : 0;
        _tile = random.Pick<float>([0.4f, 0.6f, 1.0f]);
        float grey = random.Next(0.11f, 0.27f);
        _asphalt = new Rgb(grey, grey * random.Next(0.97f, 1.02f), grey * random.Next(0.95f, 1.1f));
        grey = random.Next(0.26f, 0.5f);
        _paving = random.Chance(0.25f) ? new Rgb(grey, grey * 0.75f, grey * 0.62f)
            : new Rgb(grey, grey * 0.98f, grey * 0.93f);
        _kerb = new Rgb(0.5f, 0.5f, 0.48f) * random.Next(0.7f, 1.1f);
        _grass = new Rgb(random.Next(0.08f, 0.18f), random.Next(0.17f, 0.26f), 0.05f);
        _soil = new Rgb(0.22f, 0.17f, 0.10f);
    }

    /// <summary>Paints all pixels below the horizon.</summary>
    public void Draw(Canvas canvas)
    {
        Camera camera = canvas.Camera;
        Rgb sky = _sun.On(new Point3(0, 1, 0), 0), lit = _sun.On(new Point3(0, 1, 0), 1) + sky * -1;
        for (int y = 0; y < canvas.Height; y++)
        {
            for (int x = 0; x < canvas.Width; x++)
            {
                int pixel = y * canvas.Width + x;
                if (canvas.IsHidden(pixel))
                    continue;
                Point3 ray = camera.WorldRay(x + 0.5f, y + 0.5f);
                if (ray.Y > -0.002f)
                    continue;
                float depth = camera.Eye.Y / -ray.Y;
                Point3 point = camera.Eye + ray * depth;
                float along = depth * depth / (camera.Focal * camera.Eye.Y), slope = ray.X * depth / camera.Eye.Y;
                float across = depth / camera.Focal * MathF.Sqrt(1 + slope * slope);
                (Rgb color, byte id) = Surface(point.X - _road.Middle(point.Z), point.Z, across, along);
                float sunlit = canvas.GroundSun[pixel] > 0 ? canvas.GroundSun[pixel] * _road.SunReaches(_sun, point)
                    : 0;
                color = color * (sky * canvas.GroundSky[pixel] + lit * sunlit);
                canvas.Blend(pixel, Rgb.Lerp(color, _sun.Haze, _sun.HazeAt(depth)),
                    Math.Clamp((-ray.Y - 0.002f) * camera.Focal, 0, 1));
                canvas.Ids[pixel] = id;
            }
        }
    }

    private (Rgb Color, byte Id) Surface(float lateral, float z, float across, float along)
    {
        int side = lateral < 0 ? 0 : 1;
        float distance = Math.Abs(lateral);
        // Signed distances in pixels to the edges of road, kerb and sidewalk; the cross street widens all three.
        float road = Inside(_road.RoadHalf[side], 0);
        float kerb = Inside(_road.RoadHalf[side] + RoadLayout.Kerb, RoadLayout.Kerb);
        float walk = Inside(_road.Edge(side), RoadLayout.Kerb + _road.Sidewalk[side]);

        Rgb color = default;
        if (walk < 0.5f)
            color = Garden(lateral, z, across);
        if (walk > -0.5f && kerb < 0.5f)
            color = Rgb.Lerp(color, Paving(lateral, z, across, along), Math.Clamp(walk + 0.5f, 0, 1));
        if (kerb > -0.5f && road < 0.5f)
            color = Rgb.Lerp(color, KerbStone(z, along), Math.Clamp(kerb + 0.5f, 0, 1));
        if (road > -0.5f)
            color = Rgb.Lerp(color, Asphalt(lateral, z, across, along), Math.Clamp(road + 0.5f, 0, 1));
        return (color, road >= 0 ? SceneClass.Road : walk >= 0 ? SceneClass.Sidewalk : SceneClass.Terrain);

        float Inside(float half, float margin) => Math.Max(
            (half - distance) / across,
            Math.Min(z - _road.JunctionFrom + margin, _road.JunctionTo + margin - z) / along);
    }

    private Rgb Asphalt(float lateral, float z, float across, float along)
    {
        float pixel = Math.Max(across, along * 0.3f);
        float grain = ValueNoise.Sample(lateral * 23 + _offset, z * 23) * 0.16f * Visible(0.05f, pixel)
            + ValueNoise.Sample(lateral * 3.1f, z * 2.3f + _offset) * 0.09f * Visible(0.5f, pixel)
            + ValueNoise.Sample(lateral * 0.5f + _offset, z * 0.11f) * 0.16f;
        // Tyres polish two tracks in each lane.
        float track = Math.Abs(Math.Abs(Math.Abs(lateral) - _road.LaneWidth / 2) - 0.75f);
        grain -= 0.10f * Math.Clamp(1 - track / 0.45f, 0, 1);
        if (ValueNoise.Cell((int)(lateral * 0.55f + 100), (int)(z * 0.21f + 100), 1) < _patches)
            grain -= 0.22f;
        float crack = Math.Abs(ValueNoise.Sample(lateral * 0.7f + _offset * 2, z * 0.35f));
        grain -= crack < _cracks ? 0.25f * Visible(0.06f, pixel) : 0;
        Rgb color = _asphalt * Math.Max(1 + grain, 0.2f);
        float paint = Paint(lateral, z, across, along);
        if (paint > 0)
            color = Rgb.Lerp(color, new Rgb(0.72f, 0.72f, 0.68f),
                paint * (1 - _wear * (0.5f + 0.5f * ValueNoise.Sample(lateral * 7, z * 3))));
        return color;
    }

    private float Paint(float lateral, float z, float across, float along)
    {
        float free = 1 - Band(z, _road.JunctionFrom - 6.2f, _road.JunctionTo + 1, along);
        float paint = 0;
        if (_road.Markings)
        {
            float dash = z / 6;
            dash = (dash - MathF.Floor(dash)) * 6;
            paint = Band(lateral, -0.075f, 0.075f, across) * Band(dash, 0, 3, along) * free;
        }
        if (_road.EdgeLines)
        {
            paint = Math.Max(paint, free * (Band(lateral, _road.LaneWidth, _road.LaneWidth + 0.12f, across)
                + Band(lateral, -_road.LaneWidth - 0.12f, -_road.LaneWidth, across)));
        }
        if (_road.Crossing)
        {
            float stripe = lateral - MathF.Floor(lateral);
            paint = Math.Max(paint, Band(z, _road.JunctionFrom - 4.2f, _road.JunctionFrom - 1.2f, along)
                * Band(stripe, 0.25f, 0.75f, across));
        }
        if (_road.HasJunction)
            paint = Math.Max(paint, Band(z, _road.JunctionFrom - 5.6f, _road.JunctionFrom - 5.2f, along)
                * Band(lateral, 0.1f, _road.LaneWidth, across));
        return paint;
    }

    private Rgb KerbStone(float z, float along)
    {
        float joint = z - MathF.Floor(z);
        return _kerb * (1 + 0.1f * (ValueNoise.Cell((int)MathF.Floor(z) + 500, 3) - 0.5f)
            - 0.4f * Band(joint, 0, 0.03f, along) * Visible(0.1f, along));
    }

    private Rgb Paving(float lateral, float z, float across, float along)
    {
        float u = lateral / _tile, v = z / _tile;
        int column = (int)MathF.Floor(u), row = (int)MathF.Floor(v);
        float seen = Visible(_tile, Math.Max(across, along));
        float joint = Math.Max(Band(u - column, 0, 0.05f, across / _tile), Band(v - row, 0, 0.05f, along / _tile));
        float tone = (ValueNoise.Cell(column + 500, row + 500) - 0.5f) * 0.16f * seen - 0.35f * joint * seen
            + ValueNoise.Sample(lateral * 0.8f + _offset, z * 0.6f) * 0.12f
            + ValueNoise.Sample(lateral * 19, z * 19) * 0.08f * Visible(0.06f, along * 0.5f);
        return _paving * (1 + tone);
    }

    private Rgb Garden(float lateral, float z, float across)
    {
        int side = lateral < 0 ? 0 : 1;
        if (!_road.Suburban && !_road.Open[side] && Math.Abs(lateral) < _road.Front[side] + 0.5f)
            return _paving;
        float bare = Math.Clamp(ValueNoise.Fractal(lateral * 0.4f + _offset, z * 0.3f, 3) * 1.5f - 0.1f, 0, 1);
        float blades = ValueNoise.Sample(lateral * 14, z * 9 + _offset) * 0.35f * Visible(0.12f, across)
            + ValueNoise.Sample(lateral * 2, z * 1.4f) * 0.2f;
        return Rgb.Lerp(_grass, _soil, bare * 0.7f) * (1 + blades);
    }
}
