using FastScnn.Testing;

namespace FastScnn.Torch.Tests.Onnx;

/// <summary>The golden image as the graphs take it.</summary>
internal static class TestImage
{
    /// <summary>Planar RGB bytes, [3, height, width].</summary>
    public static byte[] ReadPlanar(out int height, out int width)
    {
        RgbPng image = RgbPng.Golden("d_camvid_0001TP_008550.png");
        (height, width) = (image.Height, image.Width);
        int area = height * width;
        return [.. Enumerable.Range(0, 3 * area).Select(i => image.Pixels[3 * (i % area) + i / area])];
    }

    /// <summary>(pixel / 255 - mean) / std of planar RGB bytes.</summary>
    public static float[] Normalize(byte[] planar, Normalization normalization) =>
        [
            .. planar.Select((value, i) =>
                (value / 255f - normalization.Mean[i / (planar.Length / 3)])
                    / normalization.Std[i / (planar.Length / 3)])];
}
