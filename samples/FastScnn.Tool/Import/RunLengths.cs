namespace FastScnn.Tool.Import;

/// <summary>The run lengths of the tools, as lengths that begin with what is outside.</summary>
internal static class RunLengths
{
    /// <summary>Those of pixels, where all but 0 is inside.</summary>
    public static int[] Of(ReadOnlySpan<byte> pixels)
    {
        List<int> runs = [0];
        foreach (byte pixel in pixels)
        {
            if (pixel != 0 != (runs.Count % 2 == 0)) runs.Add(0);
            runs[^1]++;
        }
        return [.. runs];
    }

    /// <summary>Those of a text of COCO: numbers in groups of 5 bits, lowest first, a character each; from the fourth
    /// number on, the difference to the one two before.</summary>
    /// <remarks>https://github.com/cocodataset/cocoapi, common/maskApi.c, rleFrString.</remarks>
    /// <returns>The lengths; null where the text is none.</returns>
    public static int[]? OfCocoText(string text)
    {
        List<int> runs = [];
        for (int at = 0; at < text.Length;)
        {
            long value = 0;
            int shift = 0, bits;
            do
            {
                if (at == text.Length || text[at] is < '0' or > 'o' || shift > 30) return null;
                bits = text[at++] - '0';
                value |= (long)(bits & 31) << shift;
                shift += 5;
            }
            while ((bits & 32) != 0);
            if ((bits & 16) != 0) value -= 1L << shift;
            if (runs.Count > 2) value += runs[^2];
            if (value is < 0 or > int.MaxValue) return null;
            runs.Add((int)value);
        }
        return [.. runs];
    }

    /// <summary>Those of the alpha of a brush of Label Studio, which packs the bytes of an RGBA image: a header of 32
    /// bits (how many bytes), 5 (bits of a word, less 1) and 4 times 4 (bits of the four sizes of counts, less 1); then
    /// runs of a bit (whether one word repeats), 2 bits (which size), a count less 1, and the word or
    /// words.</summary>
    /// <remarks>https://github.com/HumanSignal/label-studio-converter, label_studio_converter/brush.py, decode_rle,
    /// after rle-pack of https://github.com/thi-ng/umbrella.</remarks>
    /// <param name="packed">The bytes.</param>
    /// <param name="pixels">How many pixels the image has.</param>
    /// <returns>The lengths, along the rows; null where the bytes are damaged or of another size.</returns>
    public static int[]? OfLabelStudioBrush(ReadOnlySpan<byte> packed, long pixels)
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
