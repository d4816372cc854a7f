using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML;

/// <summary><see cref="IEstimator{TTransformer}"/> for the <see cref="SegmentationDrawingTransformer"/>.</summary>
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
/// </remarks>
/// <seealso cref="FastScnnCatalog.DrawSegmentation"/>
public sealed class SegmentationDrawingEstimator : IEstimator<SegmentationDrawingTransformer>
{
    internal const string Name = "DrawSegmentation";

    private readonly SegmentationDrawingTransformer _transformer;

    internal SegmentationDrawingEstimator(string outputColumnName, string imageColumnName, string mapColumnName, double opacity) =>
        _transformer = new SegmentationDrawingTransformer(outputColumnName, imageColumnName, mapColumnName, opacity);

    /// <summary>Gives the transformer; there is nothing to learn.</summary>
    /// <param name="input">The data; only its schema is looked at.</param>
    /// <exception cref="ArgumentException">There is no column of photos or none of maps.</exception>
    public SegmentationDrawingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <summary>The shape of the transformed data.</summary>
    /// <param name="inputSchema">The shape of the data.</param>
    /// <exception cref="ArgumentException">There is no column of photos or none of maps.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        SchemaShapes.Require<ImageDataViewType>(inputSchema, Name, _transformer.ImageColumnName, Columns.Image);
        SchemaShapes.Require<SegmentationMapDataViewType>(inputSchema, Name, _transformer.MapColumnName, Columns.Map);
        return SchemaShapes.With(inputSchema, SchemaShapes.Scalar(_transformer.OutputColumnName, new ImageDataViewType()));
    }
}
