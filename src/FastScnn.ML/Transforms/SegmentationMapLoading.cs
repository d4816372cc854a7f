using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace FastScnn.ML;

/// <summary>Adds a column with the <see cref="SegmentationMap"/> that each row's label file holds.</summary>
/// <remarks><c>Model.Save</c> and <c>Model.Load</c> keep all of it, the folder as it was given.</remarks>
/// <seealso cref="FastScnnCatalog.LoadSegmentationMaps"/>
public sealed class SegmentationMapLoadingTransformer : ColumnAddingTransformer
{
    internal const string LoaderSignature = "FastScnnMapLoading";

    internal SegmentationMapLoadingTransformer(string outputColumnName, string? imageFolder, ClassList classes, string inputColumnName)
    {
        (OutputColumnName, ImageFolder, Classes, InputColumnName) = (outputColumnName, imageFolder, classes, inputColumnName);
        AddedColumns = [MapColumn.Detached(outputColumnName, classes)];
    }

    /// <inheritdoc/>
    public override string OutputColumnName { get; }

    /// <summary>The name of the column of file names.</summary>
    public string InputColumnName { get; }

    /// <summary>The folder that relative file names are looked up in; null for the current one.</summary>
    public string? ImageFolder { get; }

    /// <summary>What the ids of the label files mean.</summary>
    public ClassList Classes { get; }

    private protected override DataViewSchema.DetachedColumn[] AddedColumns { get; }

    private protected override DataViewSchema.Column[] FindSources(DataViewSchema schema) =>
        [Columns.Require<TextDataViewType>(schema, SegmentationMapLoadingEstimator.Name, InputColumnName, Columns.Text)];

    private protected override Delegate[] CreateGetters(DataViewRow row, DataViewSchema.Column[] sources, bool[] wanted, out Action? release)
    {
        release = null;
        ValueGetter<ReadOnlyMemory<char>> getPath = row.GetGetter<ReadOnlyMemory<char>>(sources[0]);
        ReadOnlyMemory<char> path = default;
        ValueGetter<SegmentationMap?> getter = (ref SegmentationMap? value) =>
        {
            getPath(ref path);
            value = path.Span.IsWhiteSpace() ? null : SegmentationMap.Load(Path.Combine(ImageFolder ?? "", path.ToString()), Classes);
        };
        return [getter];
    }

    private protected override void Save(ModelSaveContext context) => SavedTransformer.Save(context, LoaderSignature, new Settings
    {
        OutputColumn = OutputColumnName,
        InputColumn = InputColumnName,
        ImageFolder = ImageFolder,
        Classes = Classes,
    });

    // Called by Model.Load.
    private static SegmentationMapLoadingTransformer Create(IHostEnvironment environment, object context) =>
        SavedTransformer.Load(environment, context, (Settings settings, SavedTransformer _) =>
            new SegmentationMapLoadingTransformer(settings.OutputColumn, settings.ImageFolder, settings.Classes, settings.InputColumn));

    private sealed record Settings
    {
        public required string OutputColumn { get; init; }

        public required string InputColumn { get; init; }

        public required string? ImageFolder { get; init; }

        public required ClassList Classes { get; init; }
    }
}
