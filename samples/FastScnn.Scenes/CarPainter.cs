namespace FastScnn.Torch.Scenes;

/// <summary>Paints the parts of one car that face the camera. Places are right of, above and ahead of the car's middle on the ground.</summary>
internal sealed class CarPainter(Canvas canvas, Func<float, float, float, Point3> place, Rgb paint, float sunlit)
{
    public static readonly Rgb Rubber = new(0.035f, 0.035f, 0.037f);

    private readonly Point3 _inside = place(0, 0.8f, 0);

    public bool Dusk => canvas.Sun.Dusk;

    /// <summary>Whether the camera sees the flank at this x from outside.</summary>
    public bool Sees(float x) => Faces(place(x, 0.6f, 0), place(x, 0.6f, 0) - place(0, 0.6f, 0));

    /// <summary>A flat part of the body; drawn when its outside faces the camera.</summary>
    /// <param name="corners">Its corners.</param>
    /// <param name="color">Its paint.</param>
    /// <param name="outward">The side that a part of a flank belongs to, 0 for other parts.</param>
    public void Panel(ReadOnlySpan<(float X, float Y, float Z)> corners, Rgb color, float outward = 0)
    {
        Span<Point3> points = stackalloc Point3[corners.Length];
        Place(corners, points);
        Point3 normal = Normal(points, outward);
        if (!Faces(points[0], normal))
            return;
        // Lacquer mirrors the sky where it looks up.
        Rgb gloss = canvas.Sun.Horizon * (0.03f + 0.13f * Math.Max(normal.Y, 0));
        canvas.Fill(points, color * canvas.Sun.On(normal, sunlit) + gloss, SceneClass.Car);
    }

    /// <summary>A window: dark, with the sky or the street in it.</summary>
    public void Glass(ReadOnlySpan<(float X, float Y, float Z)> corners, float outward = 0)
    {
        Span<Point3> points = stackalloc Point3[corners.Length];
        Place(corners, points);
        Point3 normal = Normal(points, outward);
        if (!Faces(points[0], normal))
            return;
        var bottom = points[0];
        canvas.Fill(points, bottom, (points[^1] - bottom).Unit(), (points[1] - bottom).Unit(), new Pane(canvas.Sun, normal, paint), SceneClass.Car);
    }

    /// <summary>A lamp, plate or grille on the front (1) or rear (-1).</summary>
    public void Lamp(ReadOnlySpan<(float X, float Y, float Z)> corners, Rgb color, bool burns, int faces)
    {
        Point3 normal = place(0, 0, faces) - place(0, 0, 0);
        Span<Point3> points = stackalloc Point3[corners.Length];
        Place(corners, points);
        if (Faces(points[0], normal))
            canvas.Fill(points, burns ? color : color * canvas.Sun.On(normal, sunlit), SceneClass.Car);
    }

    /// <summary>An upright strip across the car, seen from both sides.</summary>
    public void Across(float from, float to, float z, float low, float high, Rgb color) =>
        canvas.Fill([place(from, low, z), place(from, high, z), place(to, high, z), place(to, low, z)], color * canvas.Sun.Ambient, SceneClass.Car);

    /// <summary>A dark block inside the body, so that nothing behind the car shows through between two panels.</summary>
    public void Core((float Half, float Y, float Rear, float Front) bottom, (float Half, float Y, float Rear, float Front) top)
    {
        Point3 a = Corner(bottom, -1, bottom.Rear), b = Corner(bottom, 1, bottom.Rear), c = Corner(bottom, 1, bottom.Front), d = Corner(bottom, -1, bottom.Front);
        Point3 e = Corner(top, -1, top.Rear), f = Corner(top, 1, top.Rear), g = Corner(top, 1, top.Front), h = Corner(top, -1, top.Front);
        Rgb color = paint * 0.3f * canvas.Sun.Ambient;
        canvas.Fill([a, e, f, b], color, SceneClass.Car);
        canvas.Fill([d, h, g, c], color, SceneClass.Car);
        canvas.Fill([a, e, h, d], color, SceneClass.Car);
        canvas.Fill([b, f, g, c], color, SceneClass.Car);
        canvas.Fill([e, f, g, h], color, SceneClass.Car);

        Point3 Corner((float Half, float Y, float Rear, float Front) level, int side, float z) => place(side * level.Half, level.Y, z);
    }

    /// <summary>A wheel in its arch.</summary>
    public void Wheel(float x, float z, float radius)
    {
        Point3 hub = place(x * 1.005f, radius, z), ahead = place(0, 0, 1) - place(0, 0, 0), up = new(0, 1, 0);
        Rgb light = canvas.Sun.On((place(x, 0, 0) - place(0, 0, 0)).Unit(), sunlit);
        Ring(1.16f, paint * light * 0.15f);
        Ring(1, Rubber * light);
        Ring(0.66f, new Rgb(0.32f, 0.33f, 0.34f) * light);
        Ring(0.5f, new Rgb(0.12f, 0.12f, 0.13f) * light);
        Ring(0.2f, new Rgb(0.3f, 0.3f, 0.3f) * light);

        void Ring(float share, Rgb color) => canvas.Fill(Disc.Around(hub, ahead * (radius * share), up * (radius * share)), color, SceneClass.Car);
    }

    private void Place(ReadOnlySpan<(float X, float Y, float Z)> corners, Span<Point3> points)
    {
        for (int i = 0; i < corners.Length; i++)
            points[i] = place(corners[i].X, corners[i].Y, corners[i].Z);
    }

    // Away from the car's inside, whichever way round the corners run.
    private Point3 Normal(ReadOnlySpan<Point3> points, float outward)
    {
        Point3 normal = (points[1] - points[0]).Cross(points[^1] - points[0]).Unit();
        Point3 away = outward == 0 ? points[0] + points[2 % points.Length] - _inside - _inside : place(outward, 0, 0) - place(0, 0, 0);
        return normal.Dot(away) < 0 ? normal * -1 : normal;
    }

    private bool Faces(Point3 point, Point3 normal) => normal.Dot(canvas.Camera.Eye - point) > 0;

    private sealed class Pane(Sunlight sun, Point3 normal, Rgb paint) : Material
    {
        private readonly Rgb _mirror = Rgb.Lerp(sun.Horizon, sun.Zenith, Math.Clamp(normal.Y, 0, 1)) * (0.10f + 0.28f * Math.Max(normal.Y, 0));

        public override Rgb Shade(float u, float v, float du, float dv) =>
            new Rgb(0.018f, 0.02f, 0.022f) + paint * 0.015f + _mirror * Math.Clamp(0.35f + v * 1.3f, 0.3f, 1.2f);
    }
}
