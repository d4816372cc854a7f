namespace FastScnn.Torch.Data;

/// <summary>A decoded photo: red, green and blue of every pixel, row by row from the top left.</summary>
public sealed class PixelBuffer
{
    /// <summary>Bytes a pixel.</summary>
    public const int Channels = 3;

    private readonly byte[] _rgb;

    /// <summary>Wraps an array of pixels without copying it.</summary>
    /// <param name="width">Columns, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <param name="rgb">3 x <paramref name="width"/> x <paramref name="height"/> bytes: red, green, blue of each pixel, row-major, no padding. The photo owns the array from now on.</param>
    /// <exception cref="ArgumentException">A side is less than 1, or the number of bytes is not 3 x width x height.</exception>
    public PixelBuffer(int width, int height, byte[] rgb)
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

    /// <summary>How the pixels lie, as the file says. Default: <see cref="PhotoOrientation.TopLeft"/>, upright.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such orientation.</exception>
    public PhotoOrientation Orientation
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw Errors.UnknownOrientation(value);
    } = PhotoOrientation.TopLeft;

    /// <summary>Whether the file has pixels that are transparent, wholly or in part; <see cref="Rgb"/> has them blended with black. Default: false.</summary>
    public bool HasTransparency { get; init; }

    /// <summary>The size of the upright picture.</summary>
    public (int Width, int Height) UprightSize => Orientation >= PhotoOrientation.LeftTop ? (Height, Width) : (Width, Height);

    /// <summary>The upright picture: the photo itself where it is upright, otherwise a turned copy.</summary>
    public PixelBuffer ToUpright()
    {
        if (Orientation == PhotoOrientation.TopLeft)
            return this;
        (int width, int height) = UprightSize;
        var upright = new byte[_rgb.Length];
        (int first, int right, int down) = Steps();
        for (int y = 0, target = 0; y < height; y++)
            for (int x = 0, source = first + y * down; x < width; x++, source += right, target += Channels)
            {
                upright[target] = _rgb[source];
                upright[target + 1] = _rgb[source + 1];
                upright[target + 2] = _rgb[source + 2];
            }
        return new PixelBuffer(width, height, upright) { HasTransparency = HasTransparency };
    }

    /// <summary>The photo with its pixels as stored, and without its orientation.</summary>
    internal PixelBuffer AsStored() => Orientation == PhotoOrientation.TopLeft ? this : new PixelBuffer(Width, Height, _rgb) { HasTransparency = HasTransparency };

    // Where the upright picture's first pixel is stored, and how many bytes further its neighbours to the right and below are.
    private (int First, int Right, int Down) Steps()
    {
        int column = Channels, row = Channels * Width, right = (Width - 1) * column, bottom = (Height - 1) * row;
        return Orientation switch
        {
            PhotoOrientation.TopRight => (right, -column, row),
            PhotoOrientation.BottomRight => (right + bottom, -column, -row),
            PhotoOrientation.BottomLeft => (bottom, column, -row),
            PhotoOrientation.LeftTop => (0, row, column),
            PhotoOrientation.RightTop => (bottom, -row, column),
            PhotoOrientation.RightBottom => (right + bottom, -row, -column),
            PhotoOrientation.LeftBottom => (right, row, -column),
            _ => (0, column, row),
        };
    }
}
