namespace FastScnn.Torch.Scenes;

/// <summary>
/// The picture and its label map while they are painted back to front. Edges are smooth in the picture; a pixel of the
/// label map belongs to the last surface that covers its centre.
/// </summary>
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

    /// <summary>How much sun reaches the ground in a pixel, 0..1; painted by <see cref="Shadow"/> before the ground is.</summary>
    public float[] GroundSun { get; } = Ones(width * height);

    /// <summary>How much sky light reaches the ground in a pixel, 0..1.</summary>
    public float[] GroundSky { get; } = Ones(width * height);

    /// <summary>The place in the painting order of what is painted now; 0 for sky and ground.</summary>
    public int Turn { get; set; }

    /// <summary>Whether a wall that is painted later covers the whole pixel, so that painting it now would be in vain.</summary>
    public bool IsHidden(int pixel) => _coveredAt[pixel] > Turn;

    /// <summary>Announces an opaque polygon that is painted at <see cref="Turn"/>. Announce from the farthest to the nearest.</summary>
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

    /// <summary>Darkens the ground inside a convex polygon; shadows that overlap are as dark as the darker one.</summary>
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
                view[count++] = previous + (current - previous) * ((Camera.Near - previous.Z) / (current.Z - previous.Z));
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
