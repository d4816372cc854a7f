using FastScnn.Torch;
using System.Runtime.CompilerServices;

namespace FastScnn.ML;

/// <summary>Normalises bytes by looking them up: <c>(value / 255 - mean) / std</c> has 256 results a channel.</summary>
internal sealed class NormalizationTable(Normalization normalization)
{
    private readonly float[][] _values =
    [
        .. Enumerable.Range(0, 3).Select(c => Enumerable.Range(0, 256).Select(v => (v / 255f - normalization.Mean[c]) / normalization.Std[c]).ToArray()),
    ];

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
        ReadOnlySpan<float> values = _values[channel];
        Span<float> target = normalized[..plane.Length];
        for (int i = 0; i < plane.Length; i++)
            target[i] = values[plane[i]];
    }
}
