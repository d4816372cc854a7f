using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML;

/// <summary>Adds a column with the <see cref="SegmentationMap"/> of each photo.</summary>
/// <remarks>
/// All cursors, prediction engines and threads share one ONNX Runtime session; disposing while rows are read is safe. As with every
/// ML.NET model, a prediction engine that is disposed disposes the model too, unless it was made with <c>OwnsTransformer = false</c>.
/// </remarks>
/// <seealso cref="FastScnnCatalog.FastScnnSegment(TransformsCatalog, string, string?, string, int?, bool)"/>
public sealed class FastScnnSegmentationTransformer : ColumnAddingTransformer, IDisposable
{
    private readonly FastScnnSegmenter _segmenter;

    internal FastScnnSegmentationTransformer(IHostEnvironment environment, byte[] model, FastScnnSegmentationOptions options)
    {
        OutputColumnName = options.OutputColumnName;
        InputColumnName = options.InputColumnName ?? options.OutputColumnName;
        _segmenter = ContextSettings.CreateSegmenter(environment, model, options.ModelFile, options.Segmenter);
        OutputColumn = MapColumn.Detached(OutputColumnName, Classes);
    }

    /// <inheritdoc/>
    public override string OutputColumnName { get; }

    /// <summary>The name of the column of photos.</summary>
    public string InputColumnName { get; }

    /// <summary>The classes that the maps refer to.</summary>
    public ClassList Classes => _segmenter.Classes;

    /// <summary>The ONNX Runtime execution provider in use, such as <c>CPUExecutionProvider</c> or <c>CUDAExecutionProvider</c>.</summary>
    public string ActiveProvider => _segmenter.ActiveProvider;

    /// <summary>Why the processor is used although a GPU was asked for; otherwise null.</summary>
    public string? FallbackReason => _segmenter.FallbackReason;

    private protected override DataViewSchema.DetachedColumn OutputColumn { get; }

    /// <summary>Closes the session. May be called more than once.</summary>
    public void Dispose() => _segmenter.Dispose();

    internal static DataViewSchema.Column FindPhotos(DataViewSchema schema, string name) =>
        Columns.Require<ImageDataViewType>(schema, FastScnnSegmentationEstimator.Name, name, Columns.Image);

    private protected override DataViewSchema.Column[] FindSources(DataViewSchema schema) => [FindPhotos(schema, InputColumnName)];

    private protected override Delegate CreateGetter(DataViewRow row, DataViewSchema.Column[] sources, out Action? release)
    {
        // The photo belongs to the column that it comes from: its getter frees the last one when it makes the next.
        release = null;
        ValueGetter<MLImage?> getPhoto = row.GetGetter<MLImage?>(sources[0]);
        MLImage? photo = null;
        SegmentationMap? map = null;
        long? position = null;
        // Several consumers of one row, such as a drawing of the map and the map itself, cost one run.
        return (ValueGetter<SegmentationMap?>)((ref SegmentationMap? value) =>
        {
            if (position != row.Position)
            {
                getPhoto(ref photo);
                map = photo is null ? null : _segmenter.Segment(photo);
                position = row.Position;
            }
            value = map;
        });
    }

    private protected override void Save(ModelSaveContext context) => throw Errors.SaveUnsupported(nameof(FastScnnSegmentationTransformer));
}
