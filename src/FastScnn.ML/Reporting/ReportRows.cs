using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML;

/// <summary>Puts the rows of scored data into a report, in one pass.</summary>
internal sealed class ReportRows
{
    private const string Name = nameof(SemanticSegmentationCatalog.CreateReport);

    private readonly IDataView _data;
    private readonly DataViewSchema.Column _label, _prediction, _image;
    private readonly DataViewSchema.Column? _name;
    private long _rows, _withoutLabel, _withoutPrediction;

    public ReportRows(IDataView data, string labelColumnName, string predictedLabelColumnName, string imageColumnName, string? nameColumnName)
    {
        _data = data;
        _label = Columns.RequireMap(data.Schema, Name, labelColumnName, nameof(data));
        _prediction = Columns.RequireMap(data.Schema, Name, predictedLabelColumnName, nameof(data));
        _image = Columns.RequireImage(data.Schema, Name, imageColumnName, nameof(data));
        _name = nameColumnName is null ? null : Columns.RequireText(data.Schema, Name, nameColumnName, nameof(data));
    }

    public SegmentationReport Read(SegmentationReportOptions? options, IChannel channel)
    {
        channel.Info(MessageSensitivity.Schema, $"Comparing the predictions of column '{_prediction.Name}' with the labels of column '{_label.Name}'.");
        SegmentationReport? report = null;
        var pace = new LogPace();
        using DataViewRowCursor cursor = _data.GetRowCursor(new[] { _label, _prediction, _image, _name ?? _image }.DistinctBy(column => column.Index));
        ValueGetter<SegmentationMap?> getLabel = cursor.GetGetter<SegmentationMap?>(_label), getPrediction = cursor.GetGetter<SegmentationMap?>(_prediction);
        ValueGetter<MLImage?> getImage = cursor.GetGetter<MLImage?>(_image);
        ValueGetter<ReadOnlyMemory<char>>? getName = _name is { } column ? cursor.GetGetter<ReadOnlyMemory<char>>(column) : null;
        SegmentationMap? label = null, prediction = null;
        MLImage? image = null;
        ReadOnlyMemory<char> name = default;
        while (cursor.MoveNext())
        {
            _rows++;
            getLabel(ref label);
            if (label is null)
            {
                _withoutLabel++;
                continue;
            }
            getPrediction(ref prediction);
            getImage(ref image);
            getName?.Invoke(ref name);
            report ??= new SegmentationReport(label.Classes, options);
            string shown = name.Length > 0 ? name.ToString() : image?.Tag is { Length: > 0 } path ? Path.GetFileName(path) : Errors.Row(cursor.Position);
            Add(report, shown, cursor.Position, image, label, prediction);
            if (pace.IsDue)
            {
                channel.Info(MessageSensitivity.None, FormattableString.Invariant($"{_rows} rows so far."));
                pace.Told();
            }
        }
        Warn(channel);
        if (report is null)
            throw Errors.NothingToEvaluate(_label.Name, _rows, _withoutLabel);
        (report.RowsWithoutLabel, report.RowsWithoutPrediction) = (_withoutLabel, _withoutPrediction);
        return report;
    }

    private void Add(SegmentationReport report, string name, long row, MLImage? image, SegmentationMap label, SegmentationMap? prediction)
    {
        if (prediction is null)
            _withoutPrediction++;
        // As in an evaluation, no answer is a wrong one.
        prediction ??= Filled(label, ConfusionCounts.MaxClassCount);
        try
        {
            if (image is null)
                report.Add(name, new PixelBuffer(label.Width, label.Height, new byte[PixelBuffer.Channels * label.ClassIds.Length]), label, prediction);
            else
                report.Add(name, image, label, prediction);
        }
        catch (ArgumentException e)
        {
            throw Errors.ReportRow(row, e);
        }
    }

    private void Warn(IChannel channel)
    {
        if (_withoutLabel > 0)
            channel.Warning(MessageSensitivity.None, $"{_withoutLabel} of {_rows} rows have no label; they are left out.");
        if (_withoutPrediction > 0)
            channel.Warning(MessageSensitivity.None, $"{_withoutPrediction} of {_rows - _withoutLabel} labelled rows have no prediction; all of their pixels count as misses.");
    }

    private static SegmentationMap Filled(SegmentationMap like, byte id)
    {
        var ids = new byte[like.ClassIds.Length];
        Array.Fill(ids, id);
        return new SegmentationMap(new LabelMap(like.Width, like.Height, ids), like.Classes);
    }
}
