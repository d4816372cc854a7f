namespace FastScnn.Torch.Scenes;

/// <summary>The street seen from above: where road, sidewalks, junction and building lines lie. Index 0 is the left side, 1 the right.</summary>
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

    /// <summary>Whether something that is <paramref name="margin"/> long on both sides stays out of the junction and its corners.</summary>
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
