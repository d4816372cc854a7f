namespace FastScnn.Torch.Data;

/// <summary>A decoded photo: red, green and blue of every pixel, row by row from the top left.</summary>
public sealed class Photo
{
    /// <summary>Bytes a pixel.</summary>
    public const int Channels = 3;

    private readonly byte[] _rgb;

    /// <summary>Wraps an array of pixels without copying it.</summary>
    /// <param name="width">Columns, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <param name="rgb">3 x <paramref name="width"/> x <paramref name="height"/> bytes: red, green, blue of each pixel, row-major, no padding. The photo owns the array from now on.</param>
    /// <exception cref="ArgumentException">A side is less than 1, or the number of bytes is not 3 x width x height.</exception>
    public Photo(int width, int height, byte[] rgb)
    {
        ArgumentNullException.ThrowIfNull(rgb);
        if (width < 1 || height < 1 || rgb.LongLength != Channels * (long)width * height)
            throw Errors.PhotoSize(width, height, rgb.LongLength);
        (Width, Height, _rgb) = (width, height, rgb);
    }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The pixels, 3 x <see cref="Width"/> x <see cref="Height"/> bytes: red, green, blue, row-major.</summary>
    public ReadOnlyMemory<byte> Rgb => _rgb;
}
