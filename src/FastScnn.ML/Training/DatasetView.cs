using FastScnn.ML.Imaging;
using FastScnn.ML.Transforms;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML.Training;

/// <summary>A data set of images and labels as data. Files are read row by row, and only those of the columns that are
/// asked for.</summary>
internal sealed class DatasetView : IDataView
{
    public const string ImageColumn = "Image";
    public const string LabelColumn = "Label";
    public const string ImagePathColumn = "ImagePath";
    public const string MaskPathColumn = "MaskPath";
    public const string NameColumn = "Name";

    private readonly Func<Stream, PixelBuffer> _decoder;

    public DatasetView(SegmentationDataset dataset, ImageDecoderOptions? images)
    {
        Dataset = dataset;
        Images = images ?? new() { MaxPixels = Math.Min(dataset.MaxPixels, ImageDecoderOptions.MostPixels) };
        _decoder = ImageDecoder.WithOptions(Images);
        var builder = new DataViewSchema.Builder();
        DataViewSchema.DetachedColumn label = SegmentationColumns.Map(LabelColumn, dataset.Classes);
        builder.AddColumn(ImageColumn, new ImageDataViewType());
        builder.AddColumn(label.Name, label.Type, label.Annotations);
        builder.AddColumn(ImagePathColumn, TextDataViewType.Instance);
        builder.AddColumn(MaskPathColumn, TextDataViewType.Instance);
        builder.AddColumn(NameColumn, TextDataViewType.Instance);
        Schema = builder.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => true;

    public SegmentationDataset Dataset { get; }

    /// <summary>Gets how images are decoded.</summary>
    public ImageDecoderOptions Images { get; }

    public IReadOnlyList<SamplePair> Samples => Dataset.Samples;

    public long? GetRowCount() => Samples.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new DatasetCursor(this, columnsNeeded, Order(rand), 0, 1);

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        int[] order = Order(rand);
        int cursors = Math.Clamp(n, 1, Math.Max(1, order.Length));
        return [.. Enumerable.Range(0, cursors)
            .Select(start => new DatasetCursor(this, columns, order, start, cursors))];
    }

    /// <summary>Decodes the image of a sample; the caller disposes it.</summary>
    public MLImage ReadImage(int index)
    {
        MLImage image = Dataset.ReadImage(index, _decoder).ToImage();
        image.Tag = Samples[index].ImagePath;
        return image;
    }

    public SegmentationMap ReadMap(int index) => new(Dataset.ReadMask(index), Dataset.Classes);

    private int[] Order(Random? random)
    {
        int[] order = [.. Enumerable.Range(0, Samples.Count)];
        random?.Shuffle(order);
        return order;
    }
}

/// <summary>Goes over every <paramref name="step"/>-th row of a data set from <paramref name="start"/> on, in a given
/// order; the cursors of a set share the order.</summary>
internal sealed class DatasetCursor(
    DatasetView view, IEnumerable<DataViewSchema.Column> columnsNeeded, int[] order, int start,
    int step) : DataViewRowCursor
{
    private readonly bool[] _active =
    [
        .. view.Schema.Select(column => columnsNeeded.Any(needed => needed.Index == column.Index))
    ];
    private readonly List<Action> _releases = [];
    private long _position = -1;
    private bool _ended;
    private SegmentationMap? _map;
    private long _mapPosition = -1;

    public override DataViewSchema Schema => view.Schema;

    public override long Position => _ended ? -1 : _position;

    // The place in the order, so that the rows of a set can be put back into it.
    public override long Batch => start + Math.Max(0, _position) * step;

    public override bool MoveNext()
    {
        if (_ended)
            return false;
        _position++;
        _ended = start + _position * step >= order.Length;
        return !_ended;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() =>
        (ref DataViewRowId value) => value = new DataViewRowId((ulong)Row(), 0);

    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
            throw Throw.InactiveColumn(column);
        Delegate getter = Schema[column.Index].Name switch
        {
            DatasetView.ImageColumn => ImageGetter(),
            DatasetView.LabelColumn => (ValueGetter<SegmentationMap?>)GetMap,
            DatasetView.ImagePathColumn => TextGetter(sample => sample.ImagePath),
            DatasetView.MaskPathColumn => TextGetter(sample => sample.MaskPath),
            _ => TextGetter(sample => sample.Name),
        };
        return getter as ValueGetter<TValue> ?? throw Throw.WrongGetterType(column, typeof(TValue));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (Action release in _releases)
                release();
            _releases.Clear();
        }
        base.Dispose(disposing);
    }

    // As ML.NET's LoadImages: an image lives until its getter makes the next one or the cursor is disposed.
    private ValueGetter<MLImage?> ImageGetter()
    {
        MLImage? last = null;
        _releases.Add(() => last?.Dispose());
        return (ref MLImage? value) =>
        {
            value?.Dispose();
            value = null;
            value = view.ReadImage(Row());
            last = value;
        };
    }

    // A map needs no disposing, so consumers of one row share it.
    private void GetMap(ref SegmentationMap? value)
    {
        int row = Row();
        if (_mapPosition != _position)
        {
            _map = view.ReadMap(row);
            _mapPosition = _position;
        }
        value = _map;
    }

    private ValueGetter<ReadOnlyMemory<char>> TextGetter(Func<SamplePair, string> select) =>
        (ref ReadOnlyMemory<char> value) => value = select(view.Samples[Row()]).AsMemory();

    private int Row() => _position >= 0 && !_ended ? order[start + _position * step]
        : throw new InvalidOperationException(
        "A cursor stands on no row before MoveNext, nor after MoveNext gave false; values can only be read in between.");
}
