using System.IO.Compression;

namespace FastScnn.Torch.Data;

/// <summary>Turns the packed pixels of a row into the ids at <paramref name="x"/>, x + step, ... of row
/// <paramref name="y"/>.</summary>
internal delegate void PngRow(ReadOnlySpan<byte> pixels, int columns, int x, int step, int y, Span<byte> ids);

/// <summary>Inflates the pixels of a PNG and restores its rows, pass by pass where it is interlaced.</summary>
internal static class PngRows
{
    /// <summary>Deflate cannot shrink data by more than this factor, so a smaller stream cannot hold the pixels that a
    /// header claims.</summary>
    private const long MaxDeflateRatio = 1032;

    // The seven passes of Adam7: first column and row, and the distance to the next (PNG specification, 8.1).
    private static readonly (int X, int Y, int StepX, int StepY)[] s_adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    public static byte[] Decode(PngHeader header, MemoryStream compressed, string name, PngRow take)
    {
        long pixels = (long)header.Width * header.Height;
        if (pixels * header.BitsPerPixel / 8 > compressed.Length * MaxDeflateRatio)
            throw Throw.Png(name, $"{compressed.Length} bytes of compressed pixels cannot hold {header.Width} x "
                + $"{header.Height} pixels (the file is truncated or its header is wrong)");
        var ids = new byte[pixels];
        using var rows = new ZLibStream(compressed, CompressionMode.Decompress, leaveOpen: true);
        foreach ((int X, int Y, int StepX, int StepY) pass in header.Interlaced ? s_adam7 : [(0, 0, 1, 1)])
            DecodePass(header, pass, rows, ids, name, take);
        // Asks for one byte more than the rows need: only then is the stream's own checksum looked at.
        Inflate(rows, new byte[1], name);
        return ids;
    }

    private static void DecodePass(PngHeader header, (int X, int Y, int StepX, int StepY) pass, ZLibStream rows,
        byte[] ids, string name, PngRow take)
    {
        int columns = Steps(header.Width, pass.X, pass.StepX);
        if (columns == 0)
            return;
        // A row is a filter byte and the pixels.
        var row = new byte[1 + ((long)columns * header.BitsPerPixel + 7) / 8];
        var above = new byte[row.Length];
        for (int y = pass.Y; y < header.Height; y += pass.StepY)
        {
            if (Inflate(rows, row, name) < row.Length)
                throw Throw.Png(name, $"its pixels end inside row {y} of {header.Height}");
            if (row[0] > (byte)PngRowFilter.Paeth)
                throw Throw.Png(name, $"row {y} has the unknown filter {row[0]}");
            Undo((PngRowFilter)row[0], row.AsSpan(1), above.AsSpan(1), Math.Max(1, header.BitsPerPixel / 8));
            take(row.AsSpan(1), columns, pass.X, pass.StepX, y, ids.AsSpan(y * header.Width, header.Width));
            (row, above) = (above, row);
        }
    }

    private static int Inflate(ZLibStream rows, byte[] target, string name)
    {
        try
        {
            return rows.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException exception)
        {
            throw Throw.Png(name, "its compressed pixels are damaged", exception);
        }
    }

    private static int Steps(int length, int start, int step) => length <= start ? 0 : (length - start - 1) / step + 1;

    /// <summary>Turns a grey or palette PNG into one id a pixel.</summary>
    public static byte[] DecodeIndices(PngHeader header, MemoryStream compressed, string name) =>
        Decode(header, compressed, name, (pixels, columns, x, step, y, ids) =>
        {
            for (int column = 0; column < columns; column++, x += step)
            {
                int value = Value(pixels, column, header.BitDepth);
                ids[x] = value <= byte.MaxValue ? (byte)value : throw Throw.Png(name, $"the 16-bit value {value} at "
                    + $"column {x}, row {y} is no class id; ids are 0..255");
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

    // "above" is the restored row above, zeros for the first row; "step" is the bytes to the pixel on the left, 1 where
    // a pixel is less than a byte.
    private static void Undo(PngRowFilter filter, Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        if (filter == PngRowFilter.None)
            return;
        for (int i = 0; i < row.Length; i++)
        {
            int left = i >= step ? row[i - step] : 0;
            int up = above[i];
            row[i] += (byte)(filter switch
            {
                PngRowFilter.Sub => left,
                PngRowFilter.Up => up,
                PngRowFilter.Average => (left + up) / 2,
                _ => Paeth(left, up, i >= step ? above[i - step] : 0),
            });
        }
    }

    private static int Paeth(int left, int up, int upLeft)
    {
        int estimate = left + up - upLeft;
        int toLeft = Math.Abs(estimate - left), toUp = Math.Abs(estimate - up), toUpLeft = Math.Abs(estimate - upLeft);
        return toLeft <= toUp && toLeft <= toUpLeft ? left : toUp <= toUpLeft ? up : upLeft;
    }
}

/// <summary>How a row of a PNG was made easier to compress (PNG specification, 9).</summary>
internal enum PngRowFilter : byte
{
    None = 0,
    Sub = 1,
    Up = 2,
    Average = 3,
    Paeth = 4,
}
