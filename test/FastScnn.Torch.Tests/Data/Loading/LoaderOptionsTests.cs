using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Data.Loading;

namespace FastScnn.Torch.Tests.Data.Loading;

public class LoaderOptionsTests
{
    private static readonly PhotoDecoder NoCodec = _ => throw new NotSupportedException();

    private static readonly TestCaseData[] Bad =
    [
        Case("BatchSize", "0", () => new() { BatchSize = 0 }),
        Case("Workers", "257", () => new() { Workers = 257 }),
        Case("QueuedBatches", "0", () => new() { QueuedBatches = 0 }),
        Case("CacheBytes", "-1", () => new() { CacheBytes = -1 }),
    ];

    [TestCaseSource(nameof(Bad))]
    public void ValuesOutOfRangeAreNamed(string name, string value, Func<LoaderOptions> make) =>
        Assert.That(() => make(), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.StartsWith($"{name} is {value}; it must be "));

    [Test]
    public void WhatMakesNoBatchIsRefused()
    {
        var augmenter = new Augmenter(new AugmentationOptions { CropWidth = 16384, CropHeight = 16384 }, 255);
        Assert.That(() => new BatchLoader(new CountingDataset(0), NoCodec, augmenter), Throws.ArgumentException.With.Message.Contains("no samples"));
        Assert.That(() => new BatchLoader(new CountingDataset(3), NoCodec, augmenter, new() { BatchSize = 2 + 2, Seed = 1 }), Throws.ArgumentException.With.Message.Contains("limit"));
        Assert.That(() => new BatchLoader(new CountingDataset(3), NoCodec, new Augmenter(new(), 255), new() { BatchSize = 4 }), Throws.ArgumentException.With.Message.Contains("3 samples make no batch of 4"));
        Assert.That(() => new BatchLoader(new CountingDataset(3), NoCodec, null, new() { BatchSize = 2 }), Throws.ArgumentException.With.Message.Contains("must be 1, not 2"));
    }

    [Test]
    public void MoreBatchesThanThereAreCannotBeSkipped()
    {
        var loader = new BatchLoader(new CountingDataset(3), NoCodec, null, new() { BatchSize = 1 });
        Assert.That(() => loader.ReadEpoch(0, 4), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("0 to 3"));
        Assert.That(() => loader.ReadEpoch(0, -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(loader.ReadEpoch(0, 3), Is.Empty);
    }

    private static TestCaseData Case(string name, string value, Func<LoaderOptions> make) => new TestCaseData(name, value, make).SetArgDisplayNames(name, value);
}
