using static FastScnn.Torch.Scenes.Filter;

namespace FastScnn.Torch.Scenes;

/// <summary>A clump of leaves: a ball with a ragged edge, lit from the sun's side.</summary>
internal static class Foliage
{
    private const float Ragged = 0.38f;

    /// <summary>Paints one clump.</summary>
    /// <param name="canvas">Where.</param>
    /// <param name="centre">Its middle in the world.</param>
    /// <param name="radius">Metres.</param>
    /// <param name="leaf">Colour of a leaf.</param>
    /// <param name="sunlit">How much sun reaches it, 0..1.</param>
    /// <param name="key">Makes clumps differ.</param>
    public static void Draw(Canvas canvas, Point3 centre, float radius, Rgb leaf, float sunlit, float key)
    {
        Camera camera = canvas.Camera;
        Point3 view = camera.ToView(centre);
        if (view.Z < Camera.Near + radius * 0.4f)
            return;
        (float cx, float cy) = camera.Project(view);
        float size = radius * camera.Focal / view.Z, reach = size * (1 + Ragged);
        int left = (int)Math.Clamp(cx - reach, 0, canvas.Width), right = (int)Math.Clamp(cx + reach + 1, 0, canvas.Width);
        int top = (int)Math.Clamp(cy - reach, 0, canvas.Height), bottom = (int)Math.Clamp(cy + reach + 1, 0, canvas.Height);
        Point3 toSun = camera.Turn(new Point3(canvas.Sun.TowardX, canvas.Sun.Rise, canvas.Sun.TowardZ).Unit());
        float haze = canvas.Sun.HazeAt(view.Z), pixel = radius / size, coarse = radius * 1.7f, fine = radius * 5.5f, leaves = radius * 17f;
        float leafy = 0.8f * Visible(0.055f, pixel);
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                int index = y * canvas.Width + x;
                if (canvas.IsHidden(index))
                    continue;
                float dx = (x + 0.5f - cx) / size, dy = (cy - y - 0.5f) / size, square = dx * dx + dy * dy;
                if (square > (1 + Ragged) * (1 + Ragged))
                    continue;
                float detail = ValueNoise.Sample(dx * fine + key, dy * fine) * Visible(0.16f, pixel);
                if (leafy > 0)
                    detail += leafy * ValueNoise.Sample(dx * leaves, dy * leaves + key);
                float edge = 1 - MathF.Sqrt(square) + Ragged * (0.6f * ValueNoise.Sample(dx * coarse, dy * coarse + key) + 0.55f * detail);
                float share = Math.Clamp(edge * size * 0.8f + 0.5f, 0, 1);
                if (share <= 0)
                    continue;
                float depth = MathF.Sqrt(Math.Max(1 - square, 0.05f));
                float facing = dx * toSun.X + dy * toSun.Y - depth * toSun.Z;
                float gaps = 1 + 0.45f * detail + 0.3f * ValueNoise.Sample(dx * coarse * 2 + key, dy * coarse * 2);
                Rgb light = canvas.Sun.Ambient * (0.55f + 0.35f * dy) + canvas.Sun.Sun * (sunlit * Math.Max(0.15f + 0.6f * facing, 0.03f));
                Rgb color = leaf * light * Math.Max(gaps, 0.1f);
                canvas.Blend(index, Rgb.Lerp(color, canvas.Sun.Haze, haze), share);
                if (share >= 0.5f)
                    canvas.Ids[index] = SceneClass.Vegetation;
            }
        }
    }
}
