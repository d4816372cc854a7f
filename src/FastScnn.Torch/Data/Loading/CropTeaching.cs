using System.Buffers;
using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Network;
using FastScnn.Torch.Training;
using static System.FormattableString;

namespace FastScnn.Torch.Data.Loading;

/// <summary>Asks a teacher about crops, and brings what it says to the places of the student's logits.</summary>
/// <remarks>Safe for several threads where the teacher is.</remarks>
internal sealed class CropTeaching
{
    private readonly SegmentationTeacher _teacher;
    private readonly AugmentationOptions _crop;
    private readonly int[] _order;
    private readonly int _width, _height;
    private readonly float _temperature;
    private readonly byte _ignoreIndex;

    /// <exception cref="ArgumentException">The teacher has other classes than the student.</exception>
    public CropTeaching(SegmentationTeacher teacher, ClassList classes, AugmentationOptions crop, double inputScale,
        double temperature)
    {
        (_teacher, _crop, _temperature, _ignoreIndex) = (teacher, crop, (float)temperature, classes.IgnoreIndex);
        _order = teacher.OrderFor(classes);
        // A teacher sees images at their own size, and scales them itself where it was trained so.
        (_width, _height) = (OwnSide(crop.CropWidth), OwnSide(crop.CropHeight));
        (Rows, Columns) = (FastScnnArchitecture.EarlySide(crop.CropHeight),
            FastScnnArchitecture.EarlySide(crop.CropWidth));

        int OwnSide(int side) => Math.Max(1, (int)Math.Round(side / inputScale));
    }

    public int Classes => _order.Length;

    /// <summary>Rows of the student's logits.</summary>
    public int Rows { get; }

    /// <summary>Columns of the student's logits.</summary>
    public int Columns { get; }

    /// <summary>Asks about a grey crop: what a teacher cannot do shows before the first step.</summary>
    /// <exception cref="InvalidDataException">It gives no scores that can be learned from.</exception>
    public void Try()
    {
        int pixels = _crop.CropWidth * _crop.CropHeight;
        var planes = new byte[PixelBuffer.Channels * pixels];
        Array.Fill(planes, (byte)128);
        Teach(planes, new byte[pixels], new float[Classes * Rows * Columns]);
    }

    /// <summary>Fills the probabilities [classes, rows, columns] that the teacher gives a crop; all are 0 in the
    /// padding, where there is nothing to learn.</summary>
    /// <param name="planes">The crop as the student sees it.</param>
    /// <param name="ids">Its labels, which tell where the padding is.</param>
    /// <param name="probabilities">What is filled.</param>
    /// <returns>How many places are not padding.</returns>
    /// <exception cref="InvalidDataException">The teacher gives no scores that can be learned from.</exception>
    public int Teach(ReadOnlySpan<byte> planes, ReadOnlySpan<byte> ids, Span<float> probabilities)
    {
        TeacherScores scores = Ask(planes);
        int plane = scores.Height * scores.Width;
        if (scores.Logits.Length != _order.Length * plane)
            throw new InvalidDataException(Invariant($"The teacher '{_teacher.Name}' gave {scores.Logits.Length} ")
                + Invariant($"scores for {scores.Height} x {scores.Width} places and {_order.Length} classes."));
        float[] rented = ArrayPool<float>.Shared.Rent(_order.Length * (plane + Rows * scores.Width));
        try
        {
            Span<float> shares = rented.AsSpan(0, _order.Length * plane),
                middle = rented.AsSpan(shares.Length, _order.Length * Rows * scores.Width);
            Softmax(scores.Logits.Span, shares, plane);
            GridTaps rows = new(scores.Height, Rows, _height, _teacher.AlignCorners),
                columns = new(scores.Width, Columns, _width, _teacher.AlignCorners);
            rows.Rows(shares, middle, scores.Width, _order.Length);
            for (int k = 0; k < _order.Length; k++)
                columns.Columns(middle.Slice(_order[k] * Rows * scores.Width, Rows * scores.Width),
                    probabilities.Slice(k * Rows * Columns, Rows * Columns));
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
        return Silence(planes, ids, probabilities);
    }

    private TeacherScores Ask(ReadOnlySpan<byte> planes)
    {
        byte[] pixels = ArrayPool<byte>.Shared.Rent(planes.Length);
        byte[]? scaled = null;
        try
        {
            ToPixels(planes, pixels);
            PixelBuffer crop = new(_crop.CropWidth, _crop.CropHeight, pixels.AsMemory(0, planes.Length));
            if ((_width, _height) == (crop.Width, crop.Height)) return _teacher.Score(crop);
            int length = PixelBuffer.Channels * _width * _height;
            scaled = ArrayPool<byte>.Shared.Rent(2 * length);
            CropWindow whole = new(_width, _height, 0, 0, _width, _height, false);
            ImageSampler.Sample(crop, whole, _crop.PaddingColor, scaled.AsSpan(0, length), _width);
            ToPixels(scaled.AsSpan(0, length), scaled.AsSpan(length, length));
            return _teacher.Score(new(_width, _height, scaled.AsMemory(length, length)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(pixels);
            if (scaled is not null) ArrayPool<byte>.Shared.Return(scaled);
        }
    }

    private static void ToPixels(ReadOnlySpan<byte> planes, Span<byte> pixels)
    {
        int plane = planes.Length / PixelBuffer.Channels;
        ReadOnlySpan<byte> red = planes[..plane], green = planes.Slice(plane, plane), blue = planes[(2 * plane)..];
        for (int i = 0, to = 0; i < plane; i++, to += PixelBuffer.Channels)
            (pixels[to], pixels[to + 1], pixels[to + 2]) = (red[i], green[i], blue[i]);
    }

    private void Softmax(ReadOnlySpan<float> logits, Span<float> shares, int plane)
    {
        for (int place = 0; place < plane; place++)
        {
            float largest = float.NegativeInfinity, sum = 0;
            for (int at = place; at < logits.Length; at += plane)
            {
                if (float.IsNaN(logits[at])) throw NotFinite(logits[at]);
                largest = Math.Max(largest, logits[at]);
            }
            // A probability of 0 has the logarithm minus infinity; one of a class must be more.
            if (!float.IsFinite(largest)) throw NotFinite(largest);
            for (int at = place; at < logits.Length; at += plane)
                sum += shares[at] = MathF.Exp((logits[at] - largest) / _temperature);
            for (int at = place; at < logits.Length; at += plane) shares[at] /= sum;
        }
    }

    private InvalidDataException NotFinite(float score) => new(Invariant($"The teacher '{_teacher.Name}' gave the ")
        + Invariant($"score {score} for a crop; scores must be numbers, of which at least one a place is finite."));

    // Padding is what is ignored and has the colour of padding; a place counts by the pixel in its middle.
    private int Silence(ReadOnlySpan<byte> planes, ReadOnlySpan<byte> ids, Span<float> probabilities)
    {
        int heard = 0, pixels = ids.Length, width = _crop.CropWidth;
        (byte red, byte green, byte blue) = _crop.PaddingColor;
        for (int y = 0; y < Rows; y++)
            for (int x = 0; x < Columns; x++)
            {
                int at = Middle(y, Rows, _crop.CropHeight) * width + Middle(x, Columns, width);
                bool isPadding = ids[at] == _ignoreIndex && planes[at] == red && planes[pixels + at] == green
                    && planes[2 * pixels + at] == blue;
                if (!isPadding)
                {
                    heard++;
                    continue;
                }
                for (int k = 0; k < Classes; k++) probabilities[(k * Rows + y) * Columns + x] = 0;
            }
        return heard;
    }

    private static int Middle(int place, int places, int pixels) =>
        (int)Math.Round(place * (pixels - 1.0) / Math.Max(1, places - 1));
}

/// <summary>The weights with which the places of a teacher's axis form those of the student's, whose first and last lie
/// on the outermost pixels. Between places of the teacher they are bilinear; where the teacher has more places than the
/// student the triangle widens, so that none is skipped.</summary>
internal readonly struct GridTaps
{
    private readonly int[] _first;
    private readonly float[] _weights;
    private readonly int _count;

    /// <param name="from">The places of the teacher.</param>
    /// <param name="to">The places of the student.</param>
    /// <param name="pixels">The pixels of the teacher's image.</param>
    /// <param name="alignCorners">See <see cref="SegmentationTeacher.AlignCorners"/>.</param>
    public GridTaps(int from, int to, int pixels, bool alignCorners)
    {
        double step = to > 1 ? (from - 1.0) / (to - 1) : 0, support = Math.Max(1, step);
        _count = Math.Min(from, 2 * (int)Math.Ceiling(support) + 1);
        (_first, _weights) = (new int[to], new float[to * _count]);
        for (int i = 0; i < to; i++)
        {
            double place = i * step;
            if (!alignCorners)
            {
                double pixel = to > 1 ? i * (pixels - 1.0) / (to - 1) : 0;
                place = Math.Clamp((pixel + 0.5) * from / pixels - 0.5, 0, from - 1);
            }
            int first = _first[i] = Math.Clamp((int)Math.Round(place) - _count / 2, 0, from - _count);
            Span<float> weights = _weights.AsSpan(i * _count, _count);
            float sum = 0;
            for (int k = 0; k < weights.Length; k++)
                sum += weights[k] = (float)Math.Max(0, 1 - Math.Abs(first + k - place) / support);
            foreach (ref float weight in weights) weight /= sum;
        }
    }

    /// <summary>Makes so many planes of rows of a length have the student's rows.</summary>
    public void Rows(ReadOnlySpan<float> source, Span<float> target, int length, int planes)
    {
        int from = source.Length / planes, to = target.Length / planes;
        target.Clear();
        for (int plane = 0; plane < planes; plane++)
            for (int y = 0; y < _first.Length; y++)
            {
                Span<float> row = target.Slice(plane * to + y * length, length);
                for (int k = 0; k < _count; k++)
                {
                    float weight = _weights[y * _count + k];
                    if (weight == 0) continue;
                    ReadOnlySpan<float> other = source.Slice(plane * from + (_first[y] + k) * length, length);
                    for (int x = 0; x < row.Length; x++) row[x] += weight * other[x];
                }
            }
    }

    /// <summary>Makes the rows of a plane have the student's columns.</summary>
    public void Columns(ReadOnlySpan<float> source, Span<float> target)
    {
        int rows = target.Length / _first.Length, length = source.Length / rows;
        for (int y = 0, at = 0; y < rows; y++)
            for (int x = 0; x < _first.Length; x++, at++)
            {
                ReadOnlySpan<float> from = source.Slice(y * length + _first[x], _count);
                float sum = 0;
                for (int k = 0; k < from.Length; k++) sum += _weights[x * _count + k] * from[k];
                target[at] = sum;
            }
    }
}

/// <summary>What the teacher says of a batch.</summary>
internal sealed class TaughtBatch
{
    public TaughtBatch(CropTeaching teaching, int samples)
    {
        (Classes, Rows, Columns) = (teaching.Classes, teaching.Rows, teaching.Columns);
        Probabilities = GC.AllocateUninitializedArray<float>(samples * Length);
        Places = new int[samples];
    }

    public int Classes { get; }

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>Probabilities [N, classes, rows, columns]: the places are those of the student's logits.</summary>
    public float[] Probabilities { get; }

    /// <summary>How many places of each sample the teacher speaks of.</summary>
    public int[] Places { get; }

    internal Span<float> At(int position, int count = 1) =>
        Probabilities.AsSpan(position * Length, count * Length);

    private int Length => Classes * Rows * Columns;
}
