using System.Runtime.ExceptionServices;
using FastScnn.ML.Catalog;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.ML.Transforms;
using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using static System.FormattableString;

namespace FastScnn.ML.Evaluation;

/// <summary>The columns of labels and predictions of scored data, and what the log says about their rows.</summary>
internal sealed class ScoredColumns(IDataView data, string transform, string labelColumnName,
    string predictedLabelColumnName, string? confidenceColumnName, string? nameColumnName)
{
    public DataViewSchema.Column Label { get; } =
        Columns.RequireMap(data.Schema, transform, labelColumnName, nameof(data));

    public DataViewSchema.Column Prediction { get; } =
        Columns.RequireMap(data.Schema, transform, predictedLabelColumnName, nameof(data));

    public DataViewSchema.Column? Confidence { get; } = confidenceColumnName is null ? null
        : Columns.RequireNumbers(data.Schema, transform, confidenceColumnName, nameof(data));

    public DataViewSchema.Column? Name { get; } =
        nameColumnName is null ? null : Columns.RequireText(data.Schema, transform, nameColumnName, nameof(data));

    /// <summary>Gets each column once.</summary>
    public IEnumerable<DataViewSchema.Column> All => new[] { Label, Prediction, Confidence ?? Label, Name ?? Label }
        .DistinctBy(column => column.Index);

    public void LogStart(IChannel channel) => channel.Info(
        MessageSensitivity.Schema,
        $"Comparing the predictions of column '{Prediction.Name}' with the labels of column '{Label.Name}'.");

    public static void LogMissing(IChannel channel, long labelled, long withoutLabel, long withoutPrediction)
    {
        if (withoutLabel > 0)
            channel.Warning(MessageSensitivity.None,
                $"{withoutLabel} of {labelled + withoutLabel} rows have no label; they are left out.");
        if (withoutPrediction > 0)
        {
            channel.Warning(
                MessageSensitivity.None,
                $"{withoutPrediction} of {labelled} labelled rows have no prediction; all of their pixels count as misses.");
        }
    }

    public InvalidDataException NothingToEvaluate(long labelled, long withoutLabel) => new(
        Invariant(
            $"There is nothing to evaluate: of {labelled + withoutLabel} rows, {withoutLabel} have no label in column ")
        + $"'{Label.Name}', and the others have no labelled pixel. "
        + (labelled > 0 ? "Is this a test split whose labels were kept back?" : "Are the right rows selected?"));
}

/// <summary>Counts the pixels of scored data in one pass, with a thread for each cursor that the data can
/// give.</summary>
/// <param name="data">The rows.</param>
/// <param name="labelColumnName">The column of true maps.</param>
/// <param name="predictedLabelColumnName">The column of predicted maps.</param>
/// <param name="confidenceColumnName">The column of confidence; null for none.</param>
/// <param name="nameColumnName">The column of names; null for the number of the row.</param>
/// <param name="boundaryDistance">See <see cref="BoundaryCounts"/>.</param>
/// <param name="logInterval">How often the log gets the progress; null for every half minute.</param>
internal sealed class SegmentationEvaluator(
    IDataView data, string labelColumnName, string predictedLabelColumnName, string? confidenceColumnName = null,
    string? nameColumnName = null, double boundaryDistance = BoundaryCounts.DefaultDistance,
    TimeSpan? logInterval = null)
{
    private const string Name = nameof(SemanticSegmentationCatalog.Evaluate);

    private readonly ScoredColumns _columns = new(data, Name, labelColumnName, predictedLabelColumnName,
        confidenceColumnName, nameColumnName);
    private readonly LogPace _pace = new(logInterval);
    private readonly Lock _lock = new();
    private ClassList? _classes;
    private long _rows;
    private (DataViewRowId Row, ExceptionDispatchInfo Error)? _failure;

    public SemanticSegmentationMetrics Run(IHostEnvironment environment)
    {
        using IChannel channel = environment.Register("SemanticSegmentation").Start(Name);
        _columns.LogStart(channel);
        RowTally total = CountAll(channel);
        ScoredColumns.LogMissing(channel, total.Rows, total.WithoutLabel, total.WithoutPrediction);
        if (_classes is not { } classes || new SemanticSegmentationMetrics(classes, total) is not
            { LabelledPixels: > 0 } metrics)
        {
            throw _columns.NothingToEvaluate(total.Rows, total.WithoutLabel);
        }
        channel.Info(
            MessageSensitivity.None,
            Invariant($"{metrics.Rows} rows, {metrics.LabelledPixels} labelled pixels: {metrics}."));
        return metrics;
    }

    private RowTally CountAll(IChannel channel)
    {
        DataViewRowCursor[] cursors = data.GetRowCursorSet(_columns.All, Environment.ProcessorCount);
        RowTally[] tallies = [.. cursors.Select(_ => new RowTally(boundaryDistance))];
        // A thread for each: a set of cursors may fill from one source, so that all of them have to move.
        Task[] others = [.. Enumerable.Range(1, cursors.Length - 1).Select(i => Task.Factory.StartNew(
            () => Count(cursors[i], tallies[i], null), default, TaskCreationOptions.LongRunning,
            TaskScheduler.Default))];
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
                ValueGetter<SegmentationMap?> getLabel = cursor.GetGetter<SegmentationMap?>(_columns.Label);
                ValueGetter<SegmentationMap?> getPrediction = cursor.GetGetter<SegmentationMap?>(_columns.Prediction);
                ValueGetter<VBuffer<float>>? getConfidence = _columns.Confidence is { } confidences
                    ? cursor.GetGetter<VBuffer<float>>(confidences) : null;
                ValueGetter<ReadOnlyMemory<char>>? getName = _columns.Name is { } names
                    ? cursor.GetGetter<ReadOnlyMemory<char>>(names) : null;
                ValueGetter<DataViewRowId> getRow = cursor.GetIdGetter();
                SegmentationMap? label = null, prediction = null;
                VBuffer<float> confidence = default;
                ReadOnlyMemory<char> name = default;
                while (!Failed() && cursor.MoveNext())
                {
                    getRow(ref row);
                    getLabel(ref label);
                    // What nobody needs is not predicted.
                    if (label is not null)
                    {
                        getPrediction(ref prediction);
                        getConfidence?.Invoke(ref confidence);
                        getName?.Invoke(ref name);
                    }
                    Count(row, name.ToString(), label, prediction,
                        confidence.IsDense ? confidence.GetValues() : [.. confidence.DenseValues()], tally);
                    long rows = Interlocked.Increment(ref _rows);
                    if (channel is not null && _pace.IsDue)
                    {
                        channel.Info(MessageSensitivity.None, Invariant($"{rows} rows so far."));
                        _pace.Reported();
                    }
                }
            }
        }
        catch (Exception error)
        {
            Fail(row, error);
        }
    }

    private void Count(DataViewRowId id, string name, SegmentationMap? label, SegmentationMap? prediction,
        ReadOnlySpan<float> confidence, RowTally tally)
    {
        // Sources number their rows in the low half; transforms that make several rows of one mix bits into both.
        string row = id.High == 0 ? Throw.Row((long)id.Low) : $"Row {id}";
        if (label is not null)
        {
            ClassList classes = AgreeOn(label.Classes);
            RequireNames("the label", label.Classes, "that of another row", classes);
            if (prediction is not null)
            {
                RequireNames("the prediction", prediction.Classes, "the label", label.Classes);
                RequireSize(label, prediction);
            }
        }
        try
        {
            tally.Add(new UInt128(id.High, id.Low), name.Length > 0 ? name : row, label, prediction, confidence);
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException($"{row}: {error.Message}", error);
        }

        void RequireNames(string what, ClassList found, string whatElse, ClassList expected)
        {
            if (!found.HasSameNames(expected))
            {
                throw new InvalidDataException(
                    $"{row}: {Throw.ClassDifference(what, found, whatElse, expected)}; both must be over the same "
                    + "classes, in the same order. If only the names differ, give one of them the class list of the "
                    + "other, such as by "
                    + $"{nameof(FastScnnSegmenterOptions)}.{nameof(FastScnnSegmenterOptions.Classes)}.");
            }
        }

        void RequireSize(SegmentationMap label, SegmentationMap prediction)
        {
            if ((prediction.Width, prediction.Height) != (label.Width, label.Height))
            {
                throw new InvalidDataException(
                    Invariant($"{row}: the label has {label.Width} x {label.Height} pixels and the prediction ")
                    + Invariant(
                        $"{prediction.Width} x {prediction.Height}; they must be equal. Was the image resized before it was segmented? ")
                    + "Predictions have the size of the image that they were made from, unless "
                    + $"{nameof(InferenceOptions)}.{nameof(InferenceOptions.OutputSize)} asks for the model's.");
            }
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

/// <summary>What is counted of labelled images and their predictions, by one thread or by a report.</summary>
/// <param name="boundaryDistance">See <see cref="BoundaryCounts"/>.</param>
internal sealed class RowTally(double boundaryDistance)
{
    // No list of classes reaches this id.
    private const byte NoClass = ConfusionCounts.MaxClassCount;

    private readonly List<(UInt128 Place, ImageScore Score)> _images = [];
    private ConfusionCounts? _one;

    /// <summary>Gets the pixels of the labelled rows; null before the first.</summary>
    public ConfusionCounts? Counts { get; private set; }

    /// <summary>Gets the pixels near boundaries; null before the first labelled row.</summary>
    public BoundaryCounts? Boundaries { get; private set; }

    public double BoundaryDistance => boundaryDistance;

    /// <summary>Gets the pixels by their confidence, of the rows that have one.</summary>
    public CalibrationCounts Calibration { get; } = new();

    /// <summary>Gets the scores of each labelled row, by their places.</summary>
    public IReadOnlyList<ImageScore> ImageScores => [.. _images.OrderBy(image => image.Place).Select(i => i.Score)];

    /// <summary>Gets the number of rows with a label.</summary>
    public long Rows { get; private set; }

    /// <summary>Gets or sets the number of rows without a label.</summary>
    public long WithoutLabel { get; set; }

    /// <summary>Gets or sets the number of rows with a label and without a prediction.</summary>
    public long WithoutPrediction { get; set; }

    /// <summary>Counts a row, whose maps have the same size and classes.</summary>
    /// <param name="place">Puts the rows in order.</param>
    /// <param name="name">The name of the row.</param>
    /// <param name="label">The true classes; null for none.</param>
    /// <param name="prediction">The predicted classes; null for none.</param>
    /// <param name="confidence">The confidence of each pixel; empty for none.</param>
    /// <returns>The scores of this row alone; null without a label.</returns>
    /// <exception cref="ArgumentException">The label holds an id that is neither a class nor ignored, or the confidence
    /// is not that of the pixels; nothing was counted then.</exception>
    public SegmentationScores? Add(UInt128 place, string name, SegmentationMap? label, SegmentationMap? prediction,
        ReadOnlySpan<float> confidence)
    {
        if (label is null)
        {
            WithoutLabel++;
            return null;
        }
        ClassList classes = label.Classes;
        ReadOnlySpan<byte> truth = label.ClassIds.Span, predicted = (prediction ?? Missing(label)).ClassIds.Span;
        _one ??= new ConfusionCounts(classes.Count);
        _one.Clear();
        _one.Add(truth, predicted, classes.IgnoreIndex);
        if (prediction is not null && confidence.Length > 0)
            Calibration.Add(truth, predicted, confidence, classes.IgnoreIndex);
        Boundaries ??= new BoundaryCounts(classes.Count, boundaryDistance);
        Boundaries.Add(truth, predicted, label.Width, classes.IgnoreIndex);
        Counts ??= new ConfusionCounts(classes.Count);
        Counts.Add(_one);
        Rows++;
        if (prediction is null)
            WithoutPrediction++;
        SegmentationScores scores = SegmentationScores.From(_one, classes.Names);
        _images.Add((place, new ImageScore(name, scores.MeanIoU, scores.PixelAccuracy, scores.LabelledPixels)));
        return scores;
    }

    /// <summary>Adds what another thread counted.</summary>
    public void Add(RowTally other)
    {
        Rows += other.Rows;
        WithoutLabel += other.WithoutLabel;
        WithoutPrediction += other.WithoutPrediction;
        _images.AddRange(other._images);
        Calibration.Add(other.Calibration);
        if (Counts is null || Boundaries is null)
            (Counts, Boundaries) = (other.Counts, other.Boundaries);
        else if (other.Counts is not null && other.Boundaries is not null)
        {
            Counts.Add(other.Counts);
            Boundaries.Add(other.Boundaries);
        }
    }

    /// <summary>A prediction of no class anywhere: a model that gives no answer must not score better by
    /// that.</summary>
    public static SegmentationMap Missing(SegmentationMap label)
    {
        var ids = new byte[label.ClassIds.Length];
        Array.Fill(ids, NoClass);
        return new SegmentationMap(new LabelMap(label.Width, label.Height, ids), label.Classes);
    }
}
