using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Scoring;

/// <summary>Several images in flight.</summary>
public class SegmentManyTests
{
    private string _image = null!;

    [SetUp]
    public void SetUp() => _image = TestImages.Street;

    [Test]
    public async Task Maps_come_in_order_and_are_those_of_one_at_a_time([Values(0, 1, 3)] int inFlight)
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        MLImage[] images = [.. new[] { (64, 48), (120, 80), (32, 32), (96, 40), (50, 70) }.Select(Image)];
        var maps = new List<SegmentationMap>();
        await foreach (SegmentationMap map in segmenter.SegmentManyAsync(images, inFlight))
            maps.Add(map);
        Assert.That(maps.Select(map => map.ClassIds.ToArray()),
            Is.EqualTo(images.Select(image => segmenter.Segment(image).ClassIds.ToArray())));
        foreach (MLImage image in images)
            image.Dispose();
    }

    [Test]
    public async Task A_bad_file_throws_when_its_turn_comes()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        int maps = 0;
        var thrown = Assert.ThrowsAsync<FileNotFoundException>(async () =>
        {
            await foreach (SegmentationMap map in segmenter.SegmentManyAsync([_image, _image, "missing.jpg", _image],
                3))
                maps++;
        });
        Assert.That(thrown!.Message, Does.Contain("missing.jpg"));
        Assert.That(maps, Is.EqualTo(2));
        await Task.CompletedTask;
    }

    [Test]
    public async Task No_more_are_begun_than_were_asked_for_and_none_is_under_way_after_leaving()
    {
        (int begun, int ended) = (0, 0);
        await foreach (int result in InFlight.Each(Enumerable.Range(0, 100), Work, 3, CancellationToken.None))
        {
            Assert.That(Volatile.Read(ref begun), Is.LessThanOrEqualTo(result + 3));
            if (result == 10)
                break;
        }
        Assert.That(begun, Is.InRange(11, 13));
        Assert.That(ended, Is.EqualTo(begun));

        int Work(int item)
        {
            Interlocked.Increment(ref begun);
            Thread.Sleep(1);
            Interlocked.Increment(ref ended);
            return item;
        }
    }

    [Test]
    public void Cancelling_stops_between_images()
    {
        using var stop = new CancellationTokenSource();
        int begun = 0;
        var results = new List<int>();
        Assert.CatchAsync<OperationCanceledException>(async () =>
        {
            await foreach (int result in InFlight.Each(Enumerable.Range(0, 1000), Work, 2, stop.Token))
                results.Add(result);
        });
        Assert.That(begun, Is.LessThan(12));
        Assert.That(results, Is.Ordered);

        int Work(int item)
        {
            if (Interlocked.Increment(ref begun) == 8)
                stop.Cancel();
            return item;
        }
    }

    [Test]
    public void A_negative_number_is_refused()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        Assert.That(() => segmenter.SegmentManyAsync([_image], -1),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("-1"));
    }

    private static MLImage Image((int Width, int Height) size)
    {
        var pixels = new byte[size.Width * size.Height * 4];
        new Random(size.Width).NextBytes(pixels);
        return MLImage.CreateFromPixels(size.Width, size.Height, MLPixelFormat.Bgra32, pixels);
    }
}
