using System.Collections.Concurrent;
using FastScnn.Torch.Data;

namespace FastScnn.Torch.Tests.Data.Loading;

/// <summary>A data set in memory whose images and labels tell their own number, and that knows what was read by
/// whom.</summary>
internal sealed class CountingDataset(int count, int width = 40, int height = 36)
    : SegmentationDataset(ClassList.Cityscapes,
        [.. Enumerable.Range(0, count).Select(i => new SamplePair($"s{i}", $"images/{i}.jpg", $"labels/{i}.png"))])
{
    private readonly ConcurrentQueue<int> _read = new();
    private readonly ConcurrentDictionary<Thread, bool> _threads = new();

    /// <summary>Called with the number of each image before it is made.</summary>
    public Action<int> Reading { get; init; } = _ => { };

    public int[] ReadSoFar => [.. _read];

    public ICollection<Thread> Threads => _threads.Keys;

    protected override LabelMap DecodeMask(SamplePair sample)
    {
        int index = Number(sample);
        byte[] ids = new byte[Width(index) * height];
        for (int i = 0; i < ids.Length; i++) ids[i] = (byte)((i / 8 + index) % 19);
        return new LabelMap(Width(index), height, ids);
    }

    protected override PixelBuffer DecodeImage(SamplePair sample, Func<Stream, PixelBuffer> decoder)
    {
        int index = Number(sample);
        _threads[Thread.CurrentThread] = true;
        _read.Enqueue(index);
        Reading(index);
        byte[] rgb = new byte[3 * Width(index) * height];
        new Random(index).NextBytes(rgb);
        return new PixelBuffer(Width(index), height, rgb);
    }

    private int Width(int index) => width + index;

    private static int Number(SamplePair sample) => int.Parse(sample.Name[1..]);
}
