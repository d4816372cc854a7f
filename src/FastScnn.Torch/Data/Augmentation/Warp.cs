namespace FastScnn.Torch.Data.Augmentation;

/// <summary>How a crop is turned and its corners are shifted: a homography, as if the camera had been held
/// askew.</summary>
internal sealed class Warp
{
    // Of each corner, clockwise from the top left: the shift to the right and down, as shares of the crop's sides.
    private readonly double[] _shifts = new double[8];
    private readonly double _angle;

    private Warp(AugmentationOptions options, SampleRandom random)
    {
        _angle = random.NextBetween(-options.RotationDegrees, options.RotationDegrees) * Math.PI / 180;
        for (int i = 0; i < _shifts.Length; i++)
            _shifts[i] = random.NextBetween(-options.Perspective, options.Perspective);
    }

    /// <summary>Draws a warp, or none.</summary>
    public static Warp? Draw(AugmentationOptions options, SampleRandom random) =>
        random.NextChance(options.WarpProbability) ? new Warp(options, random) : null;

    /// <summary>Where the pixels of a crop come from when the window it would show is warped: turned about the middle
    /// of what the window shows.</summary>
    public WarpedWindow Place(in CropWindow window, int cropWidth, int cropHeight, int sourceWidth, int sourceHeight)
    {
        (double sin, double cos) = Math.SinCos(_angle);
        double middleX = window.Width / 2.0, middleY = window.Height / 2.0;
        double scaleX = (double)sourceWidth / window.ScaledWidth, scaleY = (double)sourceHeight / window.ScaledHeight;
        Span<double> corners = stackalloc double[8];
        for (int i = 0; i < corners.Length; i += 2)
        {
            double x = (i is 2 or 4 ? cropWidth : 0) - middleX, y = (i is 4 or 6 ? cropHeight : 0) - middleY;
            double turnedX = middleX + cos * x - sin * y + _shifts[i] * cropWidth;
            double turnedY = middleY + sin * x + cos * y + _shifts[i + 1] * cropHeight;
            corners[i] = (window.Left + (window.Mirrored ? window.Width - turnedX : turnedX)) * scaleX;
            corners[i + 1] = (window.Top + turnedY) * scaleY;
        }
        return new WarpedWindow(corners, cropWidth, cropHeight, sourceWidth, sourceHeight);
    }
}

/// <summary>The place in the source image of every pixel of a warped crop. Both samplers go from the pixels of the crop
/// straight to those of the source: nothing is resampled twice.</summary>
internal sealed class WarpedWindow
{
    private readonly int _width, _height, _sourceWidth, _sourceHeight;
    // A place (x, y) of the crop is ((a x + b y + c) / w, (d x + e y + f) / w) of the source, w = g x + h y + 1.
    private readonly double _a, _b, _c, _d, _e, _f, _g, _h;
    // In each row the pixels from start to end show the image: lines stay lines, so there is one such range.
    private readonly int[] _start, _end;

    /// <summary>Finds the homography that takes the corners of the crop, clockwise from the top left, to a convex
    /// quadrangle of the source (Heckbert, "Fundamentals of Texture Mapping and Image Warping", 1989, section
    /// 2.2.3).</summary>
    public WarpedWindow(ReadOnlySpan<double> corners, int width, int height, int sourceWidth, int sourceHeight)
    {
        (_width, _height, _sourceWidth, _sourceHeight) = (width, height, sourceWidth, sourceHeight);
        double x0 = corners[0], y0 = corners[1], x1 = corners[2], y1 = corners[3], x2 = corners[4], y2 = corners[5],
            x3 = corners[6], y3 = corners[7];
        double sumX = x0 - x1 + x2 - x3, sumY = y0 - y1 + y2 - y3;
        double determinant = (x1 - x2) * (y3 - y2) - (x3 - x2) * (y1 - y2);
        double g = (sumX * (y3 - y2) - (x3 - x2) * sumY) / determinant;
        double h = ((x1 - x2) * sumY - sumX * (y1 - y2)) / determinant;
        (_a, _b, _c) = ((x1 - x0 + g * x1) / width, (x3 - x0 + h * x3) / height, x0);
        (_d, _e, _f) = ((y1 - y0 + g * y1) / width, (y3 - y0 + h * y3) / height, y0);
        (_g, _h) = (g / width, h / height);
        (_start, _end) = (new int[height], new int[height]);
        for (int y = 0; y < height; y++)
        {
            int start = 0, end = width;
            while (start < end && !IsInside(start, y)) start++;
            while (end > start && !IsInside(end - 1, y)) end--;
            (_start[y], _end[y]) = (start, end);
        }
    }

    /// <summary>Fills <paramref name="target"/> with the nearest ids, and the ignore index beyond the image.</summary>
    public void Sample(LabelMap labels, byte ignore, Span<byte> target)
    {
        ReadOnlySpan<byte> source = labels.Ids.Span;
        for (int y = 0; y < _height; y++)
        {
            Span<byte> row = target.Slice(y * _width, _width);
            row[.._start[y]].Fill(ignore);
            row[_end[y]..].Fill(ignore);
            for (int x = _start[y]; x < _end[y]; x++)
            {
                (double sourceX, double sourceY) = At(x + 0.5, y + 0.5);
                int column = Math.Clamp((int)sourceX, 0, _sourceWidth - 1),
                    line = Math.Clamp((int)sourceY, 0, _sourceHeight - 1);
                row[x] = source[line * _sourceWidth + column];
            }
        }
    }

    /// <summary>Fills planes of red, green and blue. Between pixels of the source it is bilinear; where a pixel of the
    /// crop covers several, the mean of as many places within it, so that none is skipped.</summary>
    public void Sample(PixelBuffer image, (byte Red, byte Green, byte Blue) padding, Span<byte> planes)
    {
        int plane = planes.Length / PixelBuffer.Channels;
        Span<byte> red = planes[..plane], green = planes.Slice(plane, plane), blue = planes[(2 * plane)..];
        ReadOnlySpan<byte> source = image.Rgb.Span;
        (int columns, int rows) = Density();
        double stepX = 1.0 / columns, stepY = 1.0 / rows, share = 1.0 / (columns * rows * 65536.0);
        double mostX = (_sourceWidth - 1) * 256.0, mostY = (_sourceHeight - 1) * 256.0;
        int stride = _sourceWidth * PixelBuffer.Channels;
        for (int y = 0; y < _height; y++)
        {
            for (int x = _start[y], to = y * _width + x; x < _end[y]; x++, to++)
            {
                long r = 0, g = 0, b = 0;
                for (int j = 0; j < rows; j++)
                {
                    for (int i = 0; i < columns; i++)
                    {
                        (double sourceX, double sourceY) = At(x + (i + 0.5) * stepX, y + (j + 0.5) * stepY);
                        // In 256ths of a pixel, between pixel centres.
                        int fixedX = (int)Math.Min(Math.Max(sourceX * 256 - 127.5, 0), mostX),
                            fixedY = (int)Math.Min(Math.Max(sourceY * 256 - 127.5, 0), mostY);
                        int first = (fixedY >> 8) * stride + (fixedX >> 8) * PixelBuffer.Channels;
                        int right = fixedX < (int)mostX ? PixelBuffer.Channels : 0,
                            below = fixedY < (int)mostY ? stride : 0;
                        int partX = fixedX & 255, partY = fixedY & 255;
                        int w3 = partX * partY, w2 = (partY << 8) - w3, w1 = (partX << 8) - w3,
                            w0 = 65536 - w1 - w2 - w3;
                        ReadOnlySpan<byte> p0 = source.Slice(first, PixelBuffer.Channels),
                            p1 = source.Slice(first + right, PixelBuffer.Channels),
                            p2 = source.Slice(first + below, PixelBuffer.Channels),
                            p3 = source.Slice(first + below + right, PixelBuffer.Channels);
                        r += w0 * p0[0] + w1 * p1[0] + w2 * p2[0] + w3 * p3[0];
                        g += w0 * p0[1] + w1 * p1[1] + w2 * p2[1] + w3 * p3[1];
                        b += w0 * p0[2] + w1 * p1[2] + w2 * p2[2] + w3 * p3[2];
                    }
                }
                (red[to], green[to], blue[to]) =
                    ((byte)(r * share + 0.5), (byte)(g * share + 0.5), (byte)(b * share + 0.5));
            }
        }
        Pad(planes, padding);
    }

    /// <summary>Gives the colour of the padding to what lies beyond the image.</summary>
    public void Pad(Span<byte> planes, (byte Red, byte Green, byte Blue) padding)
    {
        int plane = planes.Length / PixelBuffer.Channels;
        for (int channel = 0; channel < PixelBuffer.Channels; channel++)
        {
            byte value = channel switch { 0 => padding.Red, 1 => padding.Green, _ => padding.Blue };
            for (int y = 0; y < _height; y++)
            {
                Span<byte> row = planes.Slice(channel * plane + y * _width, _width);
                row[.._start[y]].Fill(value);
                row[_end[y]..].Fill(value);
            }
        }
    }

    private (double X, double Y) At(double x, double y)
    {
        double w = 1 / (_g * x + _h * y + 1);
        return ((_a * x + _b * y + _c) * w, (_d * x + _e * y + _f) * w);
    }

    private bool IsInside(int x, int y)
    {
        (double sourceX, double sourceY) = At(x + 0.5, y + 0.5);
        return sourceX >= 0 && sourceX < _sourceWidth && sourceY >= 0 && sourceY < _sourceHeight;
    }

    // The most source pixels that a step of one pixel to the right, and one down, goes over; it is at a corner.
    private (int Columns, int Rows) Density()
    {
        double right = 1, down = 1;
        for (int i = 0; i < 4; i++)
        {
            double x = (i & 1) * (_width - 1), y = (i >> 1) * (_height - 1);
            (double fromX, double fromY) = At(x, y);
            (double rightX, double rightY) = At(x + 1, y);
            (double downX, double downY) = At(x, y + 1);
            right = Math.Max(right, Math.Sqrt(Square(rightX - fromX) + Square(rightY - fromY)));
            down = Math.Max(down, Math.Sqrt(Square(downX - fromX) + Square(downY - fromY)));
        }
        return ((int)Math.Ceiling(right - 0.01), (int)Math.Ceiling(down - 0.01));

        static double Square(double value) => value * value;
    }
}
