using FastScnn.ML.Catalog;
using FastScnn.ML.Evaluation;
using FastScnn.ML.Imaging;
using FastScnn.ML.Transforms;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using static System.FormattableString;

namespace FastScnn.ML.Reporting;

/// <summary>Puts the rows of scored data into a report, in one pass.</summary>
internal sealed class ReportRows(
    IDataView data, string labelColumnName, string predictedLabelColumnName, string imageColumnName,
    string? nameColumnName, string? confidenceColumnName)
{
    private const string Name = nameof(SemanticSegmentationCatalog.CreateReport);

    private readonly ScoredColumns _columns = new(data, Name, labelColumnName, predictedLabelColumnName,
        confidenceColumnName, nameColumnName);
    private readonly DataViewSchema.Column _image = Columns.RequireImage(data.Schema, Name, imageColumnName,
        nameof(data));

    public SegmentationReport Read(SegmentationReportOptions? options, IChannel channel)
    {
        _columns.LogStart(channel);
        SegmentationReport? report = null;
        long labelled = 0, withoutLabel = 0, withoutPrediction = 0;
        var pace = new LogPace();
        using DataViewRowCursor cursor = data.GetRowCursor(
            _columns.All.Append(_image).DistinctBy(column => column.Index));
        ValueGetter<SegmentationMap?> getLabel = cursor.GetGetter<SegmentationMap?>(_columns.Label);
        ValueGetter<SegmentationMap?> getPrediction = cursor.GetGetter<SegmentationMap?>(_columns.Prediction);
        ValueGetter<MLImage?> getImage = cursor.GetGetter<MLImage?>(_image);
        ValueGetter<ReadOnlyMemory<char>>? getName = _columns.Name is { } names
            ? cursor.GetGetter<ReadOnlyMemory<char>>(names) : null;
        ValueGetter<VBuffer<float>>? getConfidence = _columns.Confidence is { } confidences
            ? cursor.GetGetter<VBuffer<float>>(confidences) : null;
        SegmentationMap? label = null, prediction = null;
        MLImage? image = null;
        ReadOnlyMemory<char> name = default;
        VBuffer<float> confidence = default;
        while (cursor.MoveNext())
        {
            getLabel(ref label);
            if (label is null)
            {
                withoutLabel++;
                continue;
            }
            labelled++;
            getPrediction(ref prediction);
            if (prediction is null)
                withoutPrediction++;
            getImage(ref image);
            getName?.Invoke(ref name);
            getConfidence?.Invoke(ref confidence);
            report ??= new SegmentationReport(label.Classes, options);
            string row = Throw.Row(cursor.Position);
            string shown = name.Length > 0 ? name.ToString()
                : image?.Tag is { Length: > 0 } path ? Path.GetFileName(path) : row;
            ReadOnlyMemory<float> sure = prediction is null ? default : confidence.DenseValues().ToArray();
            Add(report, shown, row, image, label,
                new ScoredSegmentation(prediction ?? RowTally.Missing(label), null, default, sure));
            if (pace.IsDue)
            {
                channel.Info(MessageSensitivity.None, Invariant($"{labelled + withoutLabel} rows so far."));
                pace.Reported();
            }
        }
        ScoredColumns.LogMissing(channel, labelled, withoutLabel, withoutPrediction);
        if (report is null)
            throw _columns.NothingToEvaluate(labelled, withoutLabel);
        (report.RowsWithoutLabel, report.RowsWithoutPrediction) = (withoutLabel, withoutPrediction);
        return report;
    }

    private static void Add(
        SegmentationReport report, string name, string row, MLImage? image, SegmentationMap label,
        ScoredSegmentation prediction)
    {
        try
        {
            // A row without an image is shown as a black one.
            if (image is null)
                report.Add(name, new PixelBuffer(label.Width, label.Height, new byte[3 * label.ClassIds.Length]), label,
                    prediction);
            else
                report.Add(name, image, label, prediction);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"{row}: {e.Message}", e);
        }
    }
}
