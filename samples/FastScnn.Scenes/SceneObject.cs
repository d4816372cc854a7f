namespace FastScnn.Torch.Scenes;

/// <summary>Something that stands in the street.</summary>
internal abstract class SceneObject
{
    /// <summary>Metres ahead of its farthest part: objects are painted from the largest to the smallest.</summary>
    public abstract float Far { get; }

    /// <summary>Darkens the ground that it keeps sun and sky from.</summary>
    public abstract void CastShadow(Canvas canvas);

    /// <summary>Announces its opaque walls (<see cref="Canvas.Announce"/>); only worth it for what covers much.</summary>
    public virtual void Announce(Canvas canvas)
    {
    }

    /// <summary>Paints it.</summary>
    public abstract void Draw(Canvas canvas);

    /// <summary>A flat upright shape, by its corners right of and above its foot, for what is much the same from all sides.</summary>
    protected static void FillUpright(Canvas canvas, Point3 foot, Point3 across, ReadOnlySpan<(float X, float Y)> shape, Rgb color, byte id)
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
        Point3 start = canvas.Sun.ShadowOf(foot + new Point3(0, from, 0)), end = canvas.Sun.ShadowOf(foot + new Point3(0, to, 0));
        canvas.Shadow([start - side, start + side, end + side, end - side], canvas.GroundSun, left);
    }
}
