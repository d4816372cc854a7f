namespace FastScnn.Scenes;

/// <summary>A point or direction in metres: x to the right, y up, z ahead. Own arithmetic, because the order of sums in
/// the vector types of .NET depends on the processor.</summary>
internal readonly record struct Point3(float X, float Y, float Z)
{
    public static Point3 operator +(Point3 a, Point3 b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z);

    public static Point3 operator -(Point3 a, Point3 b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z);

    public static Point3 operator *(Point3 a, float factor) => new(a.X * factor, a.Y * factor, a.Z * factor);

    public float Dot(Point3 other) => X * other.X + Y * other.Y + Z * other.Z;

    public Point3 Cross(Point3 o) => new(Y * o.Z - Z * o.Y, Z * o.X - X * o.Z, X * o.Y - Y * o.X);

    public Point3 Unit() => this * (1 / MathF.Sqrt(Dot(this)));
}

/// <summary>A pinhole camera over the street: all perspective is here.</summary>
internal sealed class Camera
{
    /// <summary>Nothing nearer than this is drawn, in metres along the axis.</summary>
    public const float Near = 0.3f;

    private readonly Point3 _right, _up, _forward;
    private readonly float _centerX, _centerY;

    /// <summary>Places the camera.</summary>
    /// <param name="width">Columns of the image.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="lateral">Metres to the right of the road's middle.</param>
    /// <param name="random">Chooses height, yaw, pitch, roll and focal length.</param>
    public Camera(int width, int height, float lateral, SceneRandom random)
    {
        Eye = new Point3(lateral, random.Next(1.2f, 2.1f), 0);
        float yaw = random.Next(-0.13f, 0.13f), pitch = random.Next(-0.11f, 0.035f), roll = random.Next(-0.02f, 0.02f);
        _forward = new Point3(yaw, pitch, 1).Unit();
        Point3 level = new Point3(0, 1, 0).Cross(_forward).Unit();
        Point3 upright = _forward.Cross(level);
        _right = (level + upright * roll).Unit();
        _up = _forward.Cross(_right);
        Focal = random.Next(0.72f, 1.0f) * Math.Max(width, height * 4 / 3f);
        (_centerX, _centerY) = (width / 2f, height / 2f);
    }

    public Point3 Eye { get; }

    /// <summary>Focal length in pixels.</summary>
    public float Focal { get; }

    /// <summary>Level direction to the right, for what always faces the camera.</summary>
    public Point3 Across => new Point3(_right.X, 0, _right.Z).Unit();

    /// <summary>A point as the camera sees it: z is the depth.</summary>
    public Point3 ToView(Point3 point) => Turn(point - Eye);

    /// <summary>A direction as the camera sees it.</summary>
    public Point3 Turn(Point3 direction) => new(direction.Dot(_right), direction.Dot(_up), direction.Dot(_forward));

    /// <summary>Column and row of a point in camera coordinates; pixel centres lie at halves.</summary>
    public (float X, float Y) Project(Point3 view) =>
        (_centerX + Focal * view.X / view.Z, _centerY - Focal * view.Y / view.Z);

    /// <summary>The direction of a pixel in the camera's coordinates, of depth 1.</summary>
    public Point3 ViewRay(float x, float y) => new((x - _centerX) / Focal, (_centerY - y) / Focal, 1);

    /// <summary>The direction of a pixel in the world, of depth 1.</summary>
    public Point3 WorldRay(float x, float y)
    {
        Point3 ray = ViewRay(x, y);
        return _right * ray.X + _up * ray.Y + _forward;
    }
}

/// <summary>From a pixel to the place on a flat surface that it shows (the inverse of the surface's
/// homography).</summary>
internal readonly struct PlaneMap
{
    private readonly Camera _camera;
    private readonly Point3 _u, _v, _w;

    /// <summary>Rows of the inverse of [u v origin] in camera coordinates: a pixel's ray times them is (u, v, 1) /
    /// depth.</summary>
    public PlaneMap(Camera camera, Point3 origin, Point3 u, Point3 v)
    {
        _camera = camera;
        (Point3 a, Point3 b, Point3 c) = (camera.Turn(u), camera.Turn(v), camera.ToView(origin));
        float determinant = a.Dot(b.Cross(c));
        float scale = determinant == 0 ? 0 : 1 / determinant;
        (_u, _v, _w) = (b.Cross(c) * scale, c.Cross(a) * scale, a.Cross(b) * scale);
    }

    /// <summary>Place, pixel size on the surface, and depth.</summary>
    public (float U, float V, float Du, float Dv, float Depth) At(float x, float y)
    {
        Point3 ray = _camera.ViewRay(x, y);
        float depth = 1 / Math.Max(ray.Dot(_w), 1e-5f);
        float u = ray.Dot(_u) * depth, v = ray.Dot(_v) * depth, step = depth / _camera.Focal;
        float du = (Math.Abs(_u.X - u * _w.X) + Math.Abs(_u.Y - u * _w.Y)) * step;
        float dv = (Math.Abs(_v.X - v * _w.X) + Math.Abs(_v.Y - v * _w.Y)) * step;
        return (u, v, du, dv, depth);
    }
}
