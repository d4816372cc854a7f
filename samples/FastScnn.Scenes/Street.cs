namespace FastScnn.Scenes;

/// <summary>The street seen from above: where road, sidewalks, junction and building lines lie. Index 0 is the left
/// side, 1 the right.</summary>
internal sealed class RoadLayout
{
    /// <summary>How far the street is furnished, in metres.</summary>
    public const float Length = 150;

    /// <summary>Where building starts, behind the camera.</summary>
    public const float Start = -12;

    public const float Kerb = 0.16f;

    private readonly float _bend;
    private readonly float[][] _heights = [new float[(int)(Length - Start) + 1], new float[(int)(Length - Start) + 1]];

    public RoadLayout(SceneRandom random)
    {
        _bend = random.Chance(0.45f) ? 0 : random.Next(-0.0035f, 0.0035f);
        LaneWidth = random.Next(2.9f, 3.6f);
        Parking = [random.Chance(0.6f), random.Chance(0.6f)];
        Suburban = random.Chance(0.42f);
        Open = [random.Chance(0.2f), random.Chance(0.2f)];
        RoadHalf = [LaneWidth + (Parking[0] ? 2.2f : 0.4f), LaneWidth + (Parking[1] ? 2.2f : 0.4f)];
        Sidewalk = [random.Next(1.9f, 4.4f), random.Next(1.9f, 4.4f)];
        float garden = Suburban ? random.Next(2.5f, 6f) : 0;
        Front = [Edge(0) + garden, Edge(1) + garden * random.Next(0.7f, 1.3f)];
        bool junction = random.Chance(0.55f);
        JunctionFrom = junction ? random.Next(13, 42) : 2 * Length;
        JunctionTo = JunctionFrom + random.Next(7, 10);
        Crossing = junction && random.Chance(0.75f);
        Markings = random.Chance(0.85f);
        EdgeLines = random.Chance(0.35f);
    }

    public float LaneWidth { get; }

    public bool[] Parking { get; }

    /// <summary>Whether gardens lie before the houses.</summary>
    public bool Suburban { get; }

    /// <summary>Where a side has a park instead of buildings.</summary>
    public bool[] Open { get; }

    /// <summary>From the middle to the kerb, on each side.</summary>
    public float[] RoadHalf { get; }

    public float[] Sidewalk { get; }

    /// <summary>From the middle to the building line.</summary>
    public float[] Front { get; }

    /// <summary>Where a cross street begins; beyond the scene where there is none.</summary>
    public float JunctionFrom { get; }

    public float JunctionTo { get; }

    /// <summary>Whether zebra stripes lie before the junction.</summary>
    public bool Crossing { get; }

    public bool Markings { get; }

    public bool EdgeLines { get; }

    public bool HasJunction => JunctionFrom < Length;

    /// <summary>From the middle to the outer edge of the sidewalk.</summary>
    public float Edge(int side) => RoadHalf[side] + Kerb + Sidewalk[side];

    /// <summary>The middle of the road.</summary>
    public float Middle(float z) => _bend * z * z / 2;

    /// <summary>A place beside the road.</summary>
    /// <param name="lateral">Metres right of the middle.</param>
    /// <param name="z">Metres ahead.</param>
    /// <param name="height">Metres above the ground.</param>
    public Point3 At(float lateral, float z, float height = 0) => new(Middle(z) + lateral, height, z);

    /// <summary>The direction of the road, of length 1.</summary>
    public Point3 Direction(float z) => new Point3(_bend * z, 0, 1).Unit();

    /// <summary>Whether something that is <paramref name="margin"/> long on both sides stays out of the junction and
    /// its corners.</summary>
    public bool ClearOfJunction(float z, float margin) => z + margin < JunctionFrom || z - margin > JunctionTo;

    /// <summary>Records a building, for the shadows it throws.</summary>
    public void AddBuilding(int side, float from, float to, float height)
    {
        for (float z = from; z < to; z++)
        {
            int bin = (int)(z - Start);
            if ((uint)bin < (uint)_heights[side].Length)
                _heights[side][bin] = height;
        }
    }

    /// <summary>How much sun gets past the buildings to a point, 0..1.</summary>
    public float SunReaches(Sunlight sun, Point3 point)
    {
        if (sun.Overcast)
            return 0;
        int side = sun.TowardX > 0 ? 1 : 0;
        float lateral = (point.X - Middle(point.Z)) * (side == 1 ? 1 : -1);
        float distance = (Front[side] - lateral) / Math.Max(Math.Abs(sun.TowardX), 0.02f);
        float bin = point.Z + distance * sun.TowardZ - Start;
        if (distance <= 0 || !(bin >= 0 && bin < _heights[side].Length))
            return 1;
        float ray = point.Y + distance * sun.Rise;
        return Math.Clamp((ray - _heights[side][(int)bin]) / 0.4f + 0.5f, 0, 1);
    }
}

/// <summary>Fills a layout with what stands there.</summary>
internal sealed class Street
{
    private readonly RoadLayout _road;
    private readonly Sunlight _sun;
    private readonly SceneRandom _random;
    private readonly float _eye;

    /// <summary>Places everything.</summary>
    /// <param name="road">The layout; learns of the buildings.</param>
    /// <param name="sun">The light.</param>
    /// <param name="eye">Metres from the middle of the road to the camera.</param>
    /// <param name="random">Decides.</param>
    public Street(RoadLayout road, Sunlight sun, float eye, SceneRandom random)
    {
        (_road, _sun, _eye, _random) = (road, sun, eye, random);
        float trees = random.Chance(0.7f) ? random.Next(0.25f, 0.9f) : 0.1f;
        AddBuildings(0);
        AddBuildings(1);
        for (int side = 0; side < 2; side++)
        {
            AddSidewalk(side, trees);
            AddGardens(side, trees);
            AddParkedCars(side);
        }
        AddJunction();
        AddTraffic();
        AddPeople();
        // A stable sort: what is equally far keeps one order.
        Objects = [.. Objects.OrderByDescending(o => o.Far)];
    }

    /// <summary>From the farthest to the nearest.</summary>
    public List<SceneObject> Objects { get; } = [];

    private void AddBuildings(int side)
    {
        SceneRandom random = _random.Fork();
        if (_road.Open[side])
            return;
        float z = RoadLayout.Start, gaps = _road.Suburban ? 0.85f : random.Next(0.05f, 0.3f);
        float corner = RoadLayout.Kerb + _road.Sidewalk[side];
        while (z < RoadLayout.Length)
        {
            float to = z + (_road.Suburban ? random.Next(8, 14) : random.Next(9, 22));
            if (z < _road.JunctionTo + corner && to > _road.JunctionFrom - corner)
            {
                to = Math.Min(to, _road.JunctionFrom - corner);
                if (to - z < 5)
                {
                    z = Math.Max(z, _road.JunctionTo + corner);
                    continue;
                }
            }
            var building = new Building(_road, side, z, to, random.Fork());
            _road.AddBuilding(side, z, to, building.ShadowHeight);
            Objects.Add(building);
            z = to + (random.Chance(gaps) ? random.Next(2.5f, 9) : 0);
        }
    }

    private void AddSidewalk(int side, float trees)
    {
        SceneRandom random = _random.Fork();
        float sign = Sign(side), kerb = sign * (_road.RoadHalf[side] + RoadLayout.Kerb + 0.45f);
        float spacing = random.Next(7, 12);
        for (float z = random.Next(3, 9); z < 110; z += spacing * random.Next(0.85f, 1.15f))
        {
            if (_road.ClearOfJunction(z, 4) && random.Chance(trees) && _road.Sidewalk[side] > 2)
                Objects.Add(new Tree(_road, _sun, _road.At(kerb, z), 3.2f, random.Fork()));
        }
        for (float z = random.Next(6, 24); z < 120; z += random.Next(22, 30))
        {
            if (_road.ClearOfJunction(z, 2))
                Objects.Add(new Pole(_road, _road.At(kerb, z), -sign * random.Next(0.8f, 2.2f), random.Fork()));
        }
        for (float z = random.Next(4, 26); z < 90; z += random.Next(14, 40))
        {
            if (_road.ClearOfJunction(z, 2))
                Objects.Add(new Sign(_road, _road.At(kerb, z), random.Fork()));
        }
    }

    private void AddGardens(int side, float trees)
    {
        SceneRandom random = _random.Fork();
        if (_road.Open[side])
            AddPark(side, random);
        if (!_road.Suburban)
            return;
        float sign = Sign(side), edge = sign * (_road.Edge(side) + 0.3f);
        for (float z = 1; z < 110;)
        {
            float to = z + random.Next(5, 12);
            float kind = random.Next();
            if (_road.ClearOfJunction((z + to) / 2, (to - z) / 2 + _road.Sidewalk[side]))
            {
                if (kind < 0.3f)
                    Objects.Add(new Fence(_road, edge, z, to - 1, random.Fork()));
                else if (kind < 0.55f)
                    Objects.Add(new Hedge(_road, edge + sign * 0.4f, z, to - 1, random.Fork()));
                if (random.Chance(trees * 0.6f) && _road.Front[side] - _road.Edge(side) > 3)
                    Objects.Add(new Tree(_road, _sun, _road.At((edge + sign * _road.Front[side]) / 2, (z + to) / 2), 2,
                        random.Fork()));
            }
            z = to;
        }
    }

    private void AddPark(int side, SceneRandom random)
    {
        float edge = _road.Edge(side) + 3;
        int count = 12 + random.NextInt(30);
        for (int i = 0; i < count; i++)
        {
            float z = random.Next(8, 130);
            if (_road.ClearOfJunction(z, _road.Sidewalk[side] + 1))
                Objects.Add(new Tree(_road, _sun, _road.At(Sign(side) * (edge + random.Next(0, 40)), z), 3.5f,
                    random.Fork()));
        }
    }

    private void AddParkedCars(int side)
    {
        if (!_road.Parking[side])
            return;
        SceneRandom random = _random.Fork();
        float dense = random.Next(0.2f, 0.9f), lateral = Sign(side) * (_road.RoadHalf[side] - 1.12f);
        for (float z = random.Next(3.5f, 7f); z < 110; z += random.Next(5.6f, 6.6f))
        {
            if (!random.Chance(dense) || !_road.ClearOfJunction(z, 9))
                continue;
            Point3 ahead = _road.Direction(z) * (side == 1 || random.Chance(0.15f) ? 1 : -1);
            Objects.Add(new Car(_road, _sun, _road.At(lateral + random.Next(-0.12f, 0.12f), z), ahead, random.Fork()));
        }
    }

    private void AddTraffic()
    {
        SceneRandom random = _random.Fork();
        float busy = random.Next(0.1f, 0.8f);
        for (int side = 0; side < 2; side++)
        {
            float lateral = Sign(side) * _road.LaneWidth * 0.5f;
            // The camera's own lane stays clear for a few metres more.
            float from = Math.Sign(lateral) == Math.Sign(_eye) ? random.Next(9, 22) : random.Next(5, 20);
            for (float z = from; z < 120; z += random.Next(9, 30))
            {
                if (random.Chance(busy) && _road.ClearOfJunction(z, 6))
                    Objects.Add(new Car(_road, _sun, _road.At(lateral + random.Next(-0.25f, 0.25f), z),
                        _road.Direction(z) * (side == 1 ? 1 : -1), random.Fork()));
            }
        }
    }

    private void AddJunction()
    {
        if (!_road.HasJunction)
            return;
        SceneRandom random = _random.Fork();
        int burning = random.Chance(0.45f) ? 0 : random.Chance(0.75f) ? 2 : 1;
        bool lights = random.Chance(0.7f);
        for (int side = 0; side < 2; side++)
        {
            float lateral = Sign(side) * (_road.RoadHalf[side] + RoadLayout.Kerb + 0.5f);
            if (lights)
            {
                Objects.Add(new TrafficLight(_road, _road.At(lateral, _road.JunctionFrom - 1), burning, random.Fork()));
                if (side == 1)
                    Objects.Add(new TrafficLight(_road, _road.At(lateral, _road.JunctionTo + 1), burning,
                        random.Fork()));
            }
            if (random.Chance(0.45f))
            {
                float from = _road.JunctionFrom + (_road.JunctionTo - _road.JunctionFrom) * (side == 0 ? 0.28f : 0.72f);
                Objects.Add(new Car(_road, _sun, _road.At(Sign(side) * random.Next(1, 14), from),
                    new Point3(side == 0 ? 1 : -1, 0, 0), random.Fork()));
            }
        }
    }

    private void AddPeople()
    {
        SceneRandom random = _random.Fork();
        int count = 4 + random.NextInt(20);
        for (int i = 0; i < count; i++)
        {
            int side = random.NextInt(2);
            float near = random.Next(), z = 4.5f + 60 * near * near;
            float lateral = Sign(side)
                * (_road.RoadHalf[side] + RoadLayout.Kerb
                    + random.Next(0.8f, Math.Max(1, _road.Sidewalk[side] - 0.3f)));
            if (_road.Crossing && random.Chance(0.3f))
                (lateral, z) = (random.Next(-_road.RoadHalf[0], _road.RoadHalf[1]),
                    _road.JunctionFrom - random.Next(1.5f, 4));
            Objects.Add(new Person(_road, _sun, _road.At(lateral, z), random.Fork()));
            if (random.Chance(0.35f))
                Objects.Add(new Person(_road, _sun, _road.At(lateral + random.Next(0.5f, 0.7f), z + 0.1f),
                    random.Fork()));
        }
    }

    private static float Sign(int side) => side == 0 ? -1 : 1;
}
