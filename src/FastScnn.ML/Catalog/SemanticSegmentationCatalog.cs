using FastScnn.ML.Evaluation;
using FastScnn.ML.Reporting;
using FastScnn.ML.Training;
using FastScnn.Torch;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace FastScnn.ML.Catalog;

/// <summary>The catalog <c>mlContext.SemanticSegmentation</c>: trainers and evaluation, as ML.NET's own catalogs do,
/// and data sets as data views.</summary>
public sealed partial class SemanticSegmentationCatalog
{
    private readonly MLContext _context;

    internal SemanticSegmentationCatalog(MLContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        (_context, Trainers) = (context, new SemanticSegmentationTrainers(context));
    }

    /// <summary>Gets the trainers.</summary>
    public SemanticSegmentationTrainers Trainers { get; }

    /// <summary>Scores predicted maps against labels.</summary>
    /// <param name="data">The scored data, read once; in parallel where it can be.</param>
    /// <param name="labelColumnName">The column of true maps, as <c>LoadSegmentationMaps</c> gives them.</param>
    /// <param name="predictedLabelColumnName">The column of predicted maps, as <c>FastScnnSegment</c> gives
    /// them.</param>
    /// <param name="confidenceColumnName">A column with the confidence of each pixel, as
    /// <see cref="Transforms.FastScnnSegmentationOptions.ConfidenceColumnName"/> adds it, to measure the calibration
    /// by; null: none.</param>
    /// <param name="nameColumnName">A column of texts that <see cref="SemanticSegmentationMetrics.ImageScores"/> call
    /// the images by; null: which row it is.</param>
    /// <param name="boundaryDistance">How near a boundary a pixel is for
    /// <see cref="SemanticSegmentationMetrics.PerClassBoundaryIoU"/>, as a share of the image's diagonal, 0..1; at
    /// least one pixel. The paper takes 0.02, and 0.005 for Cityscapes.</param>
    /// <returns>The scores over all pixels of all rows, and those of each row. Memory does not grow with the number of
    /// rows, but for the name and three numbers of each.</returns>
    /// <remarks>A row without a label (null) is left out. A labelled row without a prediction (null) counts as misses:
    /// a model that gives no answer must not score better by that. Both numbers are in the result, and in the log as
    /// warnings.</remarks>
    /// <exception cref="ArgumentException">A column is missing or holds no maps.</exception>
    /// <exception cref="InvalidDataException">
    /// A row whose maps differ in size or classes, a label with an id that is neither a class nor ignored, a confidence
    /// outside 0..1 (the message names the row), or data without a labelled pixel.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="boundaryDistance"/> is not in 0..1.</exception>
    public SemanticSegmentationMetrics Evaluate(
        IDataView data,
        string labelColumnName = "Label",
        string predictedLabelColumnName = "PredictedLabel",
        string? confidenceColumnName = null,
        string? nameColumnName = null,
        double boundaryDistance = 0.02)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrWhiteSpace(labelColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(predictedLabelColumnName);
        Check.Range(boundaryDistance, 0, 1, nameof(boundaryDistance));
        return new SegmentationEvaluator(data, labelColumnName, predictedLabelColumnName, confidenceColumnName,
            nameColumnName, boundaryDistance).Run(_context);
    }

    /// <summary>Scores predicted maps against labels and shows the result as a page: scores, classes, confusion matrix,
    /// and the worst and best images.</summary>
    /// <param name="data">The scored data, read once.</param>
    /// <param name="labelColumnName">The column of true maps.</param>
    /// <param name="predictedLabelColumnName">The column of predicted maps.</param>
    /// <param name="imageColumnName">The column of images, each of the size of its maps.</param>
    /// <param name="nameColumnName">A column of texts that the page calls the images by; null: the names of their files
    /// where the images know them, or else the rows.</param>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <param name="confidenceColumnName">A column with the confidence of each pixel, as for <see cref="Evaluate"/>;
    /// null: none.</param>
    /// <returns>The report, to save. Its scores are those of <see cref="Evaluate"/>. Only images that are shown stay in
    /// memory.</returns>
    /// <remarks>A row without a label is left out, and one without a prediction counts as misses, as in
    /// <see cref="Evaluate"/>.</remarks>
    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidDataException">
    /// A row whose maps or image differ in size or classes, a label with an id that is neither a class nor ignored (the
    /// message names the row), or no row with a label.
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
        SegmentationReportOptions? options = null,
        string? confidenceColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrWhiteSpace(labelColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(predictedLabelColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(imageColumnName);
        using IChannel channel = ((IHostEnvironment)_context).Register("SemanticSegmentation")
            .Start(nameof(CreateReport));
        return new ReportRows(data, labelColumnName, predictedLabelColumnName, imageColumnName, nameColumnName,
            confidenceColumnName).Read(options, channel);
    }

    /// <summary>Fits an estimator on all folds of the data but one and scores it on that one, for each fold in
    /// turn.</summary>
    /// <param name="data">The data.</param>
    /// <param name="estimator">The estimator to fit; its predictions must be maps.</param>
    /// <param name="numberOfFolds">The number of folds, 2 or more.</param>
    /// <param name="labelColumnName">The column of true maps.</param>
    /// <param name="samplingKeyColumnName">A column whose equal values stay in one fold, such as the city of an image;
    /// null: each row is drawn alone.</param>
    /// <param name="seed">Decides the folds; null: the seed of the MLContext.</param>
    /// <param name="predictedLabelColumnName">The column of predicted maps.</param>
    /// <returns>A result for each fold. The models are the caller's to dispose.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 2 folds.</exception>
    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidDataException">As <see cref="Evaluate"/>, or a fold has no row; that is found before
    /// anything is fitted.</exception>
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
        {
            throw new ArgumentOutOfRangeException(
                nameof(numberOfFolds), numberOfFolds,
                FormattableString.Invariant($"{numberOfFolds} folds: expected 2 or more."));
        }
        ArgumentException.ThrowIfNullOrWhiteSpace(labelColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(predictedLabelColumnName);
        using IChannel channel = ((IHostEnvironment)_context).Register("SemanticSegmentation")
            .Start(nameof(CrossValidate));
        IReadOnlyList<DataOperationsCatalog.TrainTestData> folds = _context.Data.CrossValidationSplit(data,
            numberOfFolds, samplingKeyColumnName, seed);
        return CrossValidation.Run(
            folds, estimator, scored => Evaluate(scored, labelColumnName, predictedLabelColumnName), channel);
    }
}

/// <summary>The trainers of <see cref="SemanticSegmentationCatalog.Trainers"/>.</summary>
public sealed class SemanticSegmentationTrainers
{
    private readonly IHostEnvironment _environment;

    internal SemanticSegmentationTrainers(IHostEnvironment environment) => _environment = environment;

    /// <summary>Creates a <see cref="FastScnnSegmentationTrainer"/>, which trains a Fast-SCNN and gives the transformer
    /// that scores with it.</summary>
    /// <param name="labelColumnName">The column of true maps, as <c>LoadSegmentationMaps</c> gives them.</param>
    /// <param name="imageColumnName">The column of images, each of the size of its map.</param>
    /// <param name="predictedLabelColumnName">The name of the column that the trained model adds.</param>
    /// <param name="epochs">How often the images are gone through, 1..1,000,000.</param>
    /// <param name="batchSize">Images in a batch, 1..4096; batches of 1 cannot train the network's pooling.</param>
    /// <param name="validationSet">Rows to choose the best epoch by; null: the last epoch is taken. In a chain, rows
    /// that the steps before have transformed.</param>
    /// <param name="gpuDeviceId">The CUDA device to train and score on; null for <c>MLContext.GpuDeviceId</c> where
    /// that is set, else the processor.</param>
    /// <param name="fallbackToCpu">Whether to use the processor, with a warning in the log, where the GPU cannot be
    /// used.</param>
    /// <exception cref="ArgumentException">A name is empty, or a number is out of range.</exception>
    /// <example><code>
    /// IDataView train = mlContext.SemanticSegmentation.LoadFromFolder("data", "train");
    /// IDataView val = mlContext.SemanticSegmentation.LoadFromFolder("data", "val");
    /// using var model = mlContext.SemanticSegmentation.Trainers.FastScnn(epochs: 100, validationSet: val).Fit(train);
    /// var metrics = mlContext.SemanticSegmentation.Evaluate(model.Transform(val));
    /// </code></example>
    public FastScnnSegmentationTrainer FastScnn(
        string labelColumnName = "Label",
        string imageColumnName = "Image",
        string predictedLabelColumnName = "PredictedLabel",
        int epochs = 160,
        int batchSize = 8,
        IDataView? validationSet = null,
        int? gpuDeviceId = null,
        bool fallbackToCpu = false) => FastScnn(new FastScnnSegmentationTrainerOptions
        {
            LabelColumnName = labelColumnName,
            ImageColumnName = imageColumnName,
            PredictedLabelColumnName = predictedLabelColumnName,
            ValidationSet = validationSet,
            GpuDeviceId = gpuDeviceId,
            FallbackToCpu = fallbackToCpu,
            Training = new() { Epochs = epochs, BatchSize = batchSize },
        });

    /// <summary>Creates a <see cref="FastScnnSegmentationTrainer"/>, which trains a Fast-SCNN and gives the transformer
    /// that scores with it.</summary>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentException">Two added columns have the same name.</exception>
    public FastScnnSegmentationTrainer FastScnn(FastScnnSegmentationTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new FastScnnSegmentationTrainer(_environment, options);
    }
}
