using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace FastScnn.ML;

/// <summary>What <c>mlContext.SemanticSegmentation</c> offers: trainers and evaluation, as ML.NET's own catalogs do, and data sets as data views.</summary>
public sealed partial class SemanticSegmentationCatalog
{
    private readonly MLContext _context;

    internal SemanticSegmentationCatalog(MLContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        (_context, Trainers) = (context, new SemanticSegmentationTrainers(context));
    }

    /// <summary>The trainers.</summary>
    public SemanticSegmentationTrainers Trainers { get; }

    /// <summary>Scores predicted maps against labels.</summary>
    /// <param name="data">The scored data, read once; in parallel where it can be.</param>
    /// <param name="labelColumnName">The column of true maps, as <c>LoadSegmentationMaps</c> gives them.</param>
    /// <param name="predictedLabelColumnName">The column of predicted maps, as <c>FastScnnSegment</c> gives them.</param>
    /// <returns>The scores over all pixels of all rows. Memory does not grow with the number of rows.</returns>
    /// <remarks>
    /// A row without a label (null) is left out. A labelled row without a prediction (null) counts as misses: a model that gives no answer must
    /// not score better by that. Both numbers are in the result, and in the log as warnings.
    /// </remarks>
    /// <exception cref="ArgumentException">A column is missing or holds no maps.</exception>
    /// <exception cref="InvalidDataException">
    /// A row whose maps differ in size or classes, a label with an id that is neither a class nor ignored (the message names the row), or no labelled pixel at all.
    /// </exception>
    public SemanticSegmentationMetrics Evaluate(
        IDataView data, string labelColumnName = "Label", string predictedLabelColumnName = "PredictedLabel")
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrWhiteSpace(labelColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(predictedLabelColumnName);
        return new SegmentationEvaluator(data, labelColumnName, predictedLabelColumnName).Run(_context);
    }

    /// <summary>Scores predicted maps against labels and shows the result as a page: scores, classes, confusion matrix, and the worst and best images.</summary>
    /// <param name="data">The scored data, read once.</param>
    /// <param name="labelColumnName">The column of true maps.</param>
    /// <param name="predictedLabelColumnName">The column of predicted maps.</param>
    /// <param name="imageColumnName">The column of photos, each of the size of its maps.</param>
    /// <param name="nameColumnName">A column of texts that the page calls the images by; null: the names of their files where the images know them, or else the rows.</param>
    /// <param name="options">What is shown; null for the defaults.</param>
    /// <returns>The report, to save. Its scores are those of <see cref="Evaluate"/>. Only images that are shown stay in memory.</returns>
    /// <remarks>A row without a label is left out, and one without a prediction counts as misses, as in <see cref="Evaluate"/>.</remarks>
    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidDataException">
    /// A row whose maps or photo differ in size or classes, a label with an id that is neither a class nor ignored (the message names the row), or no row with a label.
    /// </exception>
    /// <example><code>
    /// var report = mlContext.SemanticSegmentation.CreateReport(model.Transform(testData));
    /// report.Save("report.html");
    /// </code></example>
    public SegmentationReport CreateReport(
        IDataView data,
        string labelColumnName = "Label",
        string predictedLabelColumnName = "PredictedLabel",
        string imageColumnName = "Image",
        string? nameColumnName = null,
        SegmentationReportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrWhiteSpace(labelColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(predictedLabelColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(imageColumnName);
        using IChannel channel = ((IHostEnvironment)_context).Register("SemanticSegmentation").Start(nameof(CreateReport));
        return new ReportRows(data, labelColumnName, predictedLabelColumnName, imageColumnName, nameColumnName).Read(options, channel);
    }

    /// <summary>Fits an estimator on all folds of the data but one and scores it on that one, for each fold in turn.</summary>
    /// <param name="data">The data.</param>
    /// <param name="estimator">What is fitted; its predictions must be maps.</param>
    /// <param name="numberOfFolds">The number of folds, 2 or more.</param>
    /// <param name="labelColumnName">The column of true maps.</param>
    /// <param name="samplingKeyColumnName">A column whose equal values stay in one fold, such as the city of a photo; null: each row is drawn alone.</param>
    /// <param name="seed">Decides the folds; null: the seed of the MLContext.</param>
    /// <param name="predictedLabelColumnName">The column of predicted maps.</param>
    /// <returns>A result for each fold. The models are the caller's to dispose.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 2 folds.</exception>
    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidDataException">As <see cref="Evaluate"/>, or a fold has no row; that is found before anything is fitted.</exception>
    public IReadOnlyList<SegmentationCrossValidationResult> CrossValidate(
        IDataView data,
        IEstimator<ITransformer> estimator,
        int numberOfFolds = 5,
        string labelColumnName = "Label",
        string? samplingKeyColumnName = null,
        int? seed = null,
        string predictedLabelColumnName = "PredictedLabel")
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(estimator);
        if (numberOfFolds < 2)
            throw Errors.NumberOfFolds(numberOfFolds);
        ArgumentException.ThrowIfNullOrWhiteSpace(labelColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(predictedLabelColumnName);
        using IChannel channel = ((IHostEnvironment)_context).Register("SemanticSegmentation").Start(nameof(CrossValidate));
        IReadOnlyList<DataOperationsCatalog.TrainTestData> folds = _context.Data.CrossValidationSplit(data, numberOfFolds, samplingKeyColumnName, seed);
        RequireRows(folds);
        var results = new List<SegmentationCrossValidationResult>();
        ITransformer? model = null;
        try
        {
            foreach (DataOperationsCatalog.TrainTestData fold in folds)
            {
                string place = FormattableString.Invariant($"Fold {results.Count + 1} of {numberOfFolds}");
                channel.Info(MessageSensitivity.None, $"{place}: fitting on the others.");
                model = estimator.Fit(fold.TrainSet);
                IDataView scored = Score(model, fold.TestSet);
                SemanticSegmentationMetrics metrics = Evaluate(scored, labelColumnName, predictedLabelColumnName);
                channel.Info(MessageSensitivity.None, $"{place}: {metrics.Summary}.");
                results.Add(new SegmentationCrossValidationResult(results.Count, model, scored, metrics));
            }
        }
        catch
        {
            // The last model may not be in a result yet.
            foreach (IDisposable unused in results.Select(result => result.Model).Append(model).OfType<IDisposable>().Distinct())
                unused.Dispose();
            throw;
        }
        return results;
    }

    // Rows are drawn into folds, so that one may get none where there are few. Fitting can take hours and would be in vain.
    private static void RequireRows(IReadOnlyList<DataOperationsCatalog.TrainTestData> folds)
    {
        for (int fold = 0; fold < folds.Count; fold++)
            foreach ((IDataView rows, string use) in new[] { (folds[fold].TestSet, "score"), (folds[fold].TrainSet, "fit") })
                using (DataViewRowCursor cursor = rows.GetRowCursor([]))
                    if (!cursor.MoveNext())
                        throw Errors.EmptyFold(fold, folds.Count, use);
    }

    // As ML.NET's catalogs do: steps that a chain keeps out of scoring, such as the loading of labels, are wanted here.
    private static IDataView Score(ITransformer model, IDataView data) =>
        model is IEnumerable<ITransformer> chain ? chain.Aggregate(data, (view, transformer) => transformer.Transform(view)) : model.Transform(data);
}
