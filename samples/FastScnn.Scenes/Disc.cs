namespace FastScnn.Torch.Scenes;

/// <summary>Round shapes as polygons of 24 corners.</summary>
internal static class Disc
{
    private static readonly (float X, float Y)[] s_quarter =
        [(1, 0), (0.9659258f, 0.2588190f), (0.8660254f, 0.5f), (0.7071068f, 0.7071068f), (0.5f, 0.8660254f), (0.2588190f, 0.9659258f)];

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
