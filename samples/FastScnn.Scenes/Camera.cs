namespace FastScnn.Torch.Scenes;

/// <summary>A pinhole camera over the street: all perspective is here.</summary>
internal sealed class Camera
{
    /// <summary>Nothing nearer than this is drawn, in metres along the axis.</summary>
    public const float Near = 0.3f;

    private readonly Point3 _right, _up, _forward;
    private readonly float _centerX, _centerY;

    /// <summary>Places the camera.</summary>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
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
