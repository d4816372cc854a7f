using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML;

/// <summary>Adds an image column that shows each row's map in class colours over its photo.</summary>
/// <remarks>
/// As with ML.NET's own image columns, an image lives until the getter that gave it is called for the next row, or until the cursor is
/// disposed. A row without photo or map (null) gets no image (null). <c>Model.Save</c> and <c>Model.Load</c> keep all settings.
/// </remarks>
/// <seealso cref="FastScnnCatalog.DrawSegmentation"/>
public sealed class SegmentationDrawingTransformer : ColumnAddingTransformer
{
    internal const string LoaderSignature = "FastScnnDrawing";

    internal SegmentationDrawingTransformer(string outputColumnName, string imageColumnName, string mapColumnName, double opacity)
    {
        ColorOverlay.CheckOpacity(opacity);
        (OutputColumnName, ImageColumnName, MapColumnName, Opacity) = (outputColumnName, imageColumnName, mapColumnName, opacity);
        AddedColumns = [new DataViewSchema.DetachedColumn(outputColumnName, new ImageDataViewType())];
    }

    /// <inheritdoc/>
    public override string OutputColumnName { get; }

    /// <summary>The name of the column of photos.</summary>
    public string ImageColumnName { get; }

    /// <summary>The name of the column of maps.</summary>
    public string MapColumnName { get; }

    /// <summary>How strongly the colours cover the photo, 0..1.</summary>
    public double Opacity { get; }

    private protected override DataViewSchema.DetachedColumn[] AddedColumns { get; }

    private protected override DataViewSchema.Column[] FindSources(DataViewSchema schema) =>
    [
        Columns.Require<ImageDataViewType>(schema, SegmentationDrawingEstimator.Name, ImageColumnName, Columns.Image),
        Columns.Require<SegmentationMapDataViewType>(schema, SegmentationDrawingEstimator.Name, MapColumnName, Columns.Map),
    ];

    private protected override Delegate[] CreateGetters(DataViewRow row, DataViewSchema.Column[] sources, bool[] wanted, out Action? release)
    {
        ValueGetter<MLImage?> getPhoto = row.GetGetter<MLImage?>(sources[0]);
        ValueGetter<SegmentationMap?> getMap = row.GetGetter<SegmentationMap?>(sources[1]);
        MLImage? photo = null;
        SegmentationMap? map = null;
        MLImage? last = null;
        release = () => last?.Dispose();
        ValueGetter<MLImage?> getter = (ref MLImage? value) =>
        {
            value?.Dispose();
            value = null;
            getPhoto(ref photo);
            getMap(ref map);
            if (photo is not null && map is not null)
            {
                value = map.Overlay(photo, Opacity);
                value.Tag = photo.Tag;
            }
            last = value;
        };
        return [getter];
    }

    private protected override void Save(ModelSaveContext context) => SavedTransformer.Save(context, LoaderSignature, new Settings
    {
        OutputColumn = OutputColumnName,
        ImageColumn = ImageColumnName,
        MapColumn = MapColumnName,
        Opacity = Opacity,
    });

    // Called by Model.Load.
    private static SegmentationDrawingTransformer Create(IHostEnvironment environment, object context) =>
        SavedTransformer.Load(environment, context, (Settings settings, SavedTransformer _) =>
            new SegmentationDrawingTransformer(settings.OutputColumn, settings.ImageColumn, settings.MapColumn, settings.Opacity));

    private sealed record Settings
    {
        public required string OutputColumn { get; init; }

        public required string ImageColumn { get; init; }

        public required string MapColumn { get; init; }

        public required double Opacity { get; init; }
    }
}
