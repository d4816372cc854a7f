namespace FastScnn.ML;

/// <summary>Bilinear resizing of byte planes: pixel centres aligned, no smoothing before shrinking, results rounded to nearest.</summary>
internal static class PlaneResize
{
    /// <summary>Resizes three planes of <paramref name="width"/> x <paramref name="height"/> bytes.</summary>
    public static void Bilinear(ReadOnlySpan<byte> planes, int width, int height, Span<byte> resized, int newWidth, int newHeight)
    {
        BilinearTap[] columns = BilinearTap.Along(newWidth, width, alignCorners: false);
        BilinearTap[] rows = BilinearTap.Along(newHeight, height, alignCorners: false);
        for (int c = 0; c < 3; c++)
        {
            ReadOnlySpan<byte> plane = planes.Slice(c * width * height, width * height);
            for (int y = 0; y < newHeight; y++)
            {
                BilinearTap row = rows[y];
                ReadOnlySpan<byte> top = plane.Slice(row.Low * width, width);
                ReadOnlySpan<byte> bottom = plane.Slice(row.High * width, width);
                Span<byte> target = resized.Slice((c * newHeight + y) * newWidth, newWidth);
                for (int x = 0; x < newWidth; x++)
                {
                    BilinearTap column = columns[x];
                    float above = Mix(top[column.Low], top[column.High], column.Fraction);
                    float below = Mix(bottom[column.Low], bottom[column.High], column.Fraction);
                    target[x] = (byte)(Mix(above, below, row.Fraction) + 0.5f);
                }
            }
        }
    }

    private static float Mix(float from, float to, float fraction) => from + fraction * (to - from);
}
