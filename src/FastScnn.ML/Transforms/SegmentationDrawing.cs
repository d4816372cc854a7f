using FastScnn.ML.Imaging;
using FastScnn.ML.Transforms.Saving;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML.Transforms;

internal sealed class SegmentationDrawingEstimator : IEstimator<SegmentationDrawingTransformer>
{
    internal const string Name = "DrawSegmentation";

    private readonly SegmentationDrawingTransformer _transformer;

    internal SegmentationDrawingEstimator(
        string outputColumnName, string imageColumnName, string mapColumnName, double opacity) =>
        _transformer = new SegmentationDrawingTransformer(outputColumnName, imageColumnName, mapColumnName, opacity);

    /// <summary>Gives the transformer; there is nothing to learn.</summary>
    /// <param name="input">The data; only its schema is looked at.</param>
    /// <exception cref="ArgumentException">There is no column of images or none of maps.</exception>
    public SegmentationDrawingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <summary>Gets the shape of the transformed data.</summary>
    /// <param name="inputSchema">The shape of the data.</param>
    /// <exception cref="ArgumentException">There is no column of images or none of maps.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        Columns.Require<ImageDataViewType>(inputSchema, Name, _transformer.ImageColumnName);
        Columns.Require<SegmentationMapDataViewType>(inputSchema, Name, _transformer.MapColumnName);
        return SegmentationColumns.AddTo(
            inputSchema, SegmentationColumns.ScalarShape(_transformer.OutputColumnName, new ImageDataViewType()));
    }
}

/// <summary>Adds an image column that shows each row's map in class colours over its image.</summary>
/// <remarks>An added image lives until its getter is called for the next row with it, or until the cursor is disposed.
/// A row without an image or a map (null) gets no image (null). <c>Model.Save</c> and <c>Model.Load</c> keep all
/// settings.</remarks>
/// <seealso cref="FastScnnCatalog.DrawSegmentation"/>
internal sealed class SegmentationDrawingTransformer : ITransformer
{
    internal const string LoaderSignature = "FastScnnDrawing";

    private readonly AddedColumns _added;

    internal SegmentationDrawingTransformer(
        string outputColumnName, string imageColumnName, string mapColumnName, double opacity)
    {
        SegmentationMap.CheckOpacity(opacity);
        (OutputColumnName, ImageColumnName, MapColumnName, Opacity) = (outputColumnName, imageColumnName, mapColumnName,
            opacity);
        _added = new AddedColumns(
            [new DataViewSchema.DetachedColumn(outputColumnName, new ImageDataViewType())],
            schema =>
            [
                Columns.RequireImage(schema, SegmentationDrawingEstimator.Name, imageColumnName),
                Columns.RequireMap(schema, SegmentationDrawingEstimator.Name, mapColumnName),
            ],
            CreateValues);
    }

    /// <summary>Gets the name of the added column.</summary>
    public string OutputColumnName { get; }

    /// <summary>Gets the name of the column of images.</summary>
    public string ImageColumnName { get; }

    /// <summary>Gets the name of the column of maps.</summary>
    public string MapColumnName { get; }

    /// <summary>Gets how strongly the colours cover the image, 0..1.</summary>
    public double Opacity { get; }

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
        ValueGetter<MLImage?> getImage = row.GetGetter<MLImage?>(sources[0]);
        ValueGetter<SegmentationMap?> getMap = row.GetGetter<SegmentationMap?>(sources[1]);
        MLImage? image = null, last = null;
        SegmentationMap? map = null;
        ValueGetter<MLImage?> getter = (ref MLImage? value) =>
        {
            value?.Dispose();
            value = null;
            getImage(ref image);
            getMap(ref map);
            if (image is not null && map is not null)
            {
                value = map.Overlay(image, Opacity);
                value.Tag = image.Tag;
            }
            last = value;
        };
        return new AddedValues([getter], () => last?.Dispose());
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => SavedTransformer.Save(ctx, LoaderSignature, new Settings
    {
        OutputColumn = OutputColumnName,
        ImageColumn = ImageColumnName,
        MapColumn = MapColumnName,
        Opacity = Opacity,
    });

    // Called by Model.Load.
    private static SegmentationDrawingTransformer Create(IHostEnvironment environment, object context) =>
        SavedTransformer.Load(environment, context, (Settings settings, SavedTransformer _) =>
            new SegmentationDrawingTransformer(settings.OutputColumn, settings.ImageColumn, settings.MapColumn,
                settings.Opacity));

    private sealed record Settings
    {
        public required string OutputColumn { get; init; }

        public required string ImageColumn { get; init; }

        public required string MapColumn { get; init; }

        public required double Opacity { get; init; }
    }
}
