namespace FastScnn.Scenes;

/// <summary>The outline of a kind of car from the side.</summary>
/// <param name="Length">Bumper to bumper, in metres.</param>
/// <param name="Width">Without mirrors.</param>
/// <param name="Roof">Height of the roof.</param>
/// <param name="Belt">Height of the window sills.</param>
/// <param name="TailEnd">Where the boot lid ends and the rear window starts, as a share of the length from the
/// rear.</param>
/// <param name="RoofFrom">Rear end of the roof.</param>
/// <param name="RoofTo">Front end of the roof.</param>
/// <param name="HoodFrom">Foot of the windscreen.</param>
internal sealed record CarShape(float Length, float Width, float Roof, float Belt, float TailEnd, float RoofFrom,
    float RoofTo, float HoodFrom);

/// <summary>A car, parked or driving: body, glass, wheels, lamps, plate.</summary>
internal sealed class Car : SceneObject
{
    private const float Wheel = 0.33f, Sill = 0.27f;

    private static readonly CarShape[] s_shapes =
    [
        new(4.5f, 1.8f, 1.44f, 0.93f, 0.16f, 0.32f, 0.60f, 0.76f),
        new(3.9f, 1.72f, 1.5f, 0.95f, 0.03f, 0.12f, 0.56f, 0.76f),
        new(4.6f, 1.88f, 1.72f, 1.08f, 0.02f, 0.10f, 0.58f, 0.74f),
        new(4.7f, 1.82f, 1.46f, 0.94f, 0.02f, 0.10f, 0.58f, 0.74f),
        new(5.2f, 1.95f, 2.25f, 1.15f, 0.01f, 0.03f, 0.70f, 0.86f),
    ];

    private static readonly Rgb[] s_paints =
    [
        new(0.62f, 0.62f, 0.62f), new(0.36f, 0.37f, 0.39f), new(0.03f, 0.03f, 0.035f), new(0.10f, 0.11f, 0.12f),
        new(0.42f, 0.03f, 0.03f),
        new(0.04f, 0.09f, 0.32f), new(0.12f, 0.27f, 0.42f), new(0.06f, 0.17f, 0.08f), new(0.45f, 0.42f, 0.34f),
        new(0.62f, 0.32f, 0.03f), new(0.6f, 0.5f, 0.06f),
    ];

    private readonly CarShape _shape;
    private readonly Rgb _paint;
    private readonly Point3 _centre, _right, _ahead;
    private readonly bool _braking;
    private readonly float _sunlit;

    /// <summary>Places a car.</summary>
    /// <param name="road">The street.</param>
    /// <param name="sun">The light.</param>
    /// <param name="centre">Its middle, on the ground.</param>
    /// <param name="ahead">Where its front points, of length 1.</param>
    /// <param name="random">Chooses shape and paint.</param>
    public Car(RoadLayout road, Sunlight sun, Point3 centre, Point3 ahead, SceneRandom random)
    {
        _shape = random.Pick<CarShape>(s_shapes);
        _paint = random.Pick<Rgb>(s_paints);
        _braking = random.Chance(0.25f);
        (_centre, _ahead, _right) = (centre, ahead, new Point3(ahead.Z, 0, -ahead.X));
        _sunlit = road.SunReaches(sun, centre + new Point3(0, 1, 0));
    }

    public override float Far => _centre.Z + Math.Abs(_ahead.Z) * _shape.Length * 0.3f;

    public override void CastShadow(Canvas canvas)
    {
        float half = _shape.Width / 2, length = _shape.Length / 2;
        Point3[] floor = [Place(-half, 0, -length), Place(-half, 0, length), Place(half, 0, length),
            Place(half, 0, -length)];
        canvas.Shadow(floor, canvas.GroundSky, 0.12f);
        canvas.Shadow(floor, canvas.GroundSun, 0);
        canvas.Shadow([Place(-half - 0.2f, 0, -length - 0.2f), Place(-half - 0.2f, 0, length + 0.2f),
            Place(half + 0.2f, 0, length + 0.2f), Place(half + 0.2f, 0, -length - 0.2f)], canvas.GroundSky, 0.5f);
        if (canvas.Sun.Overcast)
            return;
        // The sweep of the floor along the light, in steps; the upper half is the narrower cabin.
        for (float up = 0.2f; up <= 1; up += 0.2f)
        {
            float rear = up > 0.65f ? (_shape.RoofFrom - 0.5f) * _shape.Length : -length,
                front = up > 0.65f ? (_shape.RoofTo - 0.5f) * _shape.Length : length;
            float y = up * _shape.Roof;
            canvas.Shadow(
                [canvas.Sun.ShadowOf(Place(-half, y, rear)), canvas.Sun.ShadowOf(Place(-half, y, front)),
                    canvas.Sun.ShadowOf(Place(half, y, front)), canvas.Sun.ShadowOf(Place(half, y, rear))],
                canvas.GroundSun, 0.1f);
        }
    }

    public override void Draw(Canvas canvas)
    {
        var painter = new CarPainter(canvas, Place, _paint, _sunlit);
        float half = _shape.Width / 2, roofHalf = half * 0.76f, rear = -_shape.Length / 2, front = -rear,
            belt = _shape.Belt;
        float tail = At(_shape.TailEnd), roofFrom = At(_shape.RoofFrom), roofTo = At(_shape.RoofTo),
            hood = At(_shape.HoodFrom), nose = belt * 0.86f;
        float rearAxle = rear + 0.85f, frontAxle = front - 0.85f;

        foreach (float x in (ReadOnlySpan<float>)[-half, half])
        {
            // Tyres seen below the bumpers.
            painter.Across(x * 0.72f, x * 0.98f, rearAxle - 0.2f, 0, Sill + 0.15f, CarPainter.Rubber);
            painter.Across(x * 0.72f, x * 0.98f, frontAxle + 0.2f, 0, Sill + 0.15f, CarPainter.Rubber);
        }
        const float Inset = 0.03f;
        painter.Core((half - Inset, Sill + Inset, rear + 0.08f, front - 0.08f),
            (half - Inset, nose - Inset, rear + 0.08f, front - 0.14f));
        painter.Core((half - Inset, nose - 0.1f, rear + 0.08f, hood),
            (half - Inset, belt - Inset, rear + 0.08f, hood - Inset));
        painter.Core((half - Inset, belt - 0.1f, tail + Inset, hood - Inset),
            (roofHalf - Inset, _shape.Roof - Inset, roofFrom + Inset, roofTo - Inset));
        painter.Panel([(-half, Sill, rear + 0.05f), (-half, 0.5f, rear), (half, 0.5f, rear),
            (half, Sill, rear + 0.05f)], _paint * 0.5f);
        painter.Panel([(-half, 0.5f, rear), (-half, belt, rear + 0.06f), (half, belt, rear + 0.06f),
            (half, 0.5f, rear)], _paint);
        painter.Panel([(half, Sill, front - 0.05f), (half, 0.48f, front), (-half, 0.48f, front),
            (-half, Sill, front - 0.05f)], _paint * 0.45f);
        painter.Panel([(half, 0.48f, front), (half, nose, front - 0.12f), (-half, nose, front - 0.12f),
            (-half, 0.48f, front)], _paint);
        painter.Panel([(-half, belt, rear + 0.06f), (-half, belt + 0.01f, tail), (half, belt + 0.01f, tail),
            (half, belt, rear + 0.06f)], _paint);
        painter.Panel([(-half, belt, hood), (-half, nose, front - 0.12f), (half, nose, front - 0.12f),
            (half, belt, hood)], _paint);
        Ends(painter, half, rear, front, nose);
        foreach (float x in (ReadOnlySpan<float>)[-half, half])
            Flank(painter, x, belt, nose, rear, front, tail, hood, rearAxle, frontAxle);

        float roof = _shape.Roof;
        painter.Panel([(-half, belt - 0.03f, tail), (-roofHalf, roof, roofFrom), (roofHalf, roof, roofFrom),
            (half, belt - 0.03f, tail)], _paint);
        painter.Glass([(-half * 0.88f, belt + 0.07f, tail + 0.01f), (-roofHalf * 0.9f, roof - 0.09f, roofFrom - 0.02f),
            (roofHalf * 0.9f, roof - 0.09f, roofFrom - 0.02f), (half * 0.88f, belt + 0.07f, tail + 0.01f)]);
        painter.Panel([(half, belt, hood), (roofHalf, roof, roofTo), (-roofHalf, roof, roofTo), (-half, belt, hood)],
            _paint);
        painter.Glass([(half * 0.9f, belt + 0.03f, hood), (roofHalf * 0.93f, roof - 0.06f, roofTo + 0.02f),
            (-roofHalf * 0.93f, roof - 0.06f, roofTo + 0.02f), (-half * 0.9f, belt + 0.03f, hood)]);
        foreach (float side in (ReadOnlySpan<float>)[-1, 1])
            Cabin(painter, side * half, side * roofHalf, belt, roof, tail, roofFrom, roofTo, hood);
        painter.Panel([(-roofHalf, roof, roofFrom), (-roofHalf, roof + 0.02f, roofTo), (roofHalf, roof + 0.02f, roofTo),
            (roofHalf, roof, roofFrom)], _paint);
    }

    private void Ends(CarPainter painter, float half, float rear, float front, float nose)
    {
        Rgb tail = _braking ? new Rgb(1.1f, 0.05f, 0.03f) : new Rgb(0.40f, 0.02f, 0.02f);
        foreach (float x in (ReadOnlySpan<float>)[-1, 1])
        {
            painter.Lamp([(x * half * 0.96f, 0.62f, rear), (x * half * 0.94f, 0.84f, rear),
                (x * half * 0.62f, 0.82f, rear), (x * half * 0.64f, 0.68f, rear)], tail, _braking, faces: -1);
            painter.Lamp([(x * half * 0.95f, 0.58f, front), (x * half * 0.93f, nose - 0.06f, front),
                (x * half * 0.55f, nose - 0.1f, front), (x * half * 0.6f, 0.6f, front)], new Rgb(0.85f, 0.86f, 0.82f),
                painter.Dusk, faces: 1);
        }
        painter.Lamp([(-0.26f, 0.53f, rear), (-0.26f, 0.65f, rear), (0.26f, 0.65f, rear), (0.26f, 0.53f, rear)],
            new Rgb(0.7f, 0.7f, 0.66f), false, faces: -1);
        painter.Lamp([(-half * 0.55f, 0.36f, front), (-half * 0.5f, 0.58f, front), (half * 0.5f, 0.58f, front),
            (half * 0.55f, 0.36f, front)], new Rgb(0.03f, 0.03f, 0.03f), false, faces: 1);
        painter.Lamp([(-0.26f, 0.4f, front), (-0.26f, 0.51f, front), (0.26f, 0.51f, front), (0.26f, 0.4f, front)],
            new Rgb(0.7f, 0.7f, 0.66f), false, faces: 1);
    }

    private void Flank(CarPainter painter, float x, float belt, float nose, float rear, float front, float tail,
        float hood, float rearAxle, float frontAxle)
    {
        if (!painter.Sees(x))
            return;
        painter.Panel([(x, Sill, rear + 0.05f), (x, 0.5f, rear), (x, belt, rear + 0.06f), (x, belt, hood),
            (x, nose, front - 0.12f), (x, 0.48f, front), (x, Sill, front - 0.05f)], _paint, outward: x);
        painter.Panel([(x, Sill - 0.05f, rear + 0.4f), (x, Sill + 0.1f, rear + 0.2f), (x, Sill + 0.1f, front - 0.2f),
            (x, Sill - 0.05f, front - 0.4f)], _paint * 0.4f, outward: x);
        float door = (rearAxle + frontAxle) / 2;
        painter.Panel([(x, 0.4f, door - 0.015f), (x, belt, door - 0.015f), (x, belt, door + 0.015f),
            (x, 0.4f, door + 0.015f)], _paint * 0.3f, outward: x);
        painter.Panel([(x, belt - 0.14f, rear + 0.2f), (x, belt - 0.10f, rear + 0.2f), (x, belt - 0.12f, hood),
            (x, belt - 0.15f, hood)], _paint * 0.75f, outward: x);
        painter.Wheel(x, rearAxle, Wheel);
        painter.Wheel(x, frontAxle, Wheel);
    }

    private void Cabin(CarPainter painter, float x, float roofX, float belt, float roof, float tail, float roofFrom,
        float roofTo, float hood)
    {
        if (!painter.Sees(x))
            return;
        painter.Panel([(x, belt - 0.03f, tail), (roofX, roof, roofFrom), (roofX, roof, roofTo),
            (x, belt - 0.03f, hood)], _paint, outward: x);
        float low = belt + 0.05f, high = roof - 0.1f, edge = x + (roofX - x) * 0.85f, middle = (tail + hood) / 2 - 0.1f;
        painter.Glass([(x, low, middle + 0.05f), (edge, high, middle + 0.05f), (edge, high, roofTo - 0.02f),
            (x, low, hood - 0.22f)], x);
        if (_shape.Roof < 2)
            painter.Glass([(x, low, tail + 0.28f), (edge, high, roofFrom + 0.14f), (edge, high, middle - 0.05f),
                (x, low, middle - 0.05f)], x);
    }

    private float At(float share) => (share - 0.5f) * _shape.Length;

    private Point3 Place(float x, float y, float z) => _centre + _right * x + _ahead * z + new Point3(0, y, 0);
}

/// <summary>Paints the parts of one car that face the camera. Places are right of, above and ahead of the car's middle
/// on the ground.</summary>
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
        canvas.Fill(points, bottom, (points[^1] - bottom).Unit(), (points[1] - bottom).Unit(),
            new Pane(canvas.Sun, normal, paint), SceneClass.Car);
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
        canvas.Fill([place(from, low, z), place(from, high, z), place(to, high, z), place(to, low, z)],
            color * canvas.Sun.Ambient, SceneClass.Car);

    /// <summary>A dark block inside the body, so that nothing behind the car shows through between two
    /// panels.</summary>
    public void Core((float Half, float Y, float Rear, float Front) bottom,
        (float Half, float Y, float Rear, float Front) top)
    {
        Point3 a = Corner(bottom, -1, bottom.Rear), b = Corner(bottom, 1, bottom.Rear),
            c = Corner(bottom, 1, bottom.Front), d = Corner(bottom, -1, bottom.Front);
        Point3 e = Corner(top, -1, top.Rear), f = Corner(top, 1, top.Rear), g = Corner(top, 1, top.Front),
            h = Corner(top, -1, top.Front);
        Rgb color = paint * 0.3f * canvas.Sun.Ambient;
        canvas.Fill([a, e, f, b], color, SceneClass.Car);
        canvas.Fill([d, h, g, c], color, SceneClass.Car);
        canvas.Fill([a, e, h, d], color, SceneClass.Car);
        canvas.Fill([b, f, g, c], color, SceneClass.Car);
        canvas.Fill([e, f, g, h], color, SceneClass.Car);

        Point3 Corner((float Half, float Y, float Rear, float Front) level, int side, float z) =>
            place(side * level.Half, level.Y, z);
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

        void Ring(float share, Rgb color) =>
            canvas.Fill(Disc.Around(hub, ahead * (radius * share), up * (radius * share)), color, SceneClass.Car);
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
        Point3 away = outward == 0 ? points[0] + points[2 % points.Length] - _inside - _inside
            : place(outward, 0, 0) - place(0, 0, 0);
        return normal.Dot(away) < 0 ? normal * -1 : normal;
    }

    private bool Faces(Point3 point, Point3 normal) => normal.Dot(canvas.Camera.Eye - point) > 0;

    private sealed class Pane(Sunlight sun, Point3 normal, Rgb paint) : Material
    {
        private readonly Rgb _mirror = Rgb.Lerp(sun.Horizon, sun.Zenith, Math.Clamp(normal.Y, 0, 1))
            * (0.10f + 0.28f * Math.Max(normal.Y, 0));

        public override Rgb Shade(float u, float v, float du, float dv) =>
            new Rgb(0.018f, 0.02f, 0.022f) + paint * 0.015f + _mirror * Math.Clamp(0.35f + v * 1.3f, 0.3f, 1.2f);
    }
}
