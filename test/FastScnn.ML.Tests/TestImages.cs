using FastScnn.Testing;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests;

/// <summary>Images for the tests: real ones, and made ones of any size.</summary>
internal static class TestImages
{
    /// <summary>A real street image of CamVid, 480 x 360.</summary>
    public static string Street => TestFiles.Golden("d_camvid_0001TP_008550.png");

    /// <summary>The first images of CamVid's val split.</summary>
    public static string[] Val(int count) =>
        [.. Directory.GetFiles(TestFiles.Shared("camvid", "images", "val")).Order(StringComparer.Ordinal).Take(count)];

    /// <summary>Pixels (BGRA) that look a little like an image: smooth, with noise, and the same for the same
    /// seed.</summary>
    public static byte[] Pixels(int width, int height, int seed = 1)
    {
        var random = new Random(seed);
        var pixels = new byte[4 * width * height];
        for (int y = 0, p = 0; y < height; y++)
            for (int x = 0; x < width; x++, p += 4)
            {
                pixels[p] = (byte)(random.Next(64) + 191 * y / height);
                pixels[p + 1] = (byte)(random.Next(64) + 191 * x / width);
                pixels[p + 2] = (byte)(random.Next(64) + 95 * (x / 16 % 2 + y / 16 % 2));
                pixels[p + 3] = 255;
            }
        return pixels;
    }

    /// <summary>Such pixels with what is needed to read them.</summary>
    public static PixelBuffer Buffer(int width, int height, int seed = 1) =>
        new(width, height, Pixels(width, height, seed), PixelLayout.Bgra32);

    public static MLImage Image(int width, int height, int seed = 1) =>
        MLImage.CreateFromPixels(width, height, MLPixelFormat.Bgra32, Pixels(width, height, seed));

    /// <summary>A JPEG file of such pixels.</summary>
    public static byte[] Jpeg(int width, int height)
    {
        string path = Path.Combine(TestFiles.NewFolder(), "image.jpg");
        using MLImage image = Image(width, height);
        image.Save(path);
        return File.ReadAllBytes(path);
    }

    /// <summary>The same JPEG with an EXIF orientation that has viewers turn it by 90 degrees.</summary>
    public static byte[] Turned(byte[] jpeg) => [.. jpeg[..2], .. OrientationSegment(6), .. jpeg[2..]];

    // APP1 with one TIFF entry: tag 0x0112 (orientation), type 3 (short), count 1.
    private static byte[] OrientationSegment(byte orientation) =>
    [
        0xFF, 0xE1, 0, 34, (byte)'E', (byte)'x', (byte)'i', (byte)'f', 0, 0,
        (byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>The part of pixels that have the same class in both maps.</summary>
    public static double Agreement(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        Assert.That(second.Length, Is.EqualTo(first.Length));
        int same = 0;
        for (int i = 0; i < first.Length; i++)
            same += first[i] == second[i] ? 1 : 0;
        return (double)same / first.Length;
    }
}
