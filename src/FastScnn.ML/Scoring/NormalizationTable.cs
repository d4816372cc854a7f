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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply(ReadOnlySpan<byte> planes, Span<float> normalized)
    {
        int plane = planes.Length / 3;
        for (int c = 0; c < 3; c++)
        {
            ReadOnlySpan<float> values = _values[c];
            ReadOnlySpan<byte> source = planes.Slice(c * plane, plane);
            Span<float> target = normalized.Slice(c * plane, source.Length);
            for (int i = 0; i < source.Length; i++)
                target[i] = values[source[i]];
        }
    }
}
