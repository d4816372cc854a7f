using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace FastScnn.ML;

/// <summary>The trainers of <see cref="SemanticSegmentationCatalog.Trainers"/>.</summary>
public sealed class SemanticSegmentationTrainers
{
    private readonly IHostEnvironment _environment;

    internal SemanticSegmentationTrainers(IHostEnvironment environment) => _environment = environment;

    /// <summary>Creates a <see cref="FastScnnSegmentationTrainer"/>, which trains a Fast-SCNN and gives the transformer that scores with it.</summary>
    /// <param name="labelColumnName">The column of true maps, as <c>LoadSegmentationMaps</c> gives them.</param>
    /// <param name="imageColumnName">The column of photos, each of the size of its map.</param>
    /// <param name="predictedLabelColumnName">The name of the column that the trained model adds.</param>
    /// <param name="epochs">How often the photos are gone through, 1..1,000,000.</param>
    /// <param name="batchSize">Photos in a batch, 1..4096; batches of 1 cannot train the network's pooling.</param>
    /// <param name="validationSet">Rows to choose the best epoch by; null: the last epoch is taken. In a chain, rows that the steps before have transformed.</param>
    /// <param name="gpuDeviceId">The CUDA device to train and score on; null for <c>MLContext.GpuDeviceId</c> where that is set, else the processor.</param>
    /// <param name="fallbackToCpu">Whether to use the processor, with a warning in the log, where the GPU cannot be used.</param>
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
            Training = new() { Epochs = epochs, Loader = new() { BatchSize = batchSize } },
        });

    /// <summary>Creates a <see cref="FastScnnSegmentationTrainer"/>, which trains a Fast-SCNN and gives the transformer that scores with it.</summary>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentException">Two added columns have the same name.</exception>
    public FastScnnSegmentationTrainer FastScnn(FastScnnSegmentationTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new FastScnnSegmentationTrainer(_environment, options);
    }
}
