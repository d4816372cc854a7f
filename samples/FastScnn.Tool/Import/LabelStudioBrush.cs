namespace FastScnn.Tool.Import;

/// <summary>Reads what a brush of Label Studio has painted.</summary>
internal static class LabelStudioBrush
{
    /// <summary>Reads the alpha of a brush, which packs the bytes of an RGBA image: a header of 32 bits (how many
    /// bytes), 5 (bits of a word, less 1) and 4 times 4 (bits of the four sizes of counts, less 1); then runs of a bit
    /// (whether one word repeats), 2 bits (which size), a count less 1, and the word or words.</summary>
    /// <remarks>https://github.com/HumanSignal/label-studio-converter, label_studio_converter/brush.py, decode_rle,
    /// after rle-pack of https://github.com/thi-ng/umbrella.</remarks>
    /// <param name="packed">The bytes.</param>
    /// <param name="pixels">How many pixels the image has.</param>
    /// <returns>Run lengths along the rows, the first one outside; null where the bytes are damaged or of another
    /// size.</returns>
    public static int[]? Decode(ReadOnlySpan<byte> packed, long pixels)
    {
        BitReader bits = new(packed);
        if (bits.Read(32) != 4 * pixels) return null;
        int word = (int)bits.Read(5) + 1;
        Span<int> sizes = [(int)bits.Read(4) + 1, (int)bits.Read(4) + 1, (int)bits.Read(4) + 1, (int)bits.Read(4) + 1];
        List<int> runs = [0];
        for (long at = 0; at < 4 * pixels && !bits.IsPastEnd;)
        {
            bool repeats = bits.Read(1) == 1;
            long end = at + bits.Read(sizes[(int)bits.Read(2)]) + 1;
            if (end > 4 * pixels) return null;
            for (long value = repeats ? bits.Read(word) : 0; at < end && !bits.IsPastEnd; at++)
            {
                if (!repeats) value = bits.Read(word);
                // The fourth byte of a pixel.
                if (at % 4 != 3) continue;
                if (value != 0 != (runs.Count % 2 == 0)) runs.Add(0);
                runs[^1]++;
            }
        }
        return bits.IsPastEnd ? null : [.. runs];
    }

    private ref struct BitReader(ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;
        private long _at;

        public readonly bool IsPastEnd => _at > 8L * _bytes.Length;

        public long Read(int count)
        {
            long value = 0;
            for (int i = 0; i < count; i++, _at++)
            {
                int bit = _at < 8L * _bytes.Length ? _bytes[(int)(_at / 8)] >> (int)(7 - _at % 8) & 1 : 0;
                value = value << 1 | (uint)bit;
            }
            return value;
        }
    }
}
