namespace FastScnn.Torch.Scenes;

/// <summary>One pixel that a polygon touches.</summary>
/// <param name="X">Column.</param>
/// <param name="Y">Row.</param>
/// <param name="Share">How much of the pixel it covers, above 0 to 1.</param>
/// <param name="Inside">Whether it covers the pixel's centre.</param>
internal readonly record struct Coverage(int X, int Y, float Share, bool Inside);

/// <summary>The pixels of a convex polygon, row by row.</summary>
internal ref struct PolygonPixels
{
    // Surfaces that share an edge leave no pixel between them, whichever way their sums were rounded.
    private const float Seam = 0.01f;

    // Inside is where a x + b y + c is positive; the value is the distance to the edge in pixels.
    private readonly (float A, float B, float C)[] _edges;
    private readonly int _width, _bottom;
    private int _x, _y, _right, _solidLeft, _solidRight;

    public PolygonPixels((float X, float Y)[] corners, int width, int height)
    {
        _edges = new (float, float, float)[corners.Length];
        _width = width;
        float area = 0, top = float.MaxValue, bottom = float.MinValue, left = float.MaxValue, right = float.MinValue;
        for (int i = 0; i < corners.Length; i++)
        {
            ((float x0, float y0), (float x1, float y1)) = (corners[i], corners[(i + 1) % corners.Length]);
            area += x0 * y1 - x1 * y0;
            (top, bottom, left, right) = (Math.Min(top, y0), Math.Max(bottom, y0), Math.Min(left, x0), Math.Max(right, x0));
        }
        for (int i = 0; i < corners.Length; i++)
        {
            ((float x0, float y0), (float x1, float y1)) = (corners[i], corners[(i + 1) % corners.Length]);
            float dx = x1 - x0, dy = y1 - y0, length = MathF.Sqrt(dx * dx + dy * dy);
            // A corner that appears twice is no edge: it bounds nothing.
            float scale = length < 1e-6f ? 0 : (area < 0 ? -1 : 1) / length;
            _edges[i] = (-dy * scale, dx * scale, scale == 0 ? 1 : (dy * x0 - dx * y0) * scale);
        }
        bool empty = corners.Length < 3 || area == 0 || left > width || right < 0;
        _y = empty ? 0 : (int)Math.Clamp(top - 1, 0, height);
        _bottom = empty ? 0 : (int)Math.Clamp(bottom + 2, 0, height);
        (_x, _right) = (0, -1);
        _y--;
    }

    public Coverage Current { get; private set; }

    public readonly PolygonPixels GetEnumerator() => this;

    public bool MoveNext()
    {
        while (true)
        {
            while (_x > _right)
            {
                if (++_y >= _bottom)
                    return false;
                StartRow();
            }
            int x = _x++;
            if (x >= _solidLeft && x <= _solidRight)
            {
                Current = new Coverage(x, _y, 1, true);
                return true;
            }
            if (TryBorder(x))
                return true;
        }
    }

    // What each edge leaves uncovered adds up: exact for a strip thinner than a pixel, such as a distant pole.
    private bool TryBorder(int x)
    {
        float share = 1, nearest = float.MaxValue;
        foreach ((float a, float b, float c) in _edges)
        {
            float distance = a * (x + 0.5f) + b * (_y + 0.5f) + c;
            nearest = Math.Min(nearest, distance);
            share -= 1 - Math.Clamp(distance + 0.5f, 0, 1);
        }
        Current = new Coverage(x, _y, Math.Max(share, 0), nearest >= -Seam);
        return share > 0 || nearest >= -Seam;
    }

    private void StartRow()
    {
        float left = 0, right = _width - 1, solidLeft = 0, solidRight = _width - 1;
        foreach ((float a, float b, float c) in _edges)
        {
            float rest = b * (_y + 0.5f) + c;
            Narrow(a, rest + 0.5f, ref left, ref right);
            Narrow(a, rest - 0.5f, ref solidLeft, ref solidRight);
        }
        (_x, _right) = ((int)left, (int)right);
        (_solidLeft, _solidRight) = ((int)solidLeft + 1, (int)solidRight - 1);
    }

    // Keeps the columns x where a (x + 0.5) + rest may be positive, one spare on each side.
    private readonly void Narrow(float a, float rest, ref float left, ref float right)
    {
        if (a > 1e-7f)
            left = Math.Clamp(Math.Max(left, -rest / a - 0.5f), 0, _width);
        else if (a < -1e-7f)
            right = Math.Clamp(Math.Min(right, -rest / a + 0.5f), -1, _width - 1);
        else if (rest < 0)
            right = -1;
    }
}
