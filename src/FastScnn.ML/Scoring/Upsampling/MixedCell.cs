using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastScnn.ML;

/// <summary>A class in a cell: its scores at the four corners.</summary>
internal record struct MixedClass(int Id, float TopLeft, float TopRight, float BottomLeft, float BottomRight)
{
    /// <summary>Its score in the row under way, at the left edge of the cell, and how much it rises to the right one.</summary>
    public float Left;
    public float Rise;
}

/// <summary>The pixels between four scores that do not have the same best class.</summary>
/// <remarks>
/// A class can only win there when its largest corner reaches the smallest corner of every other, so most classes are never
/// interpolated: 2.6 of 19 are left on average on photos of streets.
/// </remarks>
internal ref struct MixedCell(ReadOnlySpan<float> logits, int classes, UpsampleGrid grid, Span<byte> ids, Span<MixedClass> buffer)
{
    private readonly ReadOnlySpan<float> _logits = logits;
    private readonly Span<byte> _ids = ids;
    private readonly Span<MixedClass> _buffer = buffer;

    /// <summary>Fills the pixels of one cell. Up to seven pixels to the right of it may be filled with anything: they must come later.</summary>
    /// <param name="column">The column of scores at its left edge.</param>
    /// <param name="firstRow">The first of its rows in the map.</param>
    /// <param name="endRow">The row after its last.</param>
    /// <param name="finite">Whether no corner is NaN or infinite.</param>
    public void Fill(int column, int firstRow, int endRow, bool finite)
    {
        Span<MixedClass> candidates = Candidates(column, grid.Rows[firstRow], finite);
        (int start, int end) = (grid.ColumnStarts[column], grid.ColumnStarts[column + 1]);
        for (int y = firstRow; y < endRow; y++)
        {
            float down = grid.Rows[y].Fraction;
            foreach (ref MixedClass c in candidates)
            {
                c.Left = Mix(c.TopLeft, c.BottomLeft, down);
                c.Rise = Mix(c.TopRight, c.BottomRight, down) - c.Left;
            }
            Span<byte> row = _ids.Slice(y * grid.Width, grid.Width);
            ref float fractions = ref MemoryMarshal.GetArrayDataReference(grid.ColumnFractions);
            for (int x = start; x < end; x += Vector256<float>.Count)
            {
                Vector256<int> best = Best(candidates, Vector256.LoadUnsafe(ref fractions, (nuint)x));
                if (x + Vector256<float>.Count <= row.Length)
                    BestClassRow.Store(best, row[x..]);
                else
                    for (int i = 0; x + i < end; i++)
                        row[x + i] = (byte)best[i];
            }
        }
    }

    private readonly Span<MixedClass> Candidates(int column, BilinearTap row, bool finite)
    {
        int columns = grid.SourceWidth, plane = columns * grid.SourceHeight, next = Math.Min(column + 1, columns - 1) - column;
        float floor = float.NegativeInfinity;
        for (int k = 0, top = row.Low * columns + column, bottom = row.High * columns + column; k < classes; k++, top += plane, bottom += plane)
        {
            var corners = new MixedClass(k, _logits[top], _logits[top + next], _logits[bottom], _logits[bottom + next]);
            floor = Larger(floor, Smaller(Smaller(corners.TopLeft, corners.TopRight), Smaller(corners.BottomLeft, corners.BottomRight)));
            _buffer[k] = corners;
        }
        if (!finite)
            return _buffer;
        int count = 0;
        foreach (ref readonly MixedClass c in _buffer)
        {
            if (Larger(Larger(c.TopLeft, c.TopRight), Larger(c.BottomLeft, c.BottomRight)) >= floor)
                _buffer[count++] = c;
        }
        return _buffer[..count];
    }

    private static Vector256<int> Best(ReadOnlySpan<MixedClass> candidates, Vector256<float> across)
    {
        Vector256<float> largest = Vector256.Create(float.NegativeInfinity);
        Vector256<int> ids = Vector256<int>.Zero;
        Vector256<float> exact = Vector256.Equals(across, Vector256<float>.Zero);
        foreach (ref readonly MixedClass c in candidates)
        {
            Vector256<float> left = Vector256.Create(c.Left);
            Vector256<float> score = Vector256.ConditionalSelect(exact, left, Vector256.FusedMultiplyAdd(across, Vector256.Create(c.Rise), left));
            Vector256<float> better = Vector256.GreaterThan(score, largest);
            largest = Vector256.ConditionalSelect(better, score, largest);
            ids = Vector256.ConditionalSelect(better.AsInt32(), Vector256.Create(c.Id), ids);
        }
        return ids;
    }

    // A score at the very place of a pixel is taken as it is, whatever lies beside it: nothing times infinity is NaN.
    private static float Mix(float from, float to, float fraction) => fraction == 0 ? from : MathF.FusedMultiplyAdd(fraction, to - from, from);

    // Math.Min and Max look for NaN and signed zeros, which costs more than all the rest.
    private static float Smaller(float a, float b) => a < b ? a : b;

    private static float Larger(float a, float b) => a > b ? a : b;
}
