namespace FastScnn.Scenes;

/// <summary>The image and its label map while they are painted back to front. Edges are smooth in the image; a pixel of
/// the label map belongs to the last surface that covers its centre.</summary>
internal sealed class Canvas(int width, int height, Camera camera, Sunlight sun)
{
    // Those of a disc.
    private const int MaxCorners = 24;
    private readonly int[] _coveredAt = new int[width * height];

    public int Width => width;

    public int Height => height;

    public Camera Camera => camera;

    public Sunlight Sun => sun;

    /// <summary>Red, green and blue of every pixel in linear light.</summary>
    public float[] Light { get; } = new float[3 * width * height];

    public byte[] Ids { get; } = new byte[width * height];

    /// <summary>How much sun reaches the ground in a pixel, 0..1; painted by <see cref="Shadow"/> before the ground
    /// is.</summary>
    public float[] GroundSun { get; } = Ones(width * height);

    /// <summary>How much sky light reaches the ground in a pixel, 0..1.</summary>
    public float[] GroundSky { get; } = Ones(width * height);

    /// <summary>The place in the painting order of what is painted now; 0 for sky and ground.</summary>
    public int Turn { get; set; }

    /// <summary>Whether a wall that is painted later covers the whole pixel, so that painting it now would be in
    /// vain.</summary>
    public bool IsHidden(int pixel) => _coveredAt[pixel] > Turn;

    /// <summary>Announces an opaque polygon that is painted at <see cref="Turn"/>. Announce from the farthest to the
    /// nearest.</summary>
    public void Announce(ReadOnlySpan<Point3> corners)
    {
        foreach (Coverage run in Rasterize(corners))
        {
            if (run.Share >= 1)
                _coveredAt[run.Y * width + run.X] = Turn;
        }
    }

    /// <summary>Lays a colour over a pixel.</summary>
    public void Blend(int pixel, Rgb color, float share)
    {
        Span<float> light = Light.AsSpan(3 * pixel, 3);
        light[0] += (color.R - light[0]) * share;
        light[1] += (color.G - light[1]) * share;
        light[2] += (color.B - light[2]) * share;
    }

    /// <summary>Paints a convex polygon of one colour.</summary>
    public void Fill(ReadOnlySpan<Point3> corners, Rgb color, byte id) =>
        Fill(corners, corners[0], default, default, new PlainMaterial(color), id);

    /// <summary>Paints a flat convex polygon.</summary>
    /// <param name="corners">Corners in the world, either way round.</param>
    /// <param name="origin">Where the material's u and v are 0.</param>
    /// <param name="u">The step of one unit of u; default where the material is plain.</param>
    /// <param name="v">The step of one unit of v.</param>
    /// <param name="material">Its look.</param>
    /// <param name="id">Its class.</param>
    public void Fill(ReadOnlySpan<Point3> corners, Point3 origin, Point3 u, Point3 v, Material material, byte id)
    {
        var plane = new PlaneMap(camera, origin, u, v);
        float depth = 0;
        foreach (Point3 corner in corners)
            depth += camera.ToView(corner).Z / corners.Length;
        bool plain = material is PlainMaterial;
        Rgb color = plain ? Rgb.Lerp(material.Shade(0, 0, 1, 1), sun.Haze, sun.HazeAt(Math.Max(depth, 0))) : default;
        foreach (Coverage run in Rasterize(corners))
        {
            int pixel = run.Y * width + run.X;
            if (IsHidden(pixel))
                continue;
            if (!plain)
            {
                (float pu, float pv, float du, float dv, depth) = plane.At(run.X + 0.5f, run.Y + 0.5f);
                color = Rgb.Lerp(material.Shade(pu, pv, du, dv), sun.Haze, sun.HazeAt(depth));
            }
            Blend(pixel, color, run.Share);
            if (run.Inside)
                Ids[pixel] = id;
        }
    }

    /// <summary>Darkens the ground inside a convex polygon; shadows that overlap are as dark as the darker
    /// one.</summary>
    /// <param name="corners">Corners on the ground.</param>
    /// <param name="map"><see cref="GroundSun"/> or <see cref="GroundSky"/>.</param>
    /// <param name="left">The light that is left inside, 0..1.</param>
    public void Shadow(ReadOnlySpan<Point3> corners, float[] map, float left)
    {
        foreach (Coverage run in Rasterize(corners))
            map[run.Y * width + run.X] = Math.Min(map[run.Y * width + run.X], 1 - (1 - left) * run.Share);
    }

    private PolygonPixels Rasterize(ReadOnlySpan<Point3> corners)
    {
        Span<Point3> view = stackalloc Point3[MaxCorners + 1];
        int count = 0;
        // Sutherland and Hodgman 1974, against the near plane alone.
        Point3 previous = camera.ToView(corners[^1]);
        foreach (Point3 corner in corners)
        {
            Point3 current = camera.ToView(corner);
            if (current.Z > Camera.Near != previous.Z > Camera.Near)
                view[count++] = previous
                    + (current - previous) * ((Camera.Near - previous.Z) / (current.Z - previous.Z));
            if (current.Z > Camera.Near)
                view[count++] = current;
            previous = current;
        }
        var points = new (float X, float Y)[count];
        for (int i = 0; i < count; i++)
            points[i] = camera.Project(view[i]);
        return new PolygonPixels(points, width, height);
    }

    private static float[] Ones(int count)
    {
        var ones = new float[count];
        Array.Fill(ones, 1f);
        return ones;
    }
}

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
            (top, bottom, left, right) = (Math.Min(top, y0), Math.Max(bottom, y0), Math.Min(left, x0),
                Math.Max(right, x0));
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
