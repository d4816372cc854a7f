namespace FastScnn.Torch.Data;

/// <summary>How the bytes of one pixel follow each other in memory, 8 bits a channel.</summary>
public enum PixelLayout
{
    /// <summary>Blue, green, red, alpha: 4 bytes; the usual layout of decoded images. Alpha is not looked at.</summary>
    Bgra32,

    /// <summary>Red, green, blue, alpha: 4 bytes. Alpha is not looked at.</summary>
    Rgba32,

    /// <summary>Blue, green, red: 3 bytes, as OpenCV keeps images.</summary>
    Bgr24,

    /// <summary>Red, green, blue: 3 bytes.</summary>
    Rgb24,

    /// <summary>One grey value: 1 byte, taken for red, green and blue.</summary>
    Gray8,
}

/// <summary>How the stored pixels of an image lie, with the numbers of EXIF: where the first stored row and the first
/// stored column belong in the upright image.</summary>
/// <remarks>EXIF 2.32, tag 0x0112. Cameras store the sensor's rows and tell by this tag how to turn them.</remarks>
public enum ImageOrientation
{
    /// <summary>The first row is the top and the first column the left: upright.</summary>
    TopLeft = 1,

    /// <summary>Left and right are exchanged.</summary>
    TopRight = 2,

    /// <summary>Upside down: to be turned by 180 degrees.</summary>
    BottomRight = 3,

    /// <summary>Top and bottom are exchanged.</summary>
    BottomLeft = 4,

    /// <summary>Rows and columns are exchanged.</summary>
    LeftTop = 5,

    /// <summary>To be turned by 90 degrees clockwise: what phones held upright store.</summary>
    RightTop = 6,

    /// <summary>Rows and columns are exchanged, and the image is upside down.</summary>
    RightBottom = 7,

    /// <summary>To be turned by 90 degrees anticlockwise.</summary>
    LeftBottom = 8,
}

/// <summary>An image in memory: its pixels, row by row from the top left, and what is needed to read them.</summary>
/// <remarks>It wraps memory of the caller, copies nothing and needs no disposing. Safe for several threads while nobody
/// writes to that memory.</remarks>
/// <example><code>
/// var frame = new PixelBuffer(1920, 1080, bytes, PixelLayout.Bgr24, stride: 5888);
/// SegmentationMap map = segmenter.Segment(frame);
/// </code></example>
public sealed class PixelBuffer
{
    /// <summary>Bytes of a pixel of <see cref="PixelLayout.Rgb24"/>, and planes of the network's input.</summary>
    internal const int Channels = 3;

    /// <summary>Wraps pixels without copying them.</summary>
    /// <param name="width">Columns, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <param name="pixels">The rows from the top. The memory must not change while the buffer is used.</param>
    /// <param name="layout">The meaning of the bytes of a pixel.</param>
    /// <param name="stride">Bytes from the start of one row to the start of the next; 0 when rows follow each other
    /// directly.</param>
    /// <exception cref="ArgumentException">A side is less than 1, the stride is shorter than a row, or there are too
    /// few bytes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layout.</exception>
    public PixelBuffer(int width, int height, ReadOnlyMemory<byte> pixels, PixelLayout layout = PixelLayout.Rgb24,
        int stride = 0)
    {
        Stride = PixelSpan.Validate(pixels.Length, width, height, layout, stride);
        (Width, Height, Pixels, Layout) = (width, height, pixels, layout);
    }

    /// <summary>Gets the number of columns.</summary>
    public int Width { get; }

    /// <summary>Gets the number of rows.</summary>
    public int Height { get; }

    /// <summary>Gets the memory of the pixels; row y begins at byte y x <see cref="Stride"/>.</summary>
    public ReadOnlyMemory<byte> Pixels { get; }

    /// <summary>Gets what the bytes of a pixel mean.</summary>
    public PixelLayout Layout { get; }

    /// <summary>Gets the number of bytes from the start of one row to the start of the next.</summary>
    public int Stride { get; }

    /// <summary>Gets how the pixels lie, as the file says. Default: <see cref="ImageOrientation.TopLeft"/>,
    /// upright.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such orientation.</exception>
    public ImageOrientation Orientation
    {
        get;
        init => field = Enum.IsDefined(value) ? value
            : throw new ArgumentOutOfRangeException(nameof(Orientation), value,
                "There is no such orientation; expected 1 to 8, as in EXIF.");
    } = ImageOrientation.TopLeft;

    /// <summary>Gets whether the file has pixels that are transparent, wholly or in part; they are blended with black
    /// here. Default: false.</summary>
    public bool HasTransparency { get; init; }

    /// <summary>Gets the size of the upright image.</summary>
    public (int Width, int Height) UprightSize =>
        Orientation >= ImageOrientation.LeftTop ? (Height, Width) : (Width, Height);

    /// <summary>The pixels as the training code reads them: red, green and blue of each, without gaps between
    /// rows.</summary>
    internal ReadOnlyMemory<byte> Rgb => ToRgb24().Pixels;

    internal PixelSpan Span => new(Pixels.Span, Width, Height, Layout, Stride);

    /// <summary>Returns the image as red, green and blue without gaps: this buffer where it is that already, otherwise
    /// a copy.</summary>
    /// <returns>A buffer whose <see cref="Pixels"/> are 3 x <see cref="Width"/> x <see cref="Height"/> bytes, with the
    /// same orientation.</returns>
    public PixelBuffer ToRgb24() => Layout == PixelLayout.Rgb24 && Pixels.Length == (long)Channels * Width * Height
        ? this
        : new PixelBuffer(Width, Height, Span.ToRgb24())
        {
            Orientation = Orientation,
            HasTransparency = HasTransparency
        };

    /// <summary>Returns the upright image: this buffer where it is upright already, otherwise a turned copy of the same
    /// layout.</summary>
    public PixelBuffer ToUpright()
    {
        if (Orientation == ImageOrientation.TopLeft)
            return this;
        (int width, int height) = UprightSize;
        return new PixelBuffer(width, height, Span.ToUpright(Orientation), Layout)
        {
            HasTransparency = HasTransparency
        };
    }

    /// <summary>The image as its mask was drawn, which the sizes show, without an orientation left to apply. Where both
    /// ways fit (a square, a mirrored image or one upside down), it is turned upright: masks are drawn in tools that
    /// show images upright, and images are scored upright.</summary>
    /// <param name="mask">The size of the mask; null where it cannot be read.</param>
    internal PixelBuffer FitMask((int Width, int Height)? mask)
    {
        bool asStored = mask == (Width, Height) && mask != UprightSize && Orientation != ImageOrientation.TopLeft;
        return asStored ? new PixelBuffer(Width, Height, Pixels, Layout, Stride) { HasTransparency = HasTransparency }
            : ToUpright();
    }

    /// <summary>Whether the sizes leave it open which way the mask was drawn.</summary>
    internal bool FitsMaskBothWays((int Width, int Height)? mask) =>
        Orientation != ImageOrientation.TopLeft && mask == UprightSize && mask == (Width, Height);
}

/// <summary>The same description for pixels that only a span can reach, such as those of a native bitmap.</summary>
internal readonly ref struct PixelSpan
{
    public PixelSpan(ReadOnlySpan<byte> pixels, int width, int height, PixelLayout layout, int stride = 0)
    {
        Stride = Validate(pixels.Length, width, height, layout, stride);
        (Width, Height, Layout) = (width, height, layout);
        Pixels = pixels;
    }

    public int Width { get; }

    public int Height { get; }

    public ReadOnlySpan<byte> Pixels { get; }

    public PixelLayout Layout { get; }

    public int Stride { get; }

    public static int BytesPerPixel(PixelLayout layout) => layout switch
    {
        PixelLayout.Bgra32 or PixelLayout.Rgba32 => 4,
        PixelLayout.Bgr24 or PixelLayout.Rgb24 => 3,
        PixelLayout.Gray8 => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(layout), layout, "Expected a named pixel layout."),
    };

    /// <summary>Where red, green and blue lie in a pixel.</summary>
    public static (int Red, int Green, int Blue) Offsets(PixelLayout layout) => layout switch
    {
        PixelLayout.Bgra32 or PixelLayout.Bgr24 => (2, 1, 0),
        PixelLayout.Gray8 => (0, 0, 0),
        _ => (0, 1, 2),
    };

    /// <returns>The stride: the length of a row where <paramref name="stride"/> is 0.</returns>
    public static int Validate(int length, int width, int height, PixelLayout layout, int stride)
    {
        if (width < 1 || height < 1)
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"An image of {width} x {height} pixels in {length} bytes: both sides must be 1 or more."));
        long row = (long)width * BytesPerPixel(layout), step = stride == 0 ? row : stride;
        // Compared with a row first, so that the product cannot overflow.
        if (step < row || length < row || length < step * (height - 1) + row)
        {
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"{length} bytes with a stride of {step} cannot hold {width} x {height} pixels of {BytesPerPixel(layout)} bytes ({layout})."),
                "pixels");
        }
        return (int)step;
    }

    /// <summary>The part of the image from a pixel on.</summary>
    public PixelSpan Crop(int left, int top, int width, int height) =>
        new(Pixels[(top * Stride + left * BytesPerPixel(Layout))..], width, height, Layout, Stride);

    /// <summary>Red, green and blue of each pixel, without gaps between rows.</summary>
    public byte[] ToRgb24()
    {
        var rgb = new byte[PixelBuffer.Channels * Width * Height];
        int step = BytesPerPixel(Layout), target = 0;
        (int red, int green, int blue) = Offsets(Layout);
        for (int y = 0; y < Height; y++)
        {
            ReadOnlySpan<byte> row = Pixels.Slice(y * Stride, Width * step);
            for (int source = 0; source < row.Length; source += step, target += PixelBuffer.Channels)
            {
                rgb[target] = row[source + red];
                rgb[target + 1] = row[source + green];
                rgb[target + 2] = row[source + blue];
            }
        }
        return rgb;
    }

    /// <summary>The pixels of the upright image in the same layout, without gaps between rows.</summary>
    public byte[] ToUpright(ImageOrientation orientation)
    {
        int step = BytesPerPixel(Layout);
        (int width, int height) = orientation >= ImageOrientation.LeftTop ? (Height, Width) : (Width, Height);
        var upright = new byte[step * width * height];
        (int first, int right, int down) = Steps(orientation, step);
        for (int y = 0, target = 0; y < height; y++)
            for (int x = 0, source = first + y * down; x < width; x++, source += right)
                for (int channel = 0; channel < step; channel++)
                    upright[target++] = Pixels[source + channel];
        return upright;
    }

    // Where the upright image's first pixel is stored, and how many bytes further its neighbours to the right and below
    // are.
    private (int First, int Right, int Down) Steps(ImageOrientation orientation, int column)
    {
        int row = Stride, right = (Width - 1) * column, bottom = (Height - 1) * row;
        return orientation switch
        {
            ImageOrientation.TopRight => (right, -column, row),
            ImageOrientation.BottomRight => (right + bottom, -column, -row),
            ImageOrientation.BottomLeft => (bottom, column, -row),
            ImageOrientation.LeftTop => (0, row, column),
            ImageOrientation.RightTop => (bottom, -row, column),
            ImageOrientation.RightBottom => (right + bottom, -row, -column),
            ImageOrientation.LeftBottom => (right, row, -column),
            _ => (0, column, row),
        };
    }
}
