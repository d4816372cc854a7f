using System.Collections.Concurrent;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Tests.Data;

/// <summary>A data set in memory that knows what was read of it. Image i has i + 1 as its red, and label i the class i
/// % 3 everywhere.</summary>
internal sealed class MemoryDataset(int count, int width = 6, int height = 4)
    : SegmentationDataset(ClassList.Generic(3),
        [.. Enumerable.Range(0, count).Select(i => new SamplePair($"s{i}", $"images/{i}.jpg", $"labels/{i}.png"))])
{
    public ConcurrentQueue<string> ReadFiles { get; } = [];

    protected override LabelMap DecodeMask(SamplePair sample)
    {
        ReadFiles.Enqueue(sample.MaskPath);
        return new LabelMap(width, height, [.. Enumerable.Repeat((byte)(Number(sample) % 3), width * height)]);
    }

    protected override PixelBuffer DecodeImage(SamplePair sample, Func<Stream, PixelBuffer> decoder)
    {
        ReadFiles.Enqueue(sample.ImagePath);
        return new PixelBuffer(width, height,
            (byte[])[.. Enumerable.Repeat(new byte[] { (byte)(Number(sample) + 1), 50, 200 }, width * height)
                .SelectMany(p => p)]);
    }

    private static int Number(SamplePair sample) => int.Parse(sample.Name[1..]);
}
