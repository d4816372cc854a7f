namespace FastScnn.Torch.Scenes;

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
        _leaf = Rgb.Lerp(new Rgb(random.Next(0.10f, 0.22f), random.Next(0.22f, 0.34f), random.Next(0.03f, 0.08f)), new Rgb(0.5f, 0.24f, 0.04f), autumn);
        _bark = new Rgb(0.14f, 0.11f, 0.08f) * random.Next(0.7f, 1.3f);
        float low = _slim ? 0.8f : Math.Max(2.1f, _height * 0.32f);
        _clumps = new (Point3, float, float)[_slim ? 7 : 13];
        for (int i = 0; i < _clumps.Length; i++)
        {
            float up = (i + 0.5f) / _clumps.Length, y = low + (_height - low) * up;
            // Widest below the middle, narrow at the top.
            float spread = _radius * (_slim ? 0.25f : 1.05f - Math.Abs(up - 0.38f) * 1.25f) * 0.75f;
            float size = _slim ? _radius * (1.15f - 0.75f * up) : _radius * random.Next(0.42f, 0.62f);
            _clumps[i] = (foot + new Point3(random.Next(-spread, spread), y, random.Next(-spread, spread)), size, random.Next(0, 200));
        }
        _sunlit = road.SunReaches(sun, foot + new Point3(0, _height * 0.7f, 0));
        // Back to front within the crown; ties cannot matter, for equal depths do not occur among random numbers of 24 bits.
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
                var toward = new Point3(canvas.Sun.TowardX, 0, canvas.Sun.TowardZ) * (radius * MathF.Sqrt(1 + 1 / (canvas.Sun.Rise * canvas.Sun.Rise)));
                var side = new Point3(-canvas.Sun.TowardZ, 0, canvas.Sun.TowardX) * radius;
                canvas.Shadow(Disc.Around(canvas.Sun.ShadowOf(centre), toward * 0.9f, side * 0.9f), canvas.GroundSun, 0.12f);
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
        FillUpright(canvas, _foot, across, [(-_trunk, 0), (-_trunk * 0.6f, top), (_trunk * 0.6f, top), (_trunk, 0)], _bark * light, SceneClass.Vegetation);
        FillUpright(canvas, _foot, across, [(_trunk * 0.25f, 0), (_trunk * 0.15f, top), (_trunk * 0.6f, top), (_trunk, 0)], _bark * light * 0.65f, SceneClass.Vegetation);
        foreach ((Point3 centre, float radius, float key) in _clumps)
            Foliage.Draw(canvas, centre, radius, _leaf, _sunlit, key);
    }
}
