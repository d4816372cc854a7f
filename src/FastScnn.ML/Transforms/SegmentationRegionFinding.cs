using FastScnn.ML.Imaging;
using FastScnn.ML.Regions;
using FastScnn.ML.Transforms.Saving;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace FastScnn.ML.Transforms;

internal sealed class SegmentationRegionFindingEstimator : IEstimator<SegmentationRegionFindingTransformer>
{
    internal const string Name = "FindSegmentationRegions";

    private readonly SegmentationRegionFindingTransformer _transformer;

    internal SegmentationRegionFindingEstimator(string outputColumnName, string mapColumnName,
        string? confidenceColumnName, RegionOptions options) =>
        _transformer = new SegmentationRegionFindingTransformer(outputColumnName, mapColumnName, confidenceColumnName,
            options);

    /// <summary>Gives the transformer; there is nothing to learn.</summary>
    /// <param name="input">The data; only its schema is looked at.</param>
    /// <exception cref="ArgumentException">There is no column of maps or none of confidences.</exception>
    public SegmentationRegionFindingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <summary>Gets the shape of the transformed data.</summary>
    /// <param name="inputSchema">The shape of the data.</param>
    /// <exception cref="ArgumentException">There is no column of maps or none of confidences.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        Columns.Require<SegmentationMapDataViewType>(inputSchema, Name, _transformer.MapColumnName);
        if (_transformer.ConfidenceColumnName is { } confidence)
            Columns.RequireNumbers(inputSchema, Name, confidence);
        return _transformer.AddedColumns.Aggregate(inputSchema, (shape, column) => SegmentationColumns.AddTo(shape,
            SegmentationColumns.VectorShape(column.Name, ((VectorDataViewType)column.Type).ItemType)));
    }
}

/// <summary>Adds columns with the regions of each row's map.</summary>
/// <remarks>A row without a map (null) has no regions. <c>Model.Save</c> and <c>Model.Load</c> keep all
/// settings.</remarks>
/// <seealso cref="FastScnnCatalog.FindSegmentationRegions"/>
internal sealed class SegmentationRegionFindingTransformer : ITransformer
{
    internal const string LoaderSignature = "FastScnnRegions";

    private readonly AddedColumns _added;

    internal SegmentationRegionFindingTransformer(string outputColumnName, string mapColumnName,
        string? confidenceColumnName, RegionOptions options)
    {
        (OutputColumnName, MapColumnName, ConfidenceColumnName, Options) = (outputColumnName, mapColumnName,
            confidenceColumnName, options);
        // 0 stands for the number of regions, which differs from row to row.
        AddedColumns =
        [
            new($"{outputColumnName}.Classes", new VectorDataViewType(TextDataViewType.Instance, 0)),
            new($"{outputColumnName}.Areas", new VectorDataViewType(NumberDataViewType.Single, 0)),
            new($"{outputColumnName}.Boxes", new VectorDataViewType(NumberDataViewType.Single, 0, 4)),
            new($"{outputColumnName}.Centers", new VectorDataViewType(NumberDataViewType.Single, 0, 2)),
        ];
        if (confidenceColumnName is not null)
            AddedColumns = [.. AddedColumns, new($"{outputColumnName}.Confidences",
                new VectorDataViewType(NumberDataViewType.Single, 0))];
        _added = new AddedColumns(AddedColumns, FindSources, CreateValues);
    }

    /// <summary>Gets what the names of the added columns begin with.</summary>
    public string OutputColumnName { get; }

    /// <summary>Gets the name of the column of maps.</summary>
    public string MapColumnName { get; }

    /// <summary>Gets the name of the column of confidences; null for none.</summary>
    public string? ConfidenceColumnName { get; }

    /// <summary>Gets how regions are found.</summary>
    public RegionOptions Options { get; }

    /// <inheritdoc cref="FastScnnSegmentationTransformer.IsRowToRowMapper"/>
    public bool IsRowToRowMapper => true;

    internal DataViewSchema.DetachedColumn[] AddedColumns { get; }

    /// <inheritdoc cref="FastScnnSegmentationTransformer.GetOutputSchema"/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => _added.Bind(inputSchema).OutputSchema;

    /// <inheritdoc cref="FastScnnSegmentationTransformer.Transform"/>
    public IDataView Transform(IDataView input) => _added.AddTo(input);

    /// <inheritdoc cref="FastScnnSegmentationTransformer.GetRowToRowMapper"/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => _added.Bind(inputSchema);

    private DataViewSchema.Column[] FindSources(DataViewSchema schema)
    {
        DataViewSchema.Column map =
            Columns.RequireMap(schema, SegmentationRegionFindingEstimator.Name, MapColumnName);
        return ConfidenceColumnName is null ? [map]
            : [map, Columns.RequireNumbers(schema, SegmentationRegionFindingEstimator.Name, ConfidenceColumnName)];
    }

    private AddedValues CreateValues(DataViewRow row, DataViewSchema.Column[] sources, bool[] wanted)
    {
        var found = new RegionsOfRow(row, sources, Options);
        var getters = new List<Delegate>
        {
            (ValueGetter<VBuffer<ReadOnlyMemory<char>>>)((ref VBuffer<ReadOnlyMemory<char>> value) =>
                found.Fill(ref value, 1, (region, into) => into[0] = region.Class.Name.AsMemory())),
            Numbers(1, (region, into) => into[0] = region.Area),
            Numbers(4, (region, into) =>
            {
                (int x, int y, int width, int height) = region.Box;
                (into[0], into[1], into[2], into[3]) = (x, y, x + width, y + height);
            }),
            Numbers(2, (region, into) => (into[0], into[1]) = ((float)region.CenterX, (float)region.CenterY)),
            Numbers(1, (region, into) => into[0] = (float)region.MeanConfidence!),
        };
        return new AddedValues([.. getters.Take(wanted.Length).Select((getter, i) => wanted[i] ? getter : null)]);

        ValueGetter<VBuffer<float>> Numbers(int each, RegionsOfRow.Write<float> write) =>
            (ref VBuffer<float> value) => found.Fill(ref value, each, write);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => SavedTransformer.Save(ctx, LoaderSignature, new Settings
    {
        OutputColumn = OutputColumnName,
        MapColumn = MapColumnName,
        ConfidenceColumn = ConfidenceColumnName,
        Regions = Options,
    });

    // Called by Model.Load.
    private static SegmentationRegionFindingTransformer Create(IHostEnvironment environment, object context) =>
        SavedTransformer.Load(environment, context, (Settings settings, SavedTransformer _) =>
            new SegmentationRegionFindingTransformer(settings.OutputColumn, settings.MapColumn,
                settings.ConfidenceColumn, settings.Regions));

    /// <summary>The regions of the row at hand, found once however many columns are read.</summary>
    private sealed class RegionsOfRow(DataViewRow row, DataViewSchema.Column[] sources, RegionOptions options)
    {
        private readonly ValueGetter<SegmentationMap?> _getMap = row.GetGetter<SegmentationMap?>(sources[0]);
        private readonly ValueGetter<VBuffer<float>>? _getConfidence =
            sources.Length > 1 ? row.GetGetter<VBuffer<float>>(sources[1]) : null;
        private SegmentationMap? _map;
        private VBuffer<float> _confidence;
        private IReadOnlyList<SegmentationRegion> _regions = [];
        private long? _position;

        /// <summary>Writes the values of a region.</summary>
        public delegate void Write<T>(SegmentationRegion region, Span<T> into);

        public void Fill<T>(ref VBuffer<T> value, int each, Write<T> write)
        {
            Find();
            VBufferEditor<T> editor = VBufferEditor.Create(ref value, _regions.Count * each);
            for (int i = 0; i < _regions.Count; i++)
                write(_regions[i], editor.Values.Slice(i * each, each));
            value = editor.Commit();
        }

        private void Find()
        {
            if (_position == row.Position)
                return;
            (_regions, _position) = ([], null);
            _getMap(ref _map);
            _getConfidence?.Invoke(ref _confidence);
            if (_map is { } map)
            {
                float[] confidence = _getConfidence is null ? [] : [.. _confidence.DenseValues()];
                if (_getConfidence is not null && confidence.Length != map.ClassIds.Length)
                    throw new InvalidOperationException(
                        $"{Throw.Row(row.Position)} has {confidence.Length} confidences for a map of {map.Width} x "
                            + $"{map.Height} pixels; expected one for each pixel.");
                _regions = new SegmentationRegions(map, confidence, options);
            }
            _position = row.Position;
        }
    }

    private sealed record Settings
    {
        public required string OutputColumn { get; init; }

        public required string MapColumn { get; init; }

        public string? ConfidenceColumn { get; init; }

        public required RegionOptions Regions { get; init; }
    }
}
