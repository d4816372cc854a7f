namespace FastScnn.Torch.Data;

/// <summary>Decides whether a photo with an orientation is turned: the way in which its label was drawn, which the sizes show.</summary>
/// <remarks>
/// Where both ways fit (a square, a mirrored photo or one upside down), the photo is turned: labels are drawn in tools that show photos
/// upright, and photos are scored upright.
/// </remarks>
internal static class LabelledOrientation
{
    /// <summary>The photo that fits a label of this size; null is a label whose size cannot be read. The result has no orientation left to apply.</summary>
    public static PixelBuffer Fit(PixelBuffer stored, (int Width, int Height)? label) =>
        label is { } size && size == (stored.Width, stored.Height) && size != stored.UprightSize ? stored.AsStored() : stored.ToUpright();

    /// <summary>Whether the sizes leave it open how the label was drawn.</summary>
    public static bool IsOpen(PixelBuffer stored, (int Width, int Height)? label) =>
        stored.Orientation != PhotoOrientation.TopLeft && label == stored.UprightSize && label == (stored.Width, stored.Height);
}
