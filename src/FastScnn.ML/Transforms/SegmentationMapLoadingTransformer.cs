using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>Adds a column with the <see cref="SegmentationMap"/> that each row's label file holds.</summary>
/// <seealso cref="FastScnnCatalog.LoadSegmentationMaps"/>
public sealed class SegmentationMapLoadingTransformer : ColumnAddingTransformer
{
    internal SegmentationMapLoadingTransformer(string outputColumnName, string? imageFolder, ClassList classes, string inputColumnName)
    {
        (OutputColumnName, ImageFolder, Classes, InputColumnName) = (outputColumnName, imageFolder, classes, inputColumnName);
        OutputColumn = MapColumn.Detached(outputColumnName, classes);
    }

    /// <inheritdoc/>
    public override string OutputColumnName { get; }

    /// <summary>The name of the column of file names.</summary>
    public string InputColumnName { get; }

    /// <summary>The folder that relative file names are looked up in; null for the current one.</summary>
    public string? ImageFolder { get; }

    /// <summary>What the ids of the label files mean.</summary>
    public ClassList Classes { get; }

    private protected override DataViewSchema.DetachedColumn OutputColumn { get; }

    private protected override DataViewSchema.Column[] FindSources(DataViewSchema schema) =>
        [Columns.Require<TextDataViewType>(schema, SegmentationMapLoadingEstimator.Name, InputColumnName, Columns.Text)];

    private protected override Delegate CreateGetter(DataViewRow row, DataViewSchema.Column[] sources, out Action? release)
    {
        release = null;
        ValueGetter<ReadOnlyMemory<char>> getPath = row.GetGetter<ReadOnlyMemory<char>>(sources[0]);
        ReadOnlyMemory<char> path = default;
        return (ValueGetter<SegmentationMap?>)((ref SegmentationMap? value) =>
        {
            getPath(ref path);
            value = path.Span.IsWhiteSpace() ? null : SegmentationMap.Load(Path.Combine(ImageFolder ?? "", path.ToString()), Classes);
        });
    }

    private protected override void Save(ModelSaveContext context) => throw Errors.SaveUnsupported(nameof(SegmentationMapLoadingTransformer));
}
