using FastScnn.Torch.Data;

namespace FastScnn.ML;

/// <summary>Rows that were read from a data view, kept in memory or in files of their own.</summary>
internal sealed class KeptDataset(ClassList classes, IReadOnlyDictionary<SamplePair, IKeptRow> rows, IReadOnlyList<SamplePair> samples, RowFolder folder)
    : SegmentationDataset(classes, samples), IDisposable
{
    public void Dispose() => folder.Dispose();

    protected override LabelMap DecodeLabels(SamplePair sample) => rows[sample].ReadLabels();

    protected override PixelBuffer DecodePhoto(SamplePair sample, PhotoDecoder decoder) => rows[sample].ReadPhoto();
}

/// <summary>A row that was read from a data view. Safe to read from several threads.</summary>
internal interface IKeptRow
{
    PixelBuffer ReadPhoto();

    LabelMap ReadLabels();
}

/// <summary>A row in memory.</summary>
internal sealed class MemoryRow(PixelBuffer photo, LabelMap labels) : IKeptRow
{
    public PixelBuffer ReadPhoto() => photo;

    public LabelMap ReadLabels() => labels;
}
