using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary><see cref="IEstimator{TTransformer}"/> for the <see cref="SegmentationMapLoadingTransformer"/>.</summary>
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
/// </remarks>
/// <seealso cref="FastScnnCatalog.LoadSegmentationMaps"/>
public sealed class SegmentationMapLoadingEstimator : IEstimator<SegmentationMapLoadingTransformer>
{
    internal const string Name = "LoadSegmentationMaps";

    private readonly SegmentationMapLoadingTransformer _transformer;

    internal SegmentationMapLoadingEstimator(string outputColumnName, string? imageFolder, ClassList classes, string? inputColumnName) =>
        _transformer = new SegmentationMapLoadingTransformer(outputColumnName, imageFolder, classes, inputColumnName ?? outputColumnName);

    /// <summary>Gives the transformer; there is nothing to learn.</summary>
    /// <param name="input">The data; only its schema is looked at.</param>
    /// <exception cref="ArgumentException">There is no column of file names.</exception>
    public SegmentationMapLoadingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <summary>The shape of the transformed data.</summary>
    /// <param name="inputSchema">The shape of the data.</param>
    /// <exception cref="ArgumentException">There is no column of file names.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        SchemaShapes.Require<TextDataViewType>(inputSchema, Name, _transformer.InputColumnName, Columns.Text);
        return SchemaShapes.With(inputSchema, MapColumn.Shape(_transformer.OutputColumnName));
    }
}
