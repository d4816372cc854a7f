using FastScnn.Torch.Data;

namespace FastScnn.Bench.Training.Peers;

/// <summary>The samples of another data set over and over, up to a number.</summary>
internal sealed class RepeatedDataset(SegmentationDataset source, int count)
    : SegmentationDataset(source.Classes,
        [.. Enumerable.Range(0, count).Select(i => source.Samples[i % source.Samples.Count])]);
