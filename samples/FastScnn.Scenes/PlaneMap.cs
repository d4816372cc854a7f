namespace FastScnn.Torch.Scenes;

/// <summary>From a pixel to the place on a flat surface that it shows (the inverse of the surface's homography).</summary>
internal readonly struct PlaneMap
{
    private readonly Camera _camera;
    private readonly Point3 _u, _v, _w;

    /// <summary>Rows of the inverse of [u v origin] in camera coordinates: a pixel's ray times them is (u, v, 1) / depth.</summary>
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
