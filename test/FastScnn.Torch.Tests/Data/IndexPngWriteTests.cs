using System.Text;
using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.Torch.Tests.Data;

public class IndexPngWriteTests
{
    [TestCase(1, 1)]
    [TestCase(3, 2)]
    [TestCase(480, 360)]
    [TestCase(1, 70_000)]
    public void Ids_come_back(int width, int height)
    {
        byte[] ids = new byte[width * height];
        new Random(3).NextBytes(ids);
        string path = Path.Combine(TestFiles.NewFolder(), "mask.png");
        foreach (ClassList? palette in new[] { null, ClassList.Cityscapes })
        {
            IndexPng.Write(path, width, height, ids, palette);
            LabelMap map = IndexPng.Read(path);
            Assert.That((map.Width, map.Height), Is.EqualTo((width, height)));
            Assert.That(map.Ids.Span.SequenceEqual(ids), Is.True);
        }
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(path)!), Has.Length.EqualTo(1),
            "a temporary file was left");
    }

    [Test]
    public void The_palette_holds_the_class_colors_and_black_for_other_ids()
    {
        byte[] small = Chunk(Png([0, 1, 2, 3], ClassList.CamVid), "PLTE")!;
        Assert.That(small, Has.Length.EqualTo(3 * 11));
        Assert.That(small[..6], Is.EqualTo(new byte[] { 128, 128, 128, 128, 0, 0 }));
        Assert.That(small[^3..], Is.EqualTo(new byte[] { 0, 128, 192 }));
        byte[] withIgnored = Chunk(Png([0, 1, 2, 255], ClassList.CamVid), "PLTE")!;
        Assert.That(withIgnored, Has.Length.EqualTo(3 * 256));
        Assert.That(withIgnored[33..], Is.All.Zero);
        Assert.That(Chunk(Png([0, 1, 2, 3], null), "PLTE"), Is.Null);
    }

    [Test]
    public void The_header_says_eight_bit_palette_or_grey()
    {
        Assert.That(Chunk(Png([0, 1, 2, 3], ClassList.CamVid), "IHDR"),
            Is.EqualTo(new byte[] { 0, 0, 0, 2, 0, 0, 0, 2, 8, 3, 0, 0, 0 }));
        Assert.That(Chunk(Png([0, 1, 2, 3], null), "IHDR"),
            Is.EqualTo(new byte[] { 0, 0, 0, 2, 0, 0, 0, 2, 8, 0, 0, 0, 0 }));
    }

    [TestCase(0, 0)]
    [TestCase(2, 3)]
    [TestCase(-1, -4)]
    public void Sizes_must_fit(int width, int height)
    {
        string path = Path.Combine(TestFiles.NewFolder(), "mask.png");
        Assert.That(() => IndexPng.Write(path, width, height, new byte[4]),
            Throws.ArgumentException.With.Message.Contains($"{width} x {height}"));
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(path)!), Is.Empty);
    }

    private static byte[] Png(byte[] ids, ClassList? palette)
    {
        var stream = new MemoryStream();
        IndexPng.Write(stream, 2, 2, ids, palette);
        return stream.ToArray();
    }

    private static byte[]? Chunk(byte[] png, string type)
    {
        int at = png.AsSpan().IndexOf(Encoding.ASCII.GetBytes(type));
        return at < 0 ? null
            : png[(at + 4)..(at + 4 + System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at - 4)))];
    }
}
