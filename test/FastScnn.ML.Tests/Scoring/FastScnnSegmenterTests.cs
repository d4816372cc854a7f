using System.IO.Compression;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using FastScnn.Torch.Onnx;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Scoring;

public class FastScnnSegmenterTests
{
    [Test]
    public void Agrees_with_PyTorch_from_file_to_map()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.Golden);
        SegmentationMap map = segmenter.Segment(TestImages.Street);
        Assert.That((map.Width, map.Height, map.Classes), Is.EqualTo((480, 360, ClassList.Cityscapes)));
        Assert.That(TestImages.Agreement(map.ClassIds.Span, Npy.Golden("argmax_d_360x480.npy").As<byte>()),
            Is.GreaterThan(0.9999));
    }

    [Test]
    public void File_stream_image_and_pixels_give_the_same_map()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        using MLImage image = MLImage.CreateFromFile(TestImages.Street);
        using FileStream stream = File.OpenRead(TestImages.Street);
        PixelLayout layout = image.PixelFormat == MLPixelFormat.Bgra32 ? PixelLayout.Bgra32 : PixelLayout.Rgba32;
        byte[] expected = segmenter.Segment(TestImages.Street).ClassIds.ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(expected.Distinct().Count(), Is.GreaterThan(4), "a street has several classes");
            Assert.That(segmenter.Segment(stream).ClassIds.ToArray(), Is.EqualTo(expected));
            Assert.That(segmenter.Segment(image).ClassIds.ToArray(), Is.EqualTo(expected));
            Assert.That(
                segmenter.Segment(new PixelBuffer(image.Width, image.Height, image.Pixels.ToArray(),
                    layout)).ClassIds.ToArray(), Is.EqualTo(expected));
        });
    }

    [Test]
    public void A_stream_stays_open_and_may_be_unable_to_seek()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        using var stream = new MemoryStream(File.ReadAllBytes(TestImages.Street));
        using var forward = new BufferedStream(
            new DeflateStream(new MemoryStream(Deflate(File.ReadAllBytes(TestImages.Street))),
                CompressionMode.Decompress));
        byte[] ids = segmenter.Segment(stream).ClassIds.ToArray();
        Assert.That((stream.CanRead, stream.Position), Is.EqualTo((true, stream.Length)));
        Assert.That(segmenter.Segment(forward).ClassIds.ToArray(), Is.EqualTo(ids));
        Assert.That(forward.CanRead, Is.True);
    }

    private static byte[] Deflate(byte[] content)
    {
        var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest))
            deflate.Write(content);
        return packed.ToArray();
    }

    [Test]
    public void Rows_may_be_padded()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        byte[] pixels = TestImages.Pixels(50, 40);
        var padded = new byte[(50 * 4 + 24) * 40];
        for (int y = 0; y < 40; y++)
            pixels.AsSpan(y * 200, 200).CopyTo(padded.AsSpan(y * 224));
        Assert.That(
            segmenter.Segment(new PixelBuffer(50, 40, padded, PixelLayout.Bgra32, 224)).ClassIds.ToArray(),
            Is.EqualTo(segmenter.Segment(new PixelBuffer(50, 40, pixels, PixelLayout.Bgra32)).ClassIds.ToArray()));
    }

    [TestCase(1, 1)]
    [TestCase(1, 2000)]
    [TestCase(2000, 1)]
    [TestCase(31, 33)]
    [TestCase(33, 31)]
    [TestCase(32, 32)]
    [TestCase(45, 60)]
    [TestCase(97, 161)]
    [TestCase(127, 64)]
    [TestCase(321, 200)]
    [TestCase(640, 359)]
    public void The_map_has_the_images_size(int width, int height)
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        SegmentationMap map = segmenter.Segment(TestImages.Buffer(width, height));
        Assert.That((map.Width, map.Height, map.ClassIds.Length), Is.EqualTo((width, height, width * height)));
        Assert.That(map.ClassIds.ToArray(), Is.All.LessThan(11));
    }

    [Test]
    public void A_one_colour_image_may_be_small()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        byte[] small = [.. Enumerable.Repeat(new byte[] { 250, 230, 220, 255 }, 5 * 4).SelectMany(p => p)];
        byte[] large = [.. Enumerable.Repeat(new byte[] { 250, 230, 220, 255 }, 32 * 32).SelectMany(p => p)];
        byte[] ids = segmenter.Segment(new PixelBuffer(5, 4, small, PixelLayout.Bgra32)).ClassIds.ToArray();
        byte[] enlarged = segmenter.Segment(new PixelBuffer(32, 32, large, PixelLayout.Bgra32)).ClassIds.ToArray();
        // The corners of both maps stand for the corners of the same network input.
        Assert.That(new[] { ids[0], ids[4], ids[15], ids[19] },
            Is.EqualTo(new[] { enlarged[0], enlarged[31], enlarged[31 * 32], enlarged[^1] }));
    }

    [Test]
    public void Both_graphs_give_the_same_map()
    {
        using var scoring = FastScnnSegmenter.Load(Models.CamVid);
        using var interop = FastScnnSegmenter.Load(Models.CamVidInterop);
        Assert.That(interop.Classes, Is.EqualTo(scoring.Classes));
        Assert.That(
            TestImages.Agreement(interop.Segment(TestImages.Street).ClassIds.Span,
                scoring.Segment(TestImages.Street).ClassIds.Span), Is.GreaterThan(0.9999));
    }

    [Test]
    public void A_model_of_one_size_takes_any_image()
    {
        string file = Models.Export("reference/camvid-pytorch-60ep.pth",
            new OnnxExportOptions { Height = 360, Width = 480 }, ClassList.CamVid);
        using var fixedSize = FastScnnSegmenter.Load(file);
        using var anySize = FastScnnSegmenter.Load(Models.CamVid);
        Assert.That(
            TestImages.Agreement(fixedSize.Segment(TestImages.Street).ClassIds.Span,
                anySize.Segment(TestImages.Street).ClassIds.Span), Is.GreaterThan(0.9999));
        SegmentationMap other = fixedSize.Segment(TestImages.Buffer(200, 70));
        Assert.That((other.Width, other.Height), Is.EqualTo((200, 70)));
    }

    [Test]
    public void A_model_in_memory_works_as_its_file()
    {
        using var file = FastScnnSegmenter.Load(Models.CamVid);
        using var memory = FastScnnSegmenter.Load(File.ReadAllBytes(Models.CamVid));
        Assert.That(memory.Segment(TestImages.Street).ClassIds.ToArray(),
            Is.EqualTo(file.Segment(TestImages.Street).ClassIds.ToArray()));
    }

    [Test]
    public void Threads_share_one_segmenter()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        (int Width, int Height)[] sizes = [(160, 120), (97, 161), (64, 64), (200, 33)];
        byte[][] expected =
        [
            .. sizes.Select((s, i) => segmenter.Segment(TestImages.Buffer(s.Width, s.Height, i)).ClassIds.ToArray())
        ];
        Parallel.For(0, 40, new ParallelOptions { MaxDegreeOfParallelism = 6 }, n =>
        {
            int i = n % sizes.Length;
            SegmentationMap map = segmenter.Segment(TestImages.Buffer(sizes[i].Width, sizes[i].Height, i));
            Assert.That(map.ClassIds.Span.SequenceEqual(expected[i]), Is.True);
        });
    }

    [Test]
    public void All_parts_are_timed()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        SegmentationTimings timings = segmenter.Segment(TestImages.Street).Timings;
        Assert.Multiple(() =>
        {
            Assert.That(timings.PreProcess, Is.GreaterThan(TimeSpan.Zero));
            Assert.That(timings.Inference, Is.GreaterThan(TimeSpan.Zero));
            Assert.That(timings.PostProcess, Is.GreaterThan(TimeSpan.Zero));
            Assert.That(timings.Total, Is.EqualTo(timings.PreProcess + timings.Inference + timings.PostProcess));
        });
    }

    [Test]
    public void Decoding_is_timed_as_a_part_of_what_comes_before_the_network()
    {
        byte[] image = TestImages.Jpeg(64, 48);
        var options = new FastScnnSegmenterOptions { Classes = ClassList.Generic(3) };
        using var plain = FastScnnSegmenter.Load(Models.Tiny, options);
        using var flipped = FastScnnSegmenter.Load(Models.Tiny, options with { Inference = new() { Flip = true } });
        using MLImage decoded = TestImages.Image(64, 48);
        SegmentationTimings[] fromFiles =
        [
            plain.Segment(new MemoryStream(image)).Timings, flipped.Segment(new MemoryStream(image)).Timings,
            plain.SegmentWithScores(new MemoryStream(image)).Map.Timings
        ];
        Assert.Multiple(() =>
        {
            foreach (SegmentationTimings timings in fromFiles)
                Assert.That(timings.Decode, Is.GreaterThan(TimeSpan.Zero).And.LessThan(timings.PreProcess));
            Assert.That(plain.Segment(decoded).Timings.Decode, Is.EqualTo(TimeSpan.Zero));
        });
    }

    [Test]
    public void Many_images_come_in_order_and_lazily()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        string[] files = TestImages.Val(2);
        byte[][] expected = [.. files.Select(f => segmenter.Segment(f).ClassIds.ToArray())];
        Assert.That(segmenter.SegmentMany(files).Select(m => m.ClassIds.ToArray()), Is.EqualTo(expected));
        Assert.That(segmenter.SegmentMany([files[0], "missing.jpg"]).First().ClassIds.ToArray(),
            Is.EqualTo(expected[0]));
        using MLImage image = MLImage.CreateFromFile(files[1]);
        Assert.That(segmenter.SegmentMany([image]).Single().ClassIds.ToArray(), Is.EqualTo(expected[1]));
    }

    [Test]
    public void Many_images_can_be_cancelled()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        using var cancellation = new CancellationTokenSource();
        using IEnumerator<SegmentationMap> maps =
            segmenter.SegmentMany([TestImages.Street, TestImages.Street], cancellation.Token).GetEnumerator();
        Assert.That(maps.MoveNext(), Is.True);
        cancellation.Cancel();
        Assert.That(() => maps.MoveNext(), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Disposing_is_final_and_may_be_repeated()
    {
        var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        segmenter.Dispose();
        segmenter.Dispose();
        Assert.That(() => segmenter.Segment(TestImages.Street), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void Disposing_while_others_segment_is_safe()
    {
        for (int round = 0; round < 3; round++)
        {
            var segmenter = FastScnnSegmenter.Load(Models.CamVid);
            byte[] pixels = TestImages.Pixels(200, 150);
            byte[] expected =
                segmenter.Segment(new PixelBuffer(200, 150, pixels, PixelLayout.Bgra32)).ClassIds.ToArray();
            int finished = 0;
            Task[] tasks = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            {
                try
                {
                    while (true)
                    {
                        Assert.That(
                            segmenter.Segment(new PixelBuffer(200, 150, pixels,
                                PixelLayout.Bgra32)).ClassIds.Span.SequenceEqual(expected), Is.True);
                        Interlocked.Increment(ref finished);
                    }
                }
                catch (ObjectDisposedException)
                {
                }
            }))];
            // A task that ends by itself has failed; waiting for all shows why.
            SpinWait.SpinUntil(() => Volatile.Read(ref finished) > 4 || tasks.Any(task => task.IsCompleted));
            segmenter.Dispose();
            Task.WaitAll(tasks);
        }
    }

    [Test]
    public void Bad_pixel_arguments_are_named()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid,
            new FastScnnSegmenterOptions { MaxPixels = 10_000 });
        Assert.Multiple(() =>
        {
            Assert.That(() => segmenter.Segment(new PixelBuffer(10, 10, new byte[399], PixelLayout.Bgra32)),
                Throws.ArgumentException.With.Message.Contains("399 bytes").And.Message.Contains("10 x 10"));
            Assert.That(() => segmenter.Segment(new PixelBuffer(0, 10, new byte[400], PixelLayout.Bgra32)),
                Throws.ArgumentException.With.Message.Contains("0 x 10"));
            Assert.That(() => segmenter.Segment(new PixelBuffer(10, 10, new byte[400], PixelLayout.Bgra32, 39)),
                Throws.ArgumentException.With.Message.Contains("stride of 39"));
            Assert.That(() => segmenter.Segment(new PixelBuffer(10, 10, new byte[400], (PixelLayout)77)),
                Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => segmenter.Segment(new PixelBuffer(101, 100, new byte[101 * 100], PixelLayout.Gray8)),
                Throws.ArgumentException.With.Message.Contains("101 x 100").And.Message.Contains("10000"));
            Assert.That(() => segmenter.Segment(new PixelBuffer(1, 500, new byte[500], PixelLayout.Gray8)),
                Throws.ArgumentException.With.Message.Contains("1 x 500").And.Message.Contains("32 x 500"));
        });
    }

    [Test]
    public void Bad_images_are_named()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        string text = Path.Combine(TestFiles.NewFolder(), "notes.jpg");
        File.WriteAllText(text, "not an image");
        Assert.Multiple(() =>
        {
            Assert.That(() => segmenter.Segment("nowhere.jpg"),
                Throws.InstanceOf<FileNotFoundException>().With.Message.Contains("nowhere.jpg"));
            Assert.That(() => segmenter.Segment(text),
                Throws.InstanceOf<InvalidDataException>().With.Message.Contains("notes.jpg"));
            Assert.That(() => segmenter.Segment(new MemoryStream([1, 2, 3])),
                Throws.InstanceOf<InvalidDataException>().With.Message.Contains("stream"));
        });
    }
}
