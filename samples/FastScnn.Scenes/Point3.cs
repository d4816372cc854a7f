namespace FastScnn.Torch.Scenes;

/// <summary>A point or direction in metres: x to the right, y up, z ahead. Own arithmetic, because the order of sums in the vector types of .NET depends on the processor.</summary>
internal readonly record struct Point3(float X, float Y, float Z)
{
    public static Point3 operator +(Point3 a, Point3 b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z);

    public static Point3 operator -(Point3 a, Point3 b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z);

    public static Point3 operator *(Point3 a, float factor) => new(a.X * factor, a.Y * factor, a.Z * factor);

    public float Dot(Point3 other) => X * other.X + Y * other.Y + Z * other.Z;

    public Point3 Cross(Point3 o) => new(Y * o.Z - Z * o.Y, Z * o.X - X * o.Z, X * o.Y - Y * o.X);

    public Point3 Unit() => this * (1 / MathF.Sqrt(Dot(this)));
}
