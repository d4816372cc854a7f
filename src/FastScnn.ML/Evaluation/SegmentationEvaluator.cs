using System.Runtime.ExceptionServices;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace FastScnn.ML;

/// <summary>Counts the pixels of scored data in one pass, with a thread for each cursor that the data can give.</summary>
internal sealed class SegmentationEvaluator
{
    private const string Name = nameof(SemanticSegmentationCatalog.Evaluate);

    private readonly LogPace _pace;
    private readonly IDataView _data;
    private readonly DataViewSchema.Column _label;
    private readonly DataViewSchema.Column _prediction;
    private readonly Lock _lock = new();
    private ClassList? _classes;
    private long _rows;
    private (DataViewRowId Row, ExceptionDispatchInfo Error)? _failure;

    /// <param name="data">The rows.</param>
    /// <param name="labelColumnName">The column of true maps.</param>
    /// <param name="predictedLabelColumnName">The column of predicted maps.</param>
    /// <param name="logInterval">How often the log is told how far it is; null for half a minute.</param>
    public SegmentationEvaluator(IDataView data, string labelColumnName, string predictedLabelColumnName, TimeSpan? logInterval = null)
    {
        _pace = new LogPace(logInterval);
        _data = data;
        _label = Columns.RequireMap(data.Schema, Name, labelColumnName, nameof(data));
        _prediction = Columns.RequireMap(data.Schema, Name, predictedLabelColumnName, nameof(data));
    }

    public SemanticSegmentationMetrics Run(IHostEnvironment environment)
    {
        using IChannel channel = environment.Register("SemanticSegmentation").Start(Name);
        channel.Info(MessageSensitivity.Schema, $"Comparing the predictions of column '{_prediction.Name}' with the labels of column '{_label.Name}'.");
        RowTally total = CountAll(channel);
        if (total.WithoutLabel > 0)
            channel.Warning(MessageSensitivity.None, $"{total.WithoutLabel} of {total.Rows + total.WithoutLabel} rows have no label; they are left out.");
        if (total.WithoutPrediction > 0)
            channel.Warning(MessageSensitivity.None, $"{total.WithoutPrediction} of {total.Rows} labelled rows have no prediction; all of their pixels count as misses.");
        if (_classes is not { } classes || total.Counts is not { } counts || Enumerable.Range(0, counts.ClassCount).All(id => counts.LabelledPixels(id) == 0))
            throw Errors.NothingToEvaluate(_label.Name, total.Rows + total.WithoutLabel, total.WithoutLabel);
        var metrics = new SemanticSegmentationMetrics(classes, counts)
        {
            Rows = total.Rows,
            RowsWithoutLabel = total.WithoutLabel,
            RowsWithoutPrediction = total.WithoutPrediction,
        };
        channel.Info(
            MessageSensitivity.None,
            FormattableString.Invariant($"{metrics.Rows} rows, {metrics.LabelledPixels} labelled pixels: {metrics.Summary}."));
        return metrics;
    }

    private RowTally CountAll(IChannel channel)
    {
        DataViewRowCursor[] cursors = _data.GetRowCursorSet(new[] { _label, _prediction }.DistinctBy(column => column.Index), Environment.ProcessorCount);
        RowTally[] tallies = [.. cursors.Select(_ => new RowTally())];
        // A thread for each: a set of cursors may fill from one source, so that all of them have to move.
        Task[] others = [.. Enumerable.Range(1, cursors.Length - 1).Select(i => Task.Factory.StartNew(
            () => Count(cursors[i], tallies[i], null), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        Count(cursors[0], tallies[0], channel);
        Task.WaitAll(others);
        _failure?.Error.Throw();
        for (int i = 1; i < tallies.Length; i++)
            tallies[0].Add(tallies[i]);
        return tallies[0];
    }

    // Handlers of the log are the user's code: the thread that asked for the scores calls them, and no other.
    private void Count(DataViewRowCursor cursor, RowTally tally, IChannel? channel)
    {
        DataViewRowId row = default;
        try
        {
            using (cursor)
            {
                ValueGetter<SegmentationMap?> getLabel = cursor.GetGetter<SegmentationMap?>(_label);
                ValueGetter<SegmentationMap?> getPrediction = cursor.GetGetter<SegmentationMap?>(_prediction);
                ValueGetter<DataViewRowId> getRow = cursor.GetIdGetter();
                SegmentationMap? label = null, prediction = null;
                while (!Failed() && cursor.MoveNext())
                {
                    getRow(ref row);
                    getLabel(ref label);
                    // What nobody needs is not predicted.
                    if (label is not null)
                        getPrediction(ref prediction);
                    Count(row, label, prediction, tally);
                    long rows = Interlocked.Increment(ref _rows);
                    if (channel is not null && _pace.IsDue)
                    {
                        channel.Info(MessageSensitivity.None, FormattableString.Invariant($"{rows} rows so far."));
                        _pace.Told();
                    }
                }
            }
        }
        catch (Exception error)
        {
            Fail(row, error);
        }
    }

    private void Count(DataViewRowId row, SegmentationMap? label, SegmentationMap? prediction, RowTally tally)
    {
        if (label is not null)
        {
            ClassList classes = AgreeOn(label.Classes);
            if (!label.Classes.HasNamesOf(classes))
                throw Errors.EvaluatedClasses(row, "the label", label.Classes, "that of another row", classes);
            if (prediction is not null && !prediction.Classes.HasNamesOf(label.Classes))
                throw Errors.EvaluatedClasses(row, "the prediction", prediction.Classes, "the label", label.Classes);
            if (prediction is not null && (prediction.Width, prediction.Height) != (label.Width, label.Height))
                throw Errors.EvaluatedSizes(row, label, prediction);
        }
        try
        {
            tally.Add(label, prediction);
        }
        catch (ArgumentException error)
        {
            throw Errors.EvaluatedLabel(row, error);
        }
    }

    private ClassList AgreeOn(ClassList classes) => Interlocked.CompareExchange(ref _classes, classes, null) ?? classes;

    private bool Failed()
    {
        lock (_lock)
            return _failure is not null;
    }

    // Of the rows that fail before all threads stop, the first in the data is named.
    private void Fail(DataViewRowId row, Exception error)
    {
        lock (_lock)
        {
            if (_failure is not { } earlier || (row.High, row.Low).CompareTo((earlier.Row.High, earlier.Row.Low)) < 0)
                _failure = (row, ExceptionDispatchInfo.Capture(error));
        }
    }
}
