using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.Torch.Tests.Data;

public class LabelFileTests
{
    [Test]
    public void Interlaced_colors_are_those_of_the_plain_file()
    {
        // PngSuite: one image, stored in both ways.
        MaskColors colors = ColorsOf("png_valid/basn2c08.png", out int count);
        byte[] plain = Read("png_valid/basn2c08.png", colors), interlaced = Read("png_interlaced/basi2c08.png", colors);
        Assert.That(count, Is.GreaterThan(100));
        Assert.That(interlaced, Is.EqualTo(plain));
        Assert.That(plain.Distinct().Count(), Is.GreaterThan(100));
    }

    [Test]
    public void Colors_that_stand_for_two_ids_are_refused() =>
        Assert.That(() => new MaskColors([((1, 2, 3), 0), ((1, 2, 3), 1)]),
            Throws.ArgumentException.With.Message.Contains("1,2,3"));

    [TestCase("png_valid/basn2c16.png", "16 bits a channel")]
    [TestCase("png_valid/basn4a08.png", "stand for no class")]
    [TestCase("bombs/header_100000x100000_rgb.png", "limit")]
    [TestCase("misnamed/text.png", "signature")]
    [TestCase("truncated/image_first_03122.png", "ends")]
    public void Files_that_are_no_labels_are_refused(string file, string problem) =>
        Assert.That(() => Read(file, new MaskColors([])),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(Path.GetFileName(file)).And.Message.Contains(
                problem));

    private static byte[] Read(string file, MaskColors colors) =>
        MaskFile.Read(
            TestFiles.Shared("odd-images", file),
            new MaskRules(LabelMapping.Identity(ClassList.Generic(2)), new Lazy<MaskColors>(colors)),
            ImageFiles.DefaultMaxPixels)
            .Ids.ToArray();

    // Gives every colour of a plain RGB file an id; there may be more colours than ids.
    private static MaskColors ColorsOf(string file, out int count)
    {
        using FileStream stream = File.OpenRead(TestFiles.Shared("odd-images", file));
        var chunks = new PngChunkReader(stream, file);
        var header = PngHeader.Parse(chunks.ReadHeader(), file, int.MaxValue);
        HashSet<(byte, byte, byte)> colors = [];
        PngRows.Decode(header, chunks.ReadImageData(), file, (pixels, columns, _, _, _, _) =>
        {
            for (int column = 0; column < columns; column++)
                colors.Add((pixels[3 * column], pixels[3 * column + 1], pixels[3 * column + 2]));
        });
        count = colors.Count;
        return new MaskColors(colors.Select((color, i) => (color, (byte)(i % 251))));
    }
}
