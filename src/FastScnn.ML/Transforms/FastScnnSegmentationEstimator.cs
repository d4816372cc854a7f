using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML;

/// <summary><see cref="IEstimator{TTransformer}"/> for the <see cref="FastScnnSegmentationTransformer"/>.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
///
/// ### Estimator characteristics
/// |  |  |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | No |
/// | Input column data type | <xref:Microsoft.ML.Data.MLImage> of any size |
/// | Output column data type | SegmentationMap of the size of the photo; on request also vectors of <xref:System.Single>: class scores and confidence |
/// | Required NuGet in addition to Microsoft.ML | FastScnn.ML |
/// | Exportable to ONNX | No: it runs an ONNX file |
///
/// ]]></format>
/// A row without a photo (null) gets no map (null) and empty vectors.
/// </remarks>
/// <seealso cref="FastScnnCatalog.FastScnnSegment(TransformsCatalog, string, string?, string, int?, bool)"/>
public sealed class FastScnnSegmentationEstimator : IEstimator<FastScnnSegmentationTransformer>
{
    internal const string Name = "FastScnnSegment";

    private readonly IHostEnvironment _environment;
    private readonly FastScnnSegmentationOptions _options;
    private readonly byte[] _model;

    internal FastScnnSegmentationEstimator(IHostEnvironment environment, FastScnnSegmentationOptions options)
    {
        (_environment, _options) = (environment, options);
        ScoreColumns.CheckNames(options, nameof(options.OutputColumnName));
        _model = ModelFile.Read(options.ModelFile);
    }

    /// <summary>Loads the model. The caller owns the result, alone or through the chain that it becomes part of, and disposes it.</summary>
    /// <param name="input">The data; only its schema is looked at.</param>
    /// <exception cref="ArgumentException">There is no column of photos.</exception>
    /// <exception cref="InvalidDataException">The file is no ONNX model, no segmentation model, or lacks what the options must then supply.</exception>
    /// <exception cref="InvalidOperationException">The GPU asked for cannot be used, or there is no native ONNX Runtime library.</exception>
    public FastScnnSegmentationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        FastScnnSegmentationTransformer.FindPhotos(input.Schema, _options.InputColumnName ?? _options.OutputColumnName);
        return new FastScnnSegmentationTransformer(_environment, _model, _options);
    }

    /// <summary>The shape of the transformed data.</summary>
    /// <param name="inputSchema">The shape of the data.</param>
    /// <exception cref="ArgumentException">There is no column of photos.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        SchemaShapes.Require<ImageDataViewType>(inputSchema, Name, _options.InputColumnName ?? _options.OutputColumnName, Columns.Image);
        return ScoreColumns.AddTo(inputSchema, _options);
    }
}
