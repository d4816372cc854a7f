using FastScnn.Torch;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FastScnn.ML;

/// <summary>Normalises bytes: <c>(value / 255 - mean) / std</c>, as one multiplication and one addition.</summary>
internal sealed class PlaneNormalization(Normalization normalization)
{
    private readonly float[] _scales = [.. normalization.Std.Select(std => (float)(1 / (255.0 * std)))];
    private readonly float[] _offsets = [.. normalization.Mean.Zip(normalization.Std, (mean, std) => (float)(-mean / (double)std))];

    /// <param name="planes">Three planes of bytes.</param>
    /// <param name="normalized">Three planes of the same size.</param>
    public void Apply(ReadOnlySpan<byte> planes, Span<float> normalized)
    {
        int plane = planes.Length / 3;
        for (int c = 0; c < 3; c++)
            Apply(c, planes.Slice(c * plane, plane), normalized.Slice(c * plane, plane));
    }

    /// <summary>The same for a part of one plane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply(int channel, ReadOnlySpan<byte> plane, Span<float> normalized)
    {
        (float scale, float offset) = (_scales[channel], _offsets[channel]);
        Vector256<float> scales = Vector256.Create(scale), offsets = Vector256.Create(offset);
        Span<float> target = normalized[..plane.Length];
        int i = 0;
        for (; i <= plane.Length - Vector256<byte>.Count; i += Vector256<byte>.Count)
        {
            (Vector256<ushort> low, Vector256<ushort> high) = Vector256.Widen(Vector256.Create(plane.Slice(i, Vector256<byte>.Count)));
            (Vector256<uint> first, Vector256<uint> second) = Vector256.Widen(low);
            (Vector256<uint> third, Vector256<uint> fourth) = Vector256.Widen(high);
            Span<float> next = target.Slice(i, Vector256<byte>.Count);
            Vector256.MultiplyAddEstimate(Vector256.ConvertToSingle(first.AsInt32()), scales, offsets).CopyTo(next);
            Vector256.MultiplyAddEstimate(Vector256.ConvertToSingle(second.AsInt32()), scales, offsets).CopyTo(next[8..]);
            Vector256.MultiplyAddEstimate(Vector256.ConvertToSingle(third.AsInt32()), scales, offsets).CopyTo(next[16..]);
            Vector256.MultiplyAddEstimate(Vector256.ConvertToSingle(fourth.AsInt32()), scales, offsets).CopyTo(next[24..]);
        }
        for (; i < plane.Length; i++)
            target[i] = float.MultiplyAddEstimate(plane[i], scale, offset);
    }
}
