using FastScnn.ML.Imaging;
using FastScnn.ML.Transforms.Saving;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace FastScnn.ML.Transforms;

internal sealed class SegmentationMapLoadingEstimator : IEstimator<SegmentationMapLoadingTransformer>
{
    internal const string Name = "LoadSegmentationMaps";

    private readonly SegmentationMapLoadingTransformer _transformer;

    internal SegmentationMapLoadingEstimator(
        string outputColumnName, string? imageFolder, ClassList classes, string? inputColumnName) =>
        _transformer = new SegmentationMapLoadingTransformer(outputColumnName, imageFolder, classes,
            inputColumnName ?? outputColumnName);

    /// <summary>Gives the transformer; there is nothing to learn.</summary>
    /// <param name="input">The data; only its schema is looked at.</param>
    /// <exception cref="ArgumentException">There is no column of file names.</exception>
    public SegmentationMapLoadingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <summary>Gets the shape of the transformed data.</summary>
    /// <param name="inputSchema">The shape of the data.</param>
    /// <exception cref="ArgumentException">There is no column of file names.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        Columns.Require<TextDataViewType>(inputSchema, Name, _transformer.InputColumnName);
        return SegmentationColumns.AddTo(inputSchema, SegmentationColumns.MapShape(_transformer.OutputColumnName));
    }
}

/// <summary>Adds a column with the <see cref="SegmentationMap"/> that each row's mask file holds.</summary>
/// <remarks><c>Model.Save</c> and <c>Model.Load</c> keep all of it, the folder as it was given.</remarks>
/// <seealso cref="FastScnnCatalog.LoadSegmentationMaps"/>
internal sealed class SegmentationMapLoadingTransformer : ITransformer
{
    internal const string LoaderSignature = "FastScnnMapLoading";

    private readonly AddedColumns _added;

    internal SegmentationMapLoadingTransformer(
        string outputColumnName, string? imageFolder, ClassList classes, string inputColumnName)
    {
        (OutputColumnName, ImageFolder, Classes, InputColumnName) = (outputColumnName, imageFolder, classes,
            inputColumnName);
        _added = new AddedColumns(
            [SegmentationColumns.Map(outputColumnName, classes)],
            schema => [Columns.RequireText(schema, SegmentationMapLoadingEstimator.Name, inputColumnName)],
            CreateValues);
    }

    /// <summary>Gets the name of the added column.</summary>
    public string OutputColumnName { get; }

    /// <summary>Gets the name of the column of file names.</summary>
    public string InputColumnName { get; }

    /// <summary>Gets the folder that relative file names are looked up in; null for the current one.</summary>
    public string? ImageFolder { get; }

    /// <summary>Gets what the ids of the mask files mean.</summary>
    public ClassList Classes { get; }

    /// <inheritdoc cref="FastScnnSegmentationTransformer.IsRowToRowMapper"/>
    public bool IsRowToRowMapper => true;

    /// <inheritdoc cref="FastScnnSegmentationTransformer.GetOutputSchema"/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => _added.Bind(inputSchema).OutputSchema;

    /// <inheritdoc cref="FastScnnSegmentationTransformer.Transform"/>
    public IDataView Transform(IDataView input) => _added.AddTo(input);

    /// <inheritdoc cref="FastScnnSegmentationTransformer.GetRowToRowMapper"/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => _added.Bind(inputSchema);

    private AddedValues CreateValues(DataViewRow row, DataViewSchema.Column[] sources, bool[] wanted)
    {
        ValueGetter<ReadOnlyMemory<char>> getPath = row.GetGetter<ReadOnlyMemory<char>>(sources[0]);
        ReadOnlyMemory<char> path = default;
        ValueGetter<SegmentationMap?> getter = (ref SegmentationMap? value) =>
        {
            getPath(ref path);
            value = path.Span.IsWhiteSpace() ? null
                : SegmentationMap.Load(Path.Combine(ImageFolder ?? "", path.ToString()), Classes);
        };
        return new AddedValues([getter]);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => SavedTransformer.Save(ctx, LoaderSignature, new Settings
    {
        OutputColumn = OutputColumnName,
        InputColumn = InputColumnName,
        ImageFolder = ImageFolder,
        Classes = Classes,
    });

    // Called by Model.Load.
    private static SegmentationMapLoadingTransformer Create(IHostEnvironment environment, object context) =>
        SavedTransformer.Load(environment, context, (Settings settings, SavedTransformer _) =>
            new SegmentationMapLoadingTransformer(settings.OutputColumn, settings.ImageFolder, settings.Classes,
                settings.InputColumn));

    private sealed record Settings
    {
        public required string OutputColumn { get; init; }

        public required string InputColumn { get; init; }

        public required string? ImageFolder { get; init; }

        public required ClassList Classes { get; init; }
    }
}
