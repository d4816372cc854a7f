namespace FastScnn.Torch.Scenes;

/// <summary>A colour in linear light; 1 is paper white at noon. Encoding is a square root, which is exact everywhere, unlike a power.</summary>
internal readonly record struct Rgb(float R, float G, float B)
{
    /// <summary>The colour that a picture stores as these bytes.</summary>
    public static Rgb Encoded(int red, int green, int blue) => new(Decode(red), Decode(green), Decode(blue));

    public static Rgb operator +(Rgb a, Rgb b) => new(a.R + b.R, a.G + b.G, a.B + b.B);

    public static Rgb operator *(Rgb a, Rgb b) => new(a.R * b.R, a.G * b.G, a.B * b.B);

    public static Rgb operator *(Rgb a, float factor) => new(a.R * factor, a.G * factor, a.B * factor);

    public static Rgb Lerp(Rgb a, Rgb b, float share) => a + (b + a * -1) * share;

    private static float Decode(int value) => value / 255f * (value / 255f);
}
