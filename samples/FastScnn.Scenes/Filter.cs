namespace FastScnn.Torch.Scenes;

/// <summary>Keeps patterns from flickering where they are finer than the pixels.</summary>
internal static class Filter
{
    /// <summary>How much of a pixel of this size at <paramref name="x"/> lies between two lines, 0..1.</summary>
    public static float Band(float x, float from, float to, float size) =>
        Math.Clamp((x - from) / size + 0.5f, 0, 1) - Math.Clamp((x - to) / size + 0.5f, 0, 1);

    /// <summary>1 where detail of this size can be seen, 0 where a pixel is larger than the detail.</summary>
    public static float Visible(float detail, float pixel) => Math.Clamp(1.5f - pixel / detail, 0, 1);
}
