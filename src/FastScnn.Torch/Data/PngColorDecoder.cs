namespace FastScnn.Torch.Data;

/// <summary>Turns the compressed rows of a colour-coded label (8-bit RGB or RGBA) into one id a pixel; alpha is not looked at.</summary>
internal static class PngColorDecoder
{
    public static byte[] Decode(PngHeader header, MemoryStream compressed, string name, LabelColors colors)
    {
        if (header.BitDepth != 8)
            throw Errors.PngColorDepth(name, header.BitDepth);
        var unknown = new SortedDictionary<int, long>();
        int bytes = header.BitsPerPixel / 8;
        // Neighbours mostly share a colour, so most pixels need no look-up.
        (int lastColor, byte lastId) = (-1, 0);
        byte[] decoded = PngRows.Decode(header, compressed, name, (pixels, columns, x, step, _, ids) =>
        {
            for (int column = 0; column < columns; column++, x += step)
            {
                int color = LabelColors.Key(pixels[bytes * column], pixels[bytes * column + 1], pixels[bytes * column + 2]);
                if (color != lastColor)
                {
                    if (!colors.TryGetId(color, out byte id))
                    {
                        unknown[color] = unknown.GetValueOrDefault(color) + 1;
                        continue;
                    }
                    (lastColor, lastId) = (color, id);
                }
                ids[x] = lastId;
            }
        });
        return unknown.Count == 0 ? decoded : throw Errors.LabelColors(name, unknown);
    }
}
