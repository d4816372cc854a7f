using System.Buffers.Binary;
using System.Runtime.Intrinsics;

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
    // Places between source pixels are rounded to 1/256, and so weighted colours have 16 binary digits more than a byte,
    // of which sums keep 8.
    private const int PlaceBits = 8, PlaceMask = (1 << PlaceBits) - 1, SumBits = 8;

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
            Line line = At(y + 0.5);
            for (int x = _start[y]; x < _end[y]; x++)
            {
                (double sourceX, double sourceY) = line.At(x + 0.5);
                int column = Math.Clamp((int)sourceX, 0, _sourceWidth - 1),
                    sourceRow = Math.Clamp((int)sourceY, 0, _sourceHeight - 1);
                row[x] = source[sourceRow * _sourceWidth + column];
            }
        }
    }

    /// <summary>Fills planes of red, green and blue. Between pixels of the source it is bilinear; where a pixel of the
    /// crop covers several, the mean of enough places within it that none is skipped.</summary>
    public void Sample(PixelBuffer image, (byte Red, byte Green, byte Blue) padding, Span<byte> planes)
    {
        int plane = planes.Length / PixelBuffer.Channels;
        Span<byte> red = planes[..plane], green = planes.Slice(plane, plane), blue = planes[(2 * plane)..];
        (int columns, int rows) = Density();
        float share = 1f / (columns * rows << SumBits);
        var sums = new Vector128<int>[_width];
        for (int y = 0; y < _height; y++)
        {
            (int start, int end) = (_start[y], _end[y]);
            Array.Clear(sums);
            for (int j = 0; j < rows; j++)
                for (int i = 0; i < columns; i++)
                    Add(image, At(y + (j + 0.5) / rows), (i + 0.5) / columns, start, sums.AsSpan(start..end));
            for (int x = start, to = y * _width + start; x < end; x++, to++)
            {
                Vector128<int> color = Vector128.ConvertToInt32(
                    Vector128.ConvertToSingle(sums[x]) * share + Vector128.Create(0.5f));
                (red[to], green[to], blue[to]) = ((byte)color[0], (byte)color[1], (byte)color[2]);
            }
        }
        Pad(planes, padding);
    }

    // Adds one place of each pixel of a row: red, green and blue, with so many binary digits more than a byte.
    private void Add(PixelBuffer image, Line line, double within, int first, Span<Vector128<int>> sums)
    {
        ReadOnlySpan<byte> source = image.Rgb.Span;
        int stride = _sourceWidth * PixelBuffer.Channels;
        int mostX = (_sourceWidth - 1) << PlaceBits, mostY = (_sourceHeight - 1) << PlaceBits;
        for (int i = 0; i < sums.Length; i++)
        {
            (double sourceX, double sourceY) = line.At(first + i + within);
            // Between pixel centres, in fractions that are whole numbers.
            int x = Math.Clamp(Fixed(sourceX), 0, mostX), y = Math.Clamp(Fixed(sourceY), 0, mostY);
            int at = (y >> PlaceBits) * stride + (x >> PlaceBits) * PixelBuffer.Channels;
            int right = x < mostX ? PixelBuffer.Channels : 0, below = y < mostY ? stride : 0;
            int partX = x & PlaceMask, partY = y & PlaceMask, both = partX * partY;
            int onRight = (partX << PlaceBits) - both, onBelow = (partY << PlaceBits) - both;
            int here = (1 << 2 * PlaceBits) - onRight - onBelow - both;
            sums[i] += (Pixel(source, at) * here + Pixel(source, at + right) * onRight
                + Pixel(source, at + below) * onBelow + Pixel(source, at + below + right) * both
                + Vector128.Create(1 << (2 * PlaceBits - SumBits - 1))) >> (2 * PlaceBits - SumBits);
        }

        static int Fixed(double place) =>
            double.ConvertToIntegerNative<int>(place * (1 << PlaceBits) - ((1 << (PlaceBits - 1)) - 0.5));
    }

    // Four bytes, of which the last is of no use.
    private static Vector128<int> Pixel(ReadOnlySpan<byte> source, int at)
    {
        // The last pixel has no byte after it.
        int over = at + 4 > source.Length ? 1 : 0;
        uint bytes = BinaryPrimitives.ReadUInt32LittleEndian(source.Slice(at - over, 4)) >> (8 * over);
        Vector128<ushort> values = Vector128.WidenLower(Vector128.CreateScalar(bytes).AsByte());
        return Vector128.WidenLower(values).AsInt32();
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

    private Line At(double y) => new(_a, _b * y + _c, _d, _e * y + _f, _g, _h * y + 1);

    private bool IsInside(int x, int y)
    {
        (double sourceX, double sourceY) = At(y + 0.5).At(x + 0.5);
        return sourceX >= 0 && sourceX < _sourceWidth && sourceY >= 0 && sourceY < _sourceHeight;
    }

    // How many places of a pixel are looked at along each of its sides, so that they are at most one source pixel apart;
    // one will do up to 1.25, as a bilinear place reaches over one to each side. Steps are longest at a corner.
    private (int Columns, int Rows) Density()
    {
        double right = 0, down = 0;
        foreach (int y in (int[])[0, _height - 1])
        {
            foreach (int x in (int[])[0, _width - 1])
            {
                (double fromX, double fromY) = At(y).At(x);
                (double rightX, double rightY) = At(y).At(x + 1);
                (double downX, double downY) = At(y + 1).At(x);
                right = Math.Max(right, Math.Sqrt(Square(rightX - fromX) + Square(rightY - fromY)));
                down = Math.Max(down, Math.Sqrt(Square(downX - fromX) + Square(downY - fromY)));
            }
        }
        return (Places(right), Places(down));

        static double Square(double value) => value * value;

        static int Places(double step) => step <= 1.25 ? 1 : Math.Min((int)Math.Ceiling(step - 0.01), 100);
    }

    // What one row of the crop shows.
    private readonly record struct Line(double StepX, double X, double StepY, double Y, double StepW, double W)
    {
        public (double X, double Y) At(double x)
        {
            double w = 1 / (StepW * x + W);
            return ((StepX * x + X) * w, (StepY * x + Y) * w);
        }
    }
}
