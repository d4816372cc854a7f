namespace FastScnn.Torch.Scenes;

/// <summary>Round shapes as polygons of twelve corners.</summary>
internal static class Disc
{
    private const float Half = 0.5f, Long = 0.8660254f;

    private static readonly (float X, float Y)[] s_corners =
    [
        (1, 0), (Long, Half), (Half, Long), (0, 1), (-Half, Long), (-Long, Half),
        (-1, 0), (-Long, -Half), (-Half, -Long), (0, -1), (Half, -Long), (Long, -Half),
    ];

    /// <summary>An ellipse in the plane of two half axes.</summary>
    public static Point3[] Around(Point3 centre, Point3 first, Point3 second)
    {
        var corners = new Point3[s_corners.Length];
        for (int i = 0; i < corners.Length; i++)
            corners[i] = centre + first * s_corners[i].X + second * s_corners[i].Y;
        return corners;
    }
}
