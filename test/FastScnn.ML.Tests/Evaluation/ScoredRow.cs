using FastScnn.ML.Imaging;
using FastScnn.ML.Transforms;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Evaluation;

/// <summary>A label and a prediction in memory.</summary>
internal sealed class ScoredRow
{
    [SegmentationMapType]
    public SegmentationMap? Label { get; set; }

    [SegmentationMapType]
    public SegmentationMap? PredictedLabel { get; set; }

    public float Number { get; set; }

    public static ScoredRow Of(ClassList classes, int width, byte[]? label, byte[]? prediction) => new()
    {
        Label = label is null ? null : new SegmentationMap(new LabelMap(width, label.Length / width, label), classes),
        PredictedLabel = prediction is null ? null
            : new SegmentationMap(new LabelMap(width, prediction.Length / width, prediction), classes),
    };
}

/// <summary>Data that gives a set of cursors, each over a run of the rows.</summary>
internal sealed class RunsView(MLContext context, IDataView source, int rows) : IDataView
{
    public bool CanShuffle => false;

    public DataViewSchema Schema => source.Schema;

    public long? GetRowCount() => rows;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        source.GetRowCursor(columnsNeeded);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n,
        Random? rand = null)
    {
        int run = (rows + n - 1) / n;
        return [.. Enumerable.Range(0, n).Where(i => i * run < rows)
            .Select(i => Run(i * run, run).GetRowCursor(columnsNeeded))];
    }

    private IDataView Run(int start, int count) =>
        context.Data.TakeRows(start == 0 ? source : context.Data.SkipRows(source, start), count);
}
