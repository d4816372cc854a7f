namespace FastScnn.Torch.Data;

/// <summary>Turns the compressed rows of a grey or palette PNG into one id a pixel.</summary>
internal static class PngIndexDecoder
{
    public static byte[] Decode(PngHeader header, MemoryStream compressed, string name) =>
        PngRows.Decode(header, compressed, name, (pixels, columns, x, step, y, ids) =>
        {
            for (int column = 0; column < columns; column++, x += step)
            {
                int value = Value(pixels, column, header.BitDepth);
                ids[x] = value <= byte.MaxValue ? (byte)value : throw Errors.PngValueTooLarge(name, value, x, y);
            }
        });

    /// <summary>The value of a pixel of one channel.</summary>
    public static int Value(ReadOnlySpan<byte> row, int column, int depth)
    {
        if (depth == 16)
            return row[2 * column] << 8 | row[2 * column + 1];
        long bit = (long)column * depth;
        return row[(int)(bit >> 3)] >> (int)(8 - depth - (bit & 7)) & (1 << depth) - 1;
    }
}
