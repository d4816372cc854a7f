using System.Buffers.Binary;
using System.IO.Compression;
using FastScnn.Testing;
using SkiaSharp;

namespace FastScnn.ML.Tests.Images;

/// <summary>Image files of every format that the decoder reads, made here: whole ones, and tiny ones whose header
/// claims a huge image.</summary>
internal static class MadeImages
{
    /// <summary>One file of each kind, with noise, so that no part is small. The name is the kind; the extension is the
    /// format's.</summary>
    public static IReadOnlyList<(string Name, byte[] File)> Whole(int width = 60, int height = 40) =>
    [
        ("baseline.jpg", Skia(width, height, bitmap => bitmap.Encode(SKEncodedImageFormat.Jpeg, 90))),
        ("progressive.jpg", ProgressiveJpeg(width, height)),
        ("plain.png", Png(width, height, 3, interlaced: false)),
        ("interlaced.png", Png(width, height, 3, interlaced: true)),
        ("alpha.png", Png(width, height, 4, interlaced: false)),
        ("plain.gif", Gif(width, height, frames: 1, interlaced: false)),
        ("interlaced.gif", Gif(width, height, frames: 1, interlaced: true)),
        ("animated.gif", Gif(width, height, frames: 3, interlaced: false)),
        ("plain.bmp", Bmp(width, height)),
        ("runs.bmp", RunsBmp(width, height)),
        ("lossy.webp", Skia(width, height, bitmap => bitmap.Encode(SKEncodedImageFormat.Webp, 80))),
        ("lossless.webp", LosslessWebp(width, height)),
        ("bmp.ico", BmpIco(width, height)),
        ("png.ico", PngIco(Png(width, height, 4, interlaced: false), width, height)),
        ("bits.wbmp", Wbmp(width, height)),
    ];

    /// <summary>Tiny files that claim a square of this side, up to 16,383 for WebP, whose header holds no
    /// more.</summary>
    public static IReadOnlyList<(string Name, byte[] File)> Claiming(int side)
    {
        byte[] little = Little32(side), large = [.. little.Reverse()];
        byte[] two = little[..2];
        byte[] png = Png(16, 16, 3, interlaced: false), hugePng = Patch(png, (16, large), (20, large));
        byte[] interlaced = Patch(Png(16, 16, 3, interlaced: true), (16, large), (20, large));
        PngChecksums.Mend(hugePng);
        PngChecksums.Mend(interlaced);
        int webpSide = Math.Min(side, 16_383);
        byte[] vp8 = Skia(16, 16, bitmap => bitmap.Encode(SKEncodedImageFormat.Webp, 80)), vp8L = LosslessWebp(16, 16);
        byte[] gif = Gif(4, 4, frames: 1, interlaced: false);
        return
        [
            ("claims-baseline.jpg", PatchFrame(Skia(16, 16, bitmap => bitmap.Encode(SKEncodedImageFormat.Jpeg, 90)),
                0xC0, side)),
            ("claims-progressive.jpg", PatchFrame(ProgressiveJpeg(16, 16), 0xC2, side)),
            ("claims-plain.png", hugePng),
            ("claims-interlaced.png", interlaced),
            ("claims.gif", Patch(gif, (6, two), (8, two), (13 + 384 + 8 + 5, two), (13 + 384 + 8 + 7, two))),
            ("claims.bmp", Patch(Bmp(4, 4), (18, little), (22, little))),
            ("claims-lossy.webp", Patch(vp8, (26, Little32(webpSide)[..2]), (28, Little32(webpSide)[..2]))),
            ("claims-lossless.webp", Patch(vp8L, (21, Little32((webpSide - 1) | (webpSide - 1) << 14)))),
            ("claims-bmp.ico", Patch(BmpIco(8, 8), (26, little), (30, Little32(2 * side)))),
            ("claims-png.ico", PngIco(hugePng, 16, 16)),
            ("claims.wbmp", [0, 0, .. Varint(side), .. Varint(side), 1, 2, 3, 4]),
        ];
    }

    /// <summary>An 8-bit PNG of noise, its pixels grey (1 channel), RGB (3) or RGBA (4).</summary>
    public static byte[] Png(int width, int height, int channels, bool interlaced)
    {
        var random = new Random(1);
        var pixels = new byte[width * height * channels];
        random.NextBytes(pixels);
        return Png(width, height, channels, pixels, interlaced);
    }

    public static byte[] Png(int width, int height, int channels, byte[] pixels, bool interlaced = false,
        params (string Type, byte[] Content)[] chunks)
    {
        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            (int X, int Y, int StepX, int StepY)[] passes = interlaced
                ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
                : [(0, 0, 1, 1)];
            foreach ((int startX, int startY, int stepX, int stepY) in passes)
                for (int y = startY; y < height && startX < width; y += stepY)
                {
                    zlib.WriteByte(0);
                    for (int x = startX; x < width; x += stepX)
                        zlib.Write(pixels, (y * width + x) * channels, channels);
                }
        }
        byte colour = channels switch { 1 => 0, 3 => 2, _ => 6 };
        byte[] header = [.. Little32(width).Reverse(), .. Little32(height).Reverse(), 8, colour, 0, 0,
            (byte)(interlaced ? 1 : 0)];
        byte[] png =
        [
            0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, .. Chunk("IHDR", header),
            .. chunks.SelectMany(chunk => Chunk(chunk.Type, chunk.Content)), .. Chunk("IDAT", compressed.ToArray()),
            .. Chunk("IEND", []),
        ];
        PngChecksums.Mend(png);
        return png;
    }

    /// <summary>EXIF of one entry, the orientation.</summary>
    public static byte[] Exif(int orientation) =>
        [(byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0,
            0];

    /// <summary>A WebP of one image, with EXIF behind it.</summary>
    public static byte[] WithExif(byte[] webp, int width, int height, byte[] exif)
    {
        byte[] extended = [0x08, 0, 0, 0, .. Little32(width - 1)[..3], .. Little32(height - 1)[..3]];
        byte[] chunks = [.. "WEBPVP8X"u8, .. Little32(extended.Length), .. extended, .. webp[12..], .. "EXIF"u8,
            .. Little32(exif.Length), .. exif];
        return [.. "RIFF"u8, .. Little32(chunks.Length), .. chunks];
    }

    public static byte[] LosslessWebp(int width, int height) => Skia(width, height, bitmap =>
    {
        using SKPixmap pixels = bitmap.PeekPixels();
        return pixels.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 75));
    });

    private static byte[] Skia(int width, int height, Func<SKBitmap, SKData> encode)
    {
        using var bitmap = new SKBitmap(width, height, SKColorType.Bgra8888, SKAlphaType.Opaque);
        var random = new Random(2);
        bitmap.Pixels =
        [
            .. Enumerable.Range(0, width * height).Select(_ => new SKColor((uint)random.Next(1 << 24) | 0xFF000000))
        ];
        using SKData data = encode(bitmap);
        return data.ToArray();
    }

    // Grey, 8 x 8 blocks of one value each: a scan of the means, then a scan of all else, which is nothing. Codes of 4
    // bits for the means.
    private static byte[] ProgressiveJpeg(int width, int height)
    {
        int blocks = (width + 7) / 8 * ((height + 7) / 8);
        var random = new Random(3);
        var means = new BitWriter();
        for (int i = 0, last = 0; i < blocks; i++)
        {
            int mean = random.Next(-100, 100), difference = mean - last;
            int bits = 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)Math.Abs(difference));
            means.Write(bits, 4);
            means.Write(difference < 0 ? difference + (1 << bits) - 1 : difference, bits);
            last = mean;
        }
        var rest = new BitWriter();
        for (int i = 0; i < blocks; i++)
            rest.Write(0, 1);
        return
        [
            0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0, .. Enumerable.Repeat((byte)8, 64),
            0xFF, 0xC2, 0, 11, 8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, 1, 1, 0x11, 0,
            0xFF, 0xC4, 0, 31, 0x00, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
            11,
            0xFF, 0xDA, 0, 8, 1, 1, 0x00, 0, 0, 0, .. means.ToArray(),
            0xFF, 0xC4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            0xFF, 0xDA, 0, 8, 1, 1, 0x00, 1, 63, 0, .. rest.ToArray(),
            0xFF, 0xD9,
        ];
    }

    private static byte[] Bmp(int width, int height)
    {
        var pixels = new byte[(3 * width + 3) / 4 * 4 * height];
        new Random(4).NextBytes(pixels);
        return [.. "BM"u8, .. Little32(54 + pixels.Length), 0, 0, 0, 0, .. Little32(54),
            .. BmpHeader(width, height, 24, 0, pixels.Length, 0), .. pixels];
    }

    private static byte[] RunsBmp(int width, int height)
    {
        var random = new Random(5);
        List<byte> runs = [];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0, run; x < width; x += run)
            {
                run = Math.Min(width - x, 1 + random.Next(9));
                runs.AddRange([(byte)run, (byte)random.Next(256)]);
            }
            runs.AddRange([0, 0]);
        }
        runs.AddRange([0, 1]);
        var palette = new byte[1024];
        random.NextBytes(palette);
        int start = 54 + palette.Length;
        return [.. "BM"u8, .. Little32(start + runs.Count), 0, 0, 0, 0, .. Little32(start),
            .. BmpHeader(width, height, 8, 1, runs.Count, 256), .. palette, .. runs];
    }

    private static byte[] BmpHeader(int width, int height, byte bits, byte compression, int length, int colours) =>
        [.. Little32(40), .. Little32(width), .. Little32(height), 1, 0, bits, 0, compression, 0, 0, 0,
            .. Little32(length), .. new byte[8], .. Little32(colours), 0, 0, 0, 0];

    private static byte[] BmpIco(int width, int height)
    {
        var pixels = new byte[4 * width * height];
        new Random(6).NextBytes(pixels);
        for (int alpha = 3; alpha < pixels.Length; alpha += 4)
            pixels[alpha] = 255;
        byte[] image = [.. BmpHeader(width, 2 * height, 32, 0, pixels.Length, 0), .. pixels,
            .. new byte[(width + 31) / 32 * 4 * height]];
        return PngIco(image, width, height);
    }

    private static byte[] PngIco(byte[] image, int width, int height) =>
        [0, 0, 1, 0, 1, 0, (byte)width, (byte)height, 0, 0, 1, 0, 32, 0, .. Little32(image.Length), .. Little32(22),
            .. image];

    private static byte[] Wbmp(int width, int height)
    {
        var bits = new byte[(width + 7) / 8 * height];
        new Random(7).NextBytes(bits);
        return [0, 0, .. Varint(width), .. Varint(height), .. bits];
    }

    // Codes of 8 bits for 7-bit values, with a clear code before the table would need more.
    private static byte[] Gif(int width, int height, int frames, bool interlaced)
    {
        var random = new Random(8);
        var palette = new byte[3 * 128];
        random.NextBytes(palette);
        List<byte> gif = [.. "GIF89a"u8, .. Little32(width)[..2], .. Little32(height)[..2], 0xF6, 0, 0, .. palette];
        for (int frame = 0; frame < frames; frame++)
        {
            gif.AddRange([0x21, 0xF9, 4, 0, 5, 0, 0, 0, 0x2C, 0, 0, 0, 0, .. Little32(width)[..2],
                .. Little32(height)[..2], (byte)(interlaced ? 0x40 : 0), 7]);
            List<byte> codes = [];
            for (int i = 0; i < width * height; i++)
            {
                if (i % 100 == 0)
                    codes.Add(128);
                codes.Add((byte)random.Next(128));
            }
            codes.Add(129);
            foreach (byte[] block in codes.Chunk(255))
                gif.AddRange([(byte)block.Length, .. block]);
            gif.Add(0);
        }
        gif.Add(0x3B);
        return [.. gif];
    }

    private static byte[] PatchFrame(byte[] jpeg, byte marker, int side)
    {
        byte[] large = [(byte)(side >> 8), (byte)side];
        int at = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, marker]);
        return Patch(jpeg, (at + 5, large), (at + 7, large));
    }

    private static byte[] Patch(byte[] file, params (int At, byte[] Value)[] patches)
    {
        byte[] copy = [.. file];
        foreach ((int at, byte[] value) in patches)
            value.CopyTo(copy, at);
        return copy;
    }

    private static byte[] Chunk(string type, byte[] content) =>
    [
        .. Little32(content.Length).Reverse(), .. type.Select(c => (byte)c), .. content, 0, 0, 0, 0
    ];

    private static byte[] Varint(int value) => value < 128 ? [(byte)value]
        : value < 1 << 14 ? [(byte)(0x80 | value >> 7), (byte)(value & 127)]
        : [(byte)(0x80 | value >> 14), (byte)(0x80 | value >> 7 & 127), (byte)(value & 127)];

    private static byte[] Little32(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    // Bits from the highest on; a byte of ones is followed by a zero.
    private sealed class BitWriter
    {
        private readonly List<byte> _bytes = [];
        private int _held, _count;

        public void Write(int value, int bits)
        {
            for (int bit = bits - 1; bit >= 0; bit--)
            {
                _held = _held << 1 | (value >> bit & 1);
                if (++_count == 8)
                    Flush();
            }
        }

        public byte[] ToArray()
        {
            while (_count > 0)
                Write(1, 1);
            return [.. _bytes];
        }

        private void Flush()
        {
            _bytes.Add((byte)_held);
            if (_held == 0xFF)
                _bytes.Add(0);
            (_held, _count) = (0, 0);
        }
    }
}
