using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML;

/// <summary>A data set of photos and labels as data. Files are read row by row, and only those of the columns that are asked for.</summary>
internal sealed class DatasetView : IDataView
{
    public const string ImageColumn = "Image";
    public const string LabelColumn = "Label";
    public const string ImagePathColumn = "ImagePath";
    public const string LabelPathColumn = "LabelPath";
    public const string NameColumn = "Name";

    private readonly PhotoDecoder _decoder;

    public DatasetView(SegmentationDataset dataset, ImageDecoderOptions? photos)
    {
        Dataset = dataset;
        Photos = photos ?? new() { MaxPixels = Math.Min(dataset.MaxPixels, ImageDecoderOptions.MostPixels) };
        _decoder = MLImagePhotoDecoder.Create(Photos);
        var builder = new DataViewSchema.Builder();
        DataViewSchema.DetachedColumn label = SegmentationColumns.Map(LabelColumn, dataset.Classes);
        builder.AddColumn(ImageColumn, new ImageDataViewType());
        builder.AddColumn(label.Name, label.Type, label.Annotations);
        builder.AddColumn(ImagePathColumn, TextDataViewType.Instance);
        builder.AddColumn(LabelPathColumn, TextDataViewType.Instance);
        builder.AddColumn(NameColumn, TextDataViewType.Instance);
        Schema = builder.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => true;

    public SegmentationDataset Dataset { get; }

    /// <summary>How photos are decoded.</summary>
    public ImageDecoderOptions Photos { get; }

    public IReadOnlyList<SamplePair> Samples => Dataset.Samples;

    public long? GetRowCount() => Samples.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new DatasetCursor(this, columnsNeeded, Order(rand), 0, 1);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        int[] order = Order(rand);
        int cursors = Math.Clamp(n, 1, Math.Max(1, order.Length));
        return [.. Enumerable.Range(0, cursors).Select(start => new DatasetCursor(this, columns, order, start, cursors))];
    }

    /// <summary>Decodes the photo of a sample; the caller disposes it.</summary>
    public MLImage ReadImage(int index)
    {
        MLImage image = PhotoImage.Create(Dataset.ReadPhoto(index, _decoder));
        image.Tag = Samples[index].PhotoPath;
        return image;
    }

    public SegmentationMap ReadMap(int index) => new(Dataset.ReadLabels(index), Dataset.Classes);

    private int[] Order(Random? random)
    {
        int[] order = [.. Enumerable.Range(0, Samples.Count)];
        random?.Shuffle(order);
        return order;
    }
}
