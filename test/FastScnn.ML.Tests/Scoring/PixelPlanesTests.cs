using FastScnn.Torch;

namespace FastScnn.ML.Tests.Scoring;

public class PixelPlanesTests
{
    [TestCase(PixelLayout.Bgra32, new byte[] { 3, 2, 1, 99, 6, 5, 4, 99 })]
    [TestCase(PixelLayout.Rgba32, new byte[] { 1, 2, 3, 99, 4, 5, 6, 99 })]
    [TestCase(PixelLayout.Bgr24, new byte[] { 3, 2, 1, 6, 5, 4 })]
    [TestCase(PixelLayout.Rgb24, new byte[] { 1, 2, 3, 4, 5, 6 })]
    public void EveryLayoutGivesRedThenGreenThenBlue(PixelLayout layout, byte[] pixels)
    {
        var planes = new byte[6];
        PixelPlanes.Split(pixels, 2, 1, pixels.Length, layout, planes);
        Assert.That(planes, Is.EqualTo(new byte[] { 1, 4, 2, 5, 3, 6 }));
    }

    [Test]
    public void GrayFillsAllPlanesAndTheStrideIsKept()
    {
        var planes = new byte[12];
        PixelPlanes.Split([1, 2, 88, 88, 3, 4], 2, 2, 4, PixelLayout.Gray8, planes);
        Assert.That(planes, Is.EqualTo(new byte[] { 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4 }));
    }

    [Test]
    public void NormalizesEachPlaneWithItsOwnStatistics()
    {
        var normalized = new float[3];
        new NormalizationTable(new Normalization { Mean = [0.5f, 0.25f, 0.1f], Std = [0.5f, 0.25f, 0.1f] }).Apply([0, 255, 51], normalized);
        Assert.That(normalized, Is.EqualTo(new[] { -1f, 3f, 1f }).Within(1e-6));
    }

    [Test]
    public void ResizingKeepsACornerAndMixesBetween()
    {
        byte[] planes = [0, 100, 10, 110, 20, 120];
        var resized = new byte[12];
        PlaneResize.Bilinear(planes, 2, 1, resized, 4, 1);
        // Centres at -0.25 (the edge), 0.25, 0.75 and 1.25 (the edge) of the source.
        Assert.That(resized, Is.EqualTo(new byte[] { 0, 25, 75, 100, 10, 35, 85, 110, 20, 45, 95, 120 }));
    }

    [Test]
    public void ResizingToTheSameSizeChangesNothing()
    {
        byte[] planes = [.. Enumerable.Range(0, 3 * 5 * 7).Select(i => (byte)(i * 37))];
        var resized = new byte[planes.Length];
        PlaneResize.Bilinear(planes, 5, 7, resized, 5, 7);
        Assert.That(resized, Is.EqualTo(planes));
    }
}
