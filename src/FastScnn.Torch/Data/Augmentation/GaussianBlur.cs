using System.Buffers;
using System.Numerics;

namespace FastScnn.Torch.Data.Augmentation;

/// <summary>Blurs the part of a crop that shows the photo, each plane by itself; edges are not darkened.</summary>
internal static class GaussianBlur
{
    /// <summary>Blurs in place. <paramref name="deviation"/> is above 0; rows are <paramref name="cropWidth"/> bytes.</summary>
    public static void Apply(Span<byte> planes, int cropWidth, int width, int height, double deviation)
    {
        AxisTaps columns = AxisTaps.Gaussian(width, deviation), rows = AxisTaps.Gaussian(height, deviation);
        int plane = planes.Length / PixelBuffer.Channels;
        var middle = new int[width];
        byte[] copy = ArrayPool<byte>.Shared.Rent(plane);
        for (int channel = 0; channel < PixelBuffer.Channels; channel++)
        {
            Span<byte> target = planes.Slice(channel * plane, plane);
            target.CopyTo(copy);
            for (int y = 0; y < height; y++)
            {
                ReadOnlySpan<byte> source = copy.AsSpan(rows.First[y] * cropWidth);
                PhotoSampler.BlendRows(source, cropWidth, rows.Weights.AsSpan(y * rows.Count, rows.Count), middle);
                BlendRow(middle, columns, target.Slice(y * cropWidth, width));
            }
        }
        ArrayPool<byte>.Shared.Return(copy);
    }

    private static void BlendRow(ReadOnlySpan<int> source, AxisTaps columns, Span<byte> target)
    {
        // Away from both ends the weights are those of the middle, one column further with every column.
        int reach = columns.Count / 2, end = target.Length - reach - Vector<int>.Count;
        ReadOnlySpan<int> even = columns.Weights.AsSpan(target.Length / 2 * columns.Count, columns.Count);
        for (int x = 0; x < target.Length;)
        {
            if (x >= reach && x <= end)
            {
                var sums = new Vector<int>(1 << (PhotoSampler.FinalShift - 1));
                for (int k = 0; k < even.Length; k++) sums += new Vector<int>(source[(x - reach + k)..]) * even[k];
                sums = Vector.ShiftRightArithmetic(sums, PhotoSampler.FinalShift);
                for (int i = 0; i < Vector<int>.Count; i++) target[x++] = (byte)sums[i];
                continue;
            }
            ReadOnlySpan<int> weights = columns.Weights.AsSpan(x * columns.Count, columns.Count);
            ReadOnlySpan<int> from = source.Slice(columns.First[x], weights.Length);
            int sum = 1 << (PhotoSampler.FinalShift - 1);
            for (int k = 0; k < weights.Length; k++) sum += weights[k] * from[k];
            target[x++] = (byte)(sum >> PhotoSampler.FinalShift);
        }
    }
}
