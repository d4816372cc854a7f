using FastScnn.ML.Imaging;
using FastScnn.ML.Quantization;
using FastScnn.ML.Scoring;
using FastScnn.ML.Tests.Images;
using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Scoring;

/// <summary>Several images in one run of the network, against one by one.</summary>
public class BatchTests
{
    private static readonly (int Width, int Height)[] s_mixed =
    [
        (96, 64), (97, 61), (96, 64), (20, 40), (33, 33), (97, 61), (96, 64), (150, 70), (32, 40),
    ];

    // What sends images through the network in another way, or asks more of it than one run.
    private static readonly FastScnnSegmenterOptions[] s_ways =
    [
        new(), new() { IntraOpThreads = 1 },
        new() { Inference = new() { RegionOfInterest = new(0.1, 0.4, 0.8465, 0.9) } },
        new() { Inference = new() { WorkingSide = 64 } },
        new() { Inference = new() { Flip = true, Scales = [0.75, 1] } },
        new() { Inference = new() { TileHeight = 48, TileWidth = 64 } },
        new() { Inference = new() { OutputSize = SegmentationSize.Model } },
        new() { ConfidenceThreshold = 0.6 },
        // Three images of 96 x 64 are more than that.
        new() { MaxPixels = 12_500 },
    ];

    [TestCaseSource(nameof(s_ways))]
    public void Maps_are_those_of_one_by_one_in_their_order(FastScnnSegmenterOptions way)
    {
        using FastScnnSegmenter together = FastScnnSegmenter.Load(Models.CamVid, way),
            alone = FastScnnSegmenter.Load(Models.CamVid, way);
        PixelBuffer[] images = [.. s_mixed.Select((size, i) => TestImages.Buffer(size.Width, size.Height, i + 1))];
        AssertSame(together.SegmentBatch(images), images.Select(alone.Segment));
        Assert.That(together.WhyNotSeveral, Is.Null);
    }

    [Test]
    public void Models_of_floats_and_of_integers_give_the_same_maps()
    {
        string integers = Path.Combine(TestFiles.NewFolder(), "int8.onnx");
        Checkpoint weights = Checkpoint.Load(TestFiles.Shared("reference", "camvid-pytorch-60ep.pth"))
            .WithInfo(new() { Classes = ClassList.CamVid });
        FastScnnQuantizer.Quantize(weights, [TestImages.Street], integers);
        PixelBuffer[] images = [.. Enumerable.Range(1, 5).Select(seed => TestImages.Buffer(123, 77, seed))];
        foreach (string model in new[] { Models.CamVidInterop, integers })
        {
            using FastScnnSegmenter together = FastScnnSegmenter.Load(model), alone = FastScnnSegmenter.Load(model);
            // As often as it takes to get a session of that size and number.
            for (int i = 0; i < RunnerChoice.UsesForSession + 1; i++)
                AssertSame(together.SegmentBatch(images), images.Select(alone.Segment));
            Assert.That((together.SizedSessions, together.WhyNotSeveral), Is.EqualTo((1, (string?)null)));
        }
    }

    [Test]
    public void Files_streams_and_images_come_as_they_do_alone()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        byte[] jpeg = TestImages.Jpeg(120, 80);
        byte[][] encoded = [jpeg, TestImages.Turned(jpeg), jpeg, TestImages.Jpeg(64, 48), TestImages.Turned(jpeg)];
        string folder = TestFiles.NewFolder();
        string[] paths = [.. encoded.Select((_, i) => Path.Combine(folder, $"{i}.jpg"))];
        for (int i = 0; i < paths.Length; i++)
            File.WriteAllBytes(paths[i], encoded[i]);
        SegmentationMap[] expected = [.. paths.Select(segmenter.Segment)];
        Assert.That((expected[1].Width, expected[1].Height), Is.EqualTo((80, 120)));
        AssertSame(segmenter.SegmentBatch(paths), expected);
        AssertSame(segmenter.SegmentBatch([.. encoded.Select(bytes => (Stream)new MemoryStream(bytes))]), expected);
        using MLImage first = ImageDecoder.Read(paths[0]), second = ImageDecoder.Read(paths[1]);
        AssertSame(segmenter.SegmentBatch([first, second, first]), [expected[0], expected[1], expected[0]]);
        Assert.That(segmenter.SegmentBatch(Array.Empty<string>()), Is.Empty);
    }

    [Test]
    public async Task A_folder_in_batches_gives_the_same_maps_in_the_same_order(
        [Values(2, 4, 1024)] int batchSize, [Values(0, 3)] int held)
    {
        using FastScnnSegmenter together = FastScnnSegmenter.Load(Models.CamVid, new() { BatchSize = batchSize }),
            alone = FastScnnSegmenter.Load(Models.CamVid);
        MLImage[] images = [.. s_mixed.Select((size, i) => TestImages.Image(size.Width, size.Height, i + 1))];
        var maps = new List<SegmentationMap>();
        await foreach (SegmentationMap map in together.SegmentManyAsync(images, held))
            maps.Add(map);
        AssertSame(maps, images.Select(alone.Segment));
        foreach (MLImage image in images)
            image.Dispose();
    }

    [Test]
    public async Task A_bad_file_of_a_folder_comes_after_the_maps_before_it()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid, new() { BatchSize = 3 });
        string good = Path.Combine(TestFiles.NewFolder(), "good.jpg");
        File.WriteAllBytes(good, TestImages.Jpeg(64, 48));
        int maps = 0;
        var thrown = Assert.ThrowsAsync<FileNotFoundException>(async () =>
        {
            await foreach (SegmentationMap _ in segmenter.SegmentManyAsync([good, good, good, good, "gone.jpg", good]))
                maps++;
        });
        Assert.That((thrown!.Message.Contains("gone.jpg"), maps), Is.EqualTo((true, 4)));
        await Task.CompletedTask;
    }

    [Test]
    public void No_more_images_are_read_than_may_be_held()
    {
        int read = 0;
        using MLImage image = TestImages.Image(64, 48);
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid, new() { BatchSize = 4 });
        IAsyncEnumerator<SegmentationMap> maps = segmenter.SegmentManyAsync(Images(), 8)
            .GetAsyncEnumerator();
        Assert.That(maps.MoveNextAsync().AsTask().Result, Is.True);
        Assert.That(read, Is.EqualTo(8));
        maps.DisposeAsync().AsTask().Wait();

        IEnumerable<MLImage> Images()
        {
            while (read < 100)
            {
                read++;
                yield return image;
            }
        }
    }

    [Test]
    public void A_file_of_a_model_for_one_image_gets_one_at_a_time()
    {
        var options = new FastScnnSegmenterOptions { Classes = ClassList.Generic(3) };
        PixelBuffer[] images = [.. Enumerable.Range(1, 4).Select(seed => TestImages.Buffer(40, 36, seed))];
        foreach (byte[] model in new[] { Models.Tiny, Models.TinyOfSize(36, 40), ForeignModels.Logits })
        {
            using var segmenter = FastScnnSegmenter.Load(model, options);
            AssertSame(segmenter.SegmentBatch(images), images.Select(segmenter.Segment));
            Assert.That(segmenter.WhyNotSeveral, Is.Null, "the file says so");
        }
    }

    [Test]
    public void A_model_that_takes_one_image_whatever_its_file_says_gets_one_at_a_time()
    {
        using var segmenter = FastScnnSegmenter.Load(ForeignModels.OneImageInside,
            new() { Classes = ClassList.Generic(3) });
        PixelBuffer[] images = [.. Enumerable.Range(1, 3).Select(seed => TestImages.Buffer(40, 36, seed))];
        for (int i = 0; i < 2; i++)
        {
            AssertSame(segmenter.SegmentBatch(images), images.Select(segmenter.Segment));
            Assert.That(segmenter.WhyNotSeveral, Is.Not.Null);
        }
    }

    [Test]
    public void A_bad_image_is_named_by_its_number_or_its_file()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid, new() { MaxPixels = 10_000 });
        PixelBuffer good = TestImages.Buffer(64, 48), large = TestImages.Buffer(201, 100);
        byte[] jpeg = TestImages.Jpeg(64, 48);
        string folder = TestFiles.NewFolder(), file = Path.Combine(folder, "cut.jpg");
        File.WriteAllBytes(file, jpeg[..300]);
        Assert.Multiple(() =>
        {
            Assert.That(() => segmenter.SegmentBatch([good, good, large, large]), Throws.ArgumentException
                .With.Message.Contains("'images[2]'").And.Message.Contains("201 x 100"));
            Assert.That(() => segmenter.SegmentBatch([good, null!]),
                Throws.ArgumentException.With.Message.Contains("images[1] is null"));
            Stream pdf = new MemoryStream("%PDF-1.7"u8.ToArray());
            Assert.That(() => segmenter.SegmentBatch([new MemoryStream(jpeg), pdf]), Throws
                .TypeOf<InvalidDataException>().With.Message.Contains("'streams[1]'").And.Message.Contains("PDF"));
            Assert.That(() => segmenter.SegmentBatch([file, "gone.jpg"]),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains("cut.jpg"));
            Assert.That(() => segmenter.SegmentBatch(["gone.jpg"]),
                Throws.TypeOf<FileNotFoundException>().With.Message.Contains("gone.jpg"));
        });
        using var noNumbers = FastScnnSegmenter.Load(ForeignModels.NotNumbers,
            new() { Classes = ClassList.Generic(3), ConfidenceThreshold = 0.5 });
        Assert.That(() => noNumbers.SegmentBatch([good]), Throws.TypeOf<InvalidDataException>()
            .With.Message.StartsWith("'images[0]': "));
    }

    [Test]
    public void A_disposed_segmenter_and_numbers_out_of_range_are_refused()
    {
        var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        segmenter.Dispose();
        PixelBuffer image = TestImages.Buffer(64, 48);
        Assert.That(() => segmenter.SegmentBatch([image, image]), Throws.TypeOf<ObjectDisposedException>());
        foreach (int size in new[] { 0, -1, 1025 })
            Assert.That(() => new FastScnnSegmenterOptions { BatchSize = size },
                Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains($"BatchSize is {size}"));
    }

    [Test]
    public void Cancelling_stops_before_the_next_image()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        using var stop = new CancellationTokenSource();
        int read = 0;
        Assert.That(() => segmenter.SegmentBatch(
            [.. Enumerable.Range(0, 5).Select(i => (Stream)new Counted(TestImages.Jpeg(64, 48), () =>
            {
                read++;
                if (i == 1)
                    stop.Cancel();
            }))], stop.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(read, Is.EqualTo(2));
        Assert.That(() => segmenter.SegmentBatch([TestImages.Buffer(64, 48)], stop.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Memory_stays_flat_over_many_batches()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        PixelBuffer[] images = [.. s_mixed.Select(size => TestImages.Buffer(2 * size.Width, 2 * size.Height))];
        for (int i = 0; i < 40; i++)
            segmenter.SegmentBatch(images);
        long more = PeakMemory.While(() =>
        {
            for (int i = 0; i < 150; i++)
                segmenter.SegmentBatch(images);
        });
        // A run of three of the images takes about 10 MB, and what is collected late is counted too.
        Assert.That(more, Is.LessThan(24 << 20));
    }

    private static void AssertSame(IReadOnlyList<SegmentationMap> found, IEnumerable<SegmentationMap> expected)
    {
        SegmentationMap[] maps = [.. expected];
        Assert.That(found, Has.Count.EqualTo(maps.Length));
        for (int i = 0; i < maps.Length; i++)
        {
            Assert.That((found[i].Width, found[i].Height), Is.EqualTo((maps[i].Width, maps[i].Height)), $"image {i}");
            Assert.That(found[i].ClassIds.Span.SequenceEqual(maps[i].ClassIds.Span), Is.True, $"image {i}");
        }
    }

    /// <summary>Calls when it is first read.</summary>
    private sealed class Counted(byte[] bytes, Action read) : MemoryStream(bytes)
    {
        private bool _isRead;

        public override int Read(Span<byte> buffer)
        {
            if (!_isRead)
                read();
            _isRead = true;
            return base.Read(buffer);
        }
    }
}
