namespace FastScnn.Torch.Data.Augmentation;

/// <summary>
/// Which part of a scaled photo a crop shows. The scaled photo itself is never made: both samplers go from the pixels of the crop
/// straight to those of the source.
/// </summary>
/// <param name="ScaledWidth">Columns of the whole photo after scaling.</param>
/// <param name="ScaledHeight">Rows of the whole photo after scaling.</param>
/// <param name="Left">The first scaled column in the crop.</param>
/// <param name="Top">The first scaled row in the crop.</param>
/// <param name="Width">Columns of the crop that show the photo; the rest, on the right, is padding.</param>
/// <param name="Height">Rows of the crop that show the photo; the rest, at the bottom, is padding.</param>
/// <param name="Mirrored">Whether the shown columns run from right to left.</param>
internal readonly record struct CropWindow(int ScaledWidth, int ScaledHeight, int Left, int Top, int Width, int Height, bool Mirrored)
{
    /// <summary>The size that makes the short side of a photo <paramref name="shortSide"/>; the long side is rounded down, as in the seed.</summary>
    public static (int Width, int Height) Scaled(int width, int height, int shortSide)
    {
        int Long(int side, int other) => (int)Math.Min((long)side * shortSide / other, int.MaxValue);
        return width < height ? (shortSide, Long(height, width)) : (Long(width, height), shortSide);
    }

    /// <summary>A crop at a random place of the scaled photo.</summary>
    public static CropWindow Draw((int Width, int Height) scaled, int cropWidth, int cropHeight, bool mirrored, SampleRandom random)
    {
        int width = Math.Min(cropWidth, scaled.Width), height = Math.Min(cropHeight, scaled.Height);
        int left = random.NextInteger(0, scaled.Width - width);
        int top = random.NextInteger(0, scaled.Height - height);
        return new CropWindow(scaled.Width, scaled.Height, left, top, width, height, mirrored);
    }
}
