using FastScnn.ML.Catalog;
using FastScnn.ML.Imaging;
using FastScnn.ML.Regions;
using FastScnn.ML.Scoring;
using FastScnn.ML.Transforms;
using FastScnn.Torch.Data;

namespace Microsoft.ML;

/// <summary>Extensions of <see cref="MLContext"/> and <see cref="TransformsCatalog"/> for semantic segmentation: a
/// class for every pixel.</summary>
public static class FastScnnCatalog
{
    extension(MLContext mlContext)
    {
        /// <summary>Gets the catalog of semantic segmentation: training, evaluation and data.</summary>
        /// <example><code>
        /// var metrics = mlContext.SemanticSegmentation.Evaluate(model.Transform(testData));
        /// Console.WriteLine(metrics);
        /// </code></example>
        public SemanticSegmentationCatalog SemanticSegmentation => new(mlContext);
    }

    /// <summary>Creates a <see cref="FastScnnSegmentationEstimator"/>, which gives each image a
    /// <see cref="SegmentationMap"/> of the image's own size.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The name of the added column of maps.</param>
    /// <param name="inputColumnName">The name of the column of images; null for the same as
    /// <paramref name="outputColumnName"/>.</param>
    /// <param name="modelFile">The ONNX file, as FastScnn.Torch exports it.</param>
    /// <param name="gpuDeviceId">The CUDA device to run on; null for <c>MLContext.GpuDeviceId</c> where that is set,
    /// else the processor.</param>
    /// <param name="fallbackToCpu">Whether to run on the processor, with a warning in the log, where the GPU cannot be
    /// used.</param>
    /// <exception cref="FileNotFoundException">There is no such model file.</exception>
    /// <example><code>
    /// var pipeline = mlContext.Transforms.LoadImages("Image", "images", "File")
    ///     .Append(mlContext.Transforms.FastScnnSegment("PredictedLabel", "Image", "model.onnx"));
    /// </code></example>
    public static FastScnnSegmentationEstimator FastScnnSegment(
        this TransformsCatalog catalog,
        string outputColumnName,
        string? inputColumnName,
        string modelFile,
        int? gpuDeviceId = null,
        bool fallbackToCpu = false) =>
        FastScnnSegment(catalog, new FastScnnSegmentationOptions
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName,
            ModelFile = modelFile,
            Segmenter = new FastScnnSegmenterOptions { GpuDeviceId = gpuDeviceId, FallbackToCpu = fallbackToCpu },
        });

    /// <summary>Creates a <see cref="FastScnnSegmentationEstimator"/>, which gives each image a
    /// <see cref="SegmentationMap"/> of the image's own size.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="options">The settings.</param>
    /// <exception cref="FileNotFoundException">There is no such model file.</exception>
    /// <exception cref="ArgumentException">Two added columns have the same name.</exception>
    /// <example><code>
    /// var pipeline = mlContext.Transforms.LoadImages("Image", "images", "File")
    ///     .Append(mlContext.Transforms.FastScnnSegment(new FastScnnSegmentationOptions
    ///     {
    ///         OutputColumnName = "PredictedLabel",
    ///         InputColumnName = "Image",
    ///         ModelFile = "model.onnx",
    ///         ScoreColumnName = "Score",
    ///         Segmenter = new() { Inference = new() { Flip = true, Scales = [0.75, 1, 1.25] } },
    ///     }));
    /// </code></example>
    public static FastScnnSegmentationEstimator FastScnnSegment(
        this TransformsCatalog catalog, FastScnnSegmentationOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return new FastScnnSegmentationEstimator(ContextSettings.GetEnvironment(catalog), options);
    }

    /// <summary>Creates an estimator that adds a column with the <see cref="SegmentationMap"/> of each row's mask: an
    /// index PNG, grey or palette, whose stored values are class ids.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The name of the added column of maps.</param>
    /// <param name="imageFolder">The folder that relative file names are looked up in; null for the current
    /// one.</param>
    /// <param name="classes">The classes of the ids.</param>
    /// <param name="inputColumnName">The name of the column of file names; null for the same as
    /// <paramref name="outputColumnName"/>. An empty name gives no map (null).</param>
    /// <remarks>
    /// <format type="text/markdown"><![CDATA[
    ///
    /// ### Estimator characteristics
    /// |  |  |
    /// | -- | -- |
    /// | Does this estimator need to look at the data to train its parameters? | No |
    /// | Input column data type | [Text](<xref:Microsoft.ML.Data.TextDataViewType>) |
    /// | Output column data type | SegmentationMap |
    /// | Required NuGet in addition to Microsoft.ML | FastScnn.ML |
    /// | Exportable to ONNX | No |
    ///
    /// ]]></format>
    /// <para>Reading a row throws <see cref="FileNotFoundException"/> or <see cref="InvalidDataException"/>, with the
    /// file's name, for a file that is missing, no mask PNG, or holds an id that is neither a class nor ignored.
    /// <c>Model.Save</c> and <c>Model.Load</c> keep all settings, the folder as it was given.</para>
    /// </remarks>
    public static IEstimator<ITransformer> LoadSegmentationMaps(
        this TransformsCatalog catalog,
        string outputColumnName,
        string? imageFolder,
        ClassList classes,
        string? inputColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentNullException.ThrowIfNull(classes);
        return new SegmentationMapLoadingEstimator(outputColumnName, imageFolder, classes, inputColumnName);
    }

    /// <summary>Creates an estimator that adds an image column: each row's map in its class colours over the row's
    /// image.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The name of the added column of images.</param>
    /// <param name="imageColumnName">The name of the column of images.</param>
    /// <param name="mapColumnName">The name of the column of maps.</param>
    /// <param name="opacity">From 0, only the image, to 1, only the colours.</param>
    /// <remarks>
    /// <format type="text/markdown"><![CDATA[
    ///
    /// ### Estimator characteristics
    /// |  |  |
    /// | -- | -- |
    /// | Does this estimator need to look at the data to train its parameters? | No |
    /// | Input column data type | <xref:Microsoft.ML.Data.MLImage> and SegmentationMap, of equal size |
    /// | Output column data type | <xref:Microsoft.ML.Data.MLImage> |
    /// | Required NuGet in addition to Microsoft.ML | FastScnn.ML |
    /// | Exportable to ONNX | No |
    ///
    /// ]]></format>
    /// <para>An added image lives until its getter is called for the next row with it, or until the cursor is
    /// disposed. A row without an image or a map (null) gets no image (null). <c>Model.Save</c> and <c>Model.Load</c>
    /// keep all settings.</para>
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="opacity"/> is not in 0..1.</exception>
    public static IEstimator<ITransformer> DrawSegmentation(
        this TransformsCatalog catalog,
        string outputColumnName,
        string imageColumnName,
        string mapColumnName,
        double opacity = 0.5)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(imageColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(mapColumnName);
        return new SegmentationDrawingEstimator(outputColumnName, imageColumnName, mapColumnName, opacity);
    }

    /// <summary>Creates an estimator that adds columns with the regions of each row's map: pixels of one class that
    /// touch.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">What the names of the added columns begin with, such as <c>Regions</c>.</param>
    /// <param name="mapColumnName">The name of the column of maps.</param>
    /// <param name="confidenceColumnName">The name of the column of confidences, one for each pixel, as
    /// <see cref="FastScnnSegmentationOptions.ConfidenceColumnName"/> adds it; null for none.</param>
    /// <param name="options">How regions are found; null for all regions of pixels that share edges.</param>
    /// <remarks>
    /// <format type="text/markdown"><![CDATA[
    ///
    /// ### Estimator characteristics
    /// |  |  |
    /// | -- | -- |
    /// | Does this estimator need to look at the data to train its parameters? | No |
    /// | Input column data type | SegmentationMap and, where it is named, vector of <xref:System.Single> |
    /// | Output column data type | Vectors of text and of <xref:System.Single> |
    /// | Required NuGet in addition to Microsoft.ML | FastScnn.ML |
    /// | Exportable to ONNX | No |
    ///
    /// ]]></format>
    /// <para>The columns, with a region at the same place in each: <c>Regions.Classes</c>, names;
    /// <c>Regions.Areas</c>, pixels; <c>Regions.Boxes</c>, four numbers a region, left, top, right and bottom, as
    /// ML.NET's object detection has them; <c>Regions.Centers</c>, two numbers a region, x and y; and, where
    /// confidences are given, <c>Regions.Confidences</c>, the mean of each. A row without a map (null) has no region.
    /// <see cref="RegionOptions.Tolerance"/> means nothing here. <c>Model.Save</c> and <c>Model.Load</c> keep all
    /// settings.</para>
    /// </remarks>
    /// <example><code>
    /// var pipeline = mlContext.Transforms.LoadImages("Image", "images", "File")
    ///     .Append(mlContext.Transforms.FastScnnSegment("PredictedLabel", "Image", "model.onnx"))
    ///     .Append(mlContext.Transforms.FindSegmentationRegions("Regions", "PredictedLabel"));
    /// </code></example>
    public static IEstimator<ITransformer> FindSegmentationRegions(
        this TransformsCatalog catalog,
        string outputColumnName,
        string mapColumnName,
        string? confidenceColumnName = null,
        RegionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(mapColumnName);
        return new SegmentationRegionFindingEstimator(outputColumnName, mapColumnName, confidenceColumnName,
            options ?? new());
    }
}
