namespace FastScnn.ML.Regions;

/// <summary>Follows the edges of pixels around the parts of regions.</summary>
internal sealed class OutlineTracer
{
    private const int East = 0, South = 1, North = 3;

    private readonly RegionLabels _labels;
    private readonly bool _keepMeetings;
    private readonly bool[] _isTraced;
    private readonly IReadOnlyList<PixelPoint>?[] _outer;
    private readonly List<IReadOnlyList<PixelPoint>>?[] _holes;
    private readonly List<PixelPoint> _open = [];
    private readonly Dictionary<PixelPoint, int> _crossings = [];
    private readonly Stack<PixelPoint> _crossingOrder = [];

    private OutlineTracer(RegionLabels labels, bool keepMeetings)
    {
        (_labels, _keepMeetings) = (labels, keepMeetings);
        _isTraced = new bool[labels.Parts.Length];
        _outer = new IReadOnlyList<PixelPoint>?[labels.RegionOfPart.Length];
        _holes = new List<IReadOnlyList<PixelPoint>>?[labels.RegionOfPart.Length];
    }

    /// <summary>The polygons of each region, exactly along its pixels, in time that grows with the pixels
    /// alone.</summary>
    /// <param name="labels">The regions.</param>
    /// <param name="keepMeetings">Whether a straight edge has a point where two other areas meet at it, so that
    /// neighbours have the same points along a common border.</param>
    public static RegionPolygon[][] Trace(RegionLabels labels, bool keepMeetings)
    {
        OutlineTracer tracer = new(labels, keepMeetings);
        tracer.TraceAll();
        var polygons = new List<RegionPolygon>[labels.Regions.Count];
        for (int part = 0; part < labels.RegionOfPart.Length; part++)
            if (tracer._outer[part] is { } outer)
                (polygons[labels.RegionOfPart[part]] ??= []).Add(new RegionPolygon(outer, tracer._holes[part] ?? []));
        return [.. polygons.Select(list => list.ToArray())];
    }

    /// <summary>Twice the area that a ring encloses, above 0 where it is clockwise with y downwards.</summary>
    public static long DoubleArea(IReadOnlyList<PixelPoint> ring)
    {
        long sum = 0;
        PixelPoint last = ring[^1];
        foreach (PixelPoint point in ring)
        {
            sum += (long)last.X * point.Y - (long)point.X * last.Y;
            last = point;
        }
        return sum;
    }

    // Every ring has an upper edge of one of its pixels. Where the first of them begins, row by row, is a corner.
    private void TraceAll()
    {
        for (int i = 0, y = 0; y < _labels.Height; y++)
            for (int x = 0; x < _labels.Width; x++, i++)
            {
                int part = _labels.Parts[i];
                if (part != RegionLabels.None && _labels.RegionOfPart[part] != RegionLabels.None && !_isTraced[i]
                    && Part(x, y - 1) != part)
                    Walk(x, y, part);
            }
    }

    // Walks with the part on the right. Where two of its pixels touch by a corner, the walk stays at its own pixel, so
    // it goes around one part; and it comes by that corner twice, which cuts a ring off.
    private void Walk(int startX, int startY, int part)
    {
        _open.Clear();
        _crossings.Clear();
        _crossingOrder.Clear();
        _open.Add(new(startX, startY));
        if (Part(startX - 1, startY) != part && Part(startX - 1, startY - 1) == part)
            AddCrossing(_open[0]);
        for (int x = startX, y = startY, direction = East; ;)
        {
            if (direction == East)
                _isTraced[y * _labels.Width + x] = true;
            PixelPoint corner = EndOf(x, y, direction);
            (int aheadX, int aheadY) = Step(x, y, direction);
            (int acrossX, int acrossY) = Step(aheadX, aheadY, (direction + North) % 4);
            bool ahead = Part(aheadX, aheadY) == part, across = Part(acrossX, acrossY) == part;
            bool isPoint = true;
            if (!ahead)
                direction = (direction + South) % 4;
            else if (across)
                (x, y, direction) = (acrossX, acrossY, (direction + North) % 4);
            else
            {
                (int besideX, int besideY) = Step(x, y, (direction + North) % 4);
                isPoint = _keepMeetings && Part(besideX, besideY) != Part(acrossX, acrossY);
                (x, y) = (aheadX, aheadY);
            }
            if (x == startX && y == startY && direction == East)
                break;
            if (!ahead && across)
                Cross(corner, part);
            else if (isPoint)
                _open.Add(corner);
        }
        Close(0, part);
    }

    private void Cross(PixelPoint corner, int part)
    {
        if (!_crossings.TryGetValue(corner, out int first))
        {
            _open.Add(corner);
            AddCrossing(corner);
            return;
        }
        Close(first, part);
        while (_crossingOrder.Peek() != corner)
            _crossings.Remove(_crossingOrder.Pop());
        _open.RemoveRange(first + 1, _open.Count - first - 1);
    }

    private void AddCrossing(PixelPoint corner)
    {
        _crossings.Add(corner, _open.Count - 1);
        _crossingOrder.Push(corner);
    }

    private void Close(int first, int part)
    {
        PixelPoint[] ring = [.. _open.Skip(first)];
        if (DoubleArea(ring) > 0)
            _outer[part] = ring;
        else
            (_holes[part] ??= []).Add(ring);
    }

    private int Part(int x, int y) => (uint)x < (uint)_labels.Width && (uint)y < (uint)_labels.Height
        ? _labels.Parts[y * _labels.Width + x] : RegionLabels.None;

    private static (int X, int Y) Step(int x, int y, int direction) => direction switch
    {
        East => (x + 1, y),
        South => (x, y + 1),
        North => (x, y - 1),
        _ => (x - 1, y),
    };

    // Where the edge of a pixel ends that is walked in a direction.
    private static PixelPoint EndOf(int x, int y, int direction) => direction switch
    {
        East => new(x + 1, y),
        South => new(x + 1, y + 1),
        North => new(x, y),
        _ => new(x, y + 1),
    };
}
