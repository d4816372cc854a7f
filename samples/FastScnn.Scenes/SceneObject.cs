namespace FastScnn.Scenes;

/// <summary>Something that stands in the street.</summary>
internal abstract class SceneObject
{
    /// <summary>Metres ahead of its farthest part: objects are painted from the largest to the smallest.</summary>
    public abstract float Far { get; }

    /// <summary>Darkens the ground that it keeps sun and sky from.</summary>
    public abstract void CastShadow(Canvas canvas);

    /// <summary>Announces its opaque walls (<see cref="Canvas.Announce"/>); only worth it for what covers
    /// much.</summary>
    public virtual void Announce(Canvas canvas)
    {
    }

    /// <summary>Paints it.</summary>
    public abstract void Draw(Canvas canvas);

    /// <summary>A flat upright shape, by its corners right of and above its foot, for what is much the same from all
    /// sides.</summary>
    protected static void FillUpright(Canvas canvas, Point3 foot, Point3 across, ReadOnlySpan<(float X, float Y)> shape,
        Rgb color, byte id)
    {
        Span<Point3> corners = stackalloc Point3[shape.Length];
        for (int i = 0; i < shape.Length; i++)
            corners[i] = foot + across * shape[i].X + new Point3(0, shape[i].Y, 0);
        canvas.Fill(corners, color, id);
    }

    /// <summary>The shadow of an upright strip.</summary>
    protected static void ShadowStrip(Canvas canvas, Point3 foot, float from, float to, float width, float left)
    {
        if (canvas.Sun.Overcast)
            return;
        var side = new Point3(-canvas.Sun.TowardZ, 0, canvas.Sun.TowardX) * (width / 2);
        Point3 start = canvas.Sun.ShadowOf(foot + new Point3(0, from, 0)),
            end = canvas.Sun.ShadowOf(foot + new Point3(0, to, 0));
        canvas.Shadow([start - side, start + side, end + side, end - side], canvas.GroundSun, left);
    }
}

/// <summary>Round shapes as polygons of 24 corners.</summary>
internal static class Disc
{
    private static readonly (float X, float Y)[] s_quarter =
        [(1, 0), (0.9659258f, 0.2588190f), (0.8660254f, 0.5f), (0.7071068f, 0.7071068f), (0.5f, 0.8660254f),
            (0.2588190f, 0.9659258f)];

    /// <summary>An ellipse in the plane of two half axes.</summary>
    public static Point3[] Around(Point3 centre, Point3 first, Point3 second)
    {
        var corners = new Point3[4 * s_quarter.Length];
        for (int i = 0; i < corners.Length; i++)
        {
            (float x, float y) = s_quarter[i % s_quarter.Length];
            for (int turn = i / s_quarter.Length; turn > 0; turn--)
                (x, y) = (-y, x);
            corners[i] = centre + first * x + second * y;
        }
        return corners;
    }
}

/// <summary>What a flat surface looks like, point by point.</summary>
internal abstract class Material
{
    /// <summary>The light that a point sends to the camera.</summary>
    /// <param name="u">Metres along the surface's first axis.</param>
    /// <param name="v">Metres along its second axis.</param>
    /// <param name="du">Metres that one pixel covers along the first axis: detail below it must fade.</param>
    /// <param name="dv">The same along the second axis.</param>
    public abstract Rgb Shade(float u, float v, float du, float dv);
}

/// <summary>One colour all over.</summary>
internal sealed class PlainMaterial(Rgb color) : Material
{
    public override Rgb Shade(float u, float v, float du, float dv) => color;
}

/// <summary>Keeps patterns from flickering where they are finer than the pixels.</summary>
internal static class Filter
{
    /// <summary>How much of a pixel of this size at <paramref name="x"/> lies between two lines, 0..1.</summary>
    public static float Band(float x, float from, float to, float size) =>
        Math.Clamp((x - from) / size + 0.5f, 0, 1) - Math.Clamp((x - to) / size + 0.5f, 0, 1);

    /// <summary>1 where detail of this size can be seen, 0 where a pixel is larger than the detail.</summary>
    public static float Visible(float detail, float pixel) => Math.Clamp(1.5f - pixel / detail, 0, 1);
}
