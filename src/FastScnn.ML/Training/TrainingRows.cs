using FastScnn.ML.Imaging;
using FastScnn.ML.Transforms;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using static System.FormattableString;

namespace FastScnn.ML.Training;

/// <summary>The rows of a data view as a data set that can be read in any order, any number of times.</summary>
internal sealed class TrainingRows : IDisposable
{
    private readonly IDisposable? _owned;

    private TrainingRows(SegmentationDataset dataset, ImageDecoderOptions images, IDisposable? owned) =>
        (Dataset, Images, _owned) = (dataset, images, owned);

    public SegmentationDataset Dataset { get; }

    /// <summary>Gets whether each reading decodes files again.</summary>
    public bool ComeFromFiles => _owned is null;

    /// <summary>Gets how images are decoded.</summary>
    public ImageDecoderOptions Images { get; }

    /// <summary>Throws unless the columns of images and maps are there.</summary>
    public static void Check(DataViewSchema schema, FastScnnSegmentationTrainerOptions options, string parameter)
    {
        Columns.RequireImage(schema, FastScnnSegmentationTrainer.Name, options.ImageColumnName, parameter);
        Columns.RequireMap(schema, FastScnnSegmentationTrainer.Name, options.LabelColumnName, parameter);
    }

    /// <summary>Takes the data set itself where the data are one; otherwise reads all rows once.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="use">What they are for, as the log calls it.</param>
    /// <param name="options">The columns, the memory, and the token that cancels the reading.</param>
    /// <param name="tempFolder">Where rows may be kept that memory has no room for.</param>
    /// <param name="channel">The log.</param>
    public static TrainingRows Open(
        IDataView data, string use, FastScnnSegmentationTrainerOptions options, string tempFolder, IChannel channel)
    {
        if (data is DatasetView view
            && (options.ImageColumnName, options.LabelColumnName) == (DatasetView.ImageColumn, DatasetView.LabelColumn))
        {
            if (view.Samples.Count == 0)
                throw RowReader.NoRows(use, 0, 0);
            return new TrainingRows(view.Dataset, view.Images, null);
        }
        KeptDataset kept = RowReader.Read(data, use, options, tempFolder, channel);
        return new TrainingRows(kept, new(), kept);
    }

    public void Dispose() => _owned?.Dispose();
}

/// <summary>Reads the images and label maps of a data view once, in order, and keeps them.</summary>
internal sealed class RowReader
{
    private readonly FastScnnSegmentationTrainerOptions _options;
    private readonly RowFolder _folder;
    private readonly Dictionary<SamplePair, KeptRow> _rows = [];
    private readonly List<SamplePair> _samples = [];
    private ClassList? _classes;
    private LabelMapping? _check;
    private long _kept, _withoutImage, _withoutLabel;
    private int _inFiles;

    private RowReader(FastScnnSegmentationTrainerOptions options, RowFolder folder) =>
        (_options, _folder) = (options, folder);

    /// <exception cref="InvalidDataException">No row is complete, or one does not fit; the message names
    /// it.</exception>
    public static KeptDataset Read(
        IDataView data, string use, FastScnnSegmentationTrainerOptions options, string tempFolder, IChannel channel)
    {
        var folder = new RowFolder(tempFolder);
        try
        {
            var reader = new RowReader(options, folder);
            reader.ReadAll(data, use, channel);
            return reader.Result(use, channel);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    private void ReadAll(IDataView data, string use, IChannel channel)
    {
        channel.Info(MessageSensitivity.Schema,
            $"Reading the {use} rows from columns '{_options.ImageColumnName}' and '{_options.LabelColumnName}'.");
        var pace = new LogPace();
        DataViewSchema.Column imageColumn = data.Schema[_options.ImageColumnName],
            labelColumn = data.Schema[_options.LabelColumnName];
        using DataViewRowCursor cursor = data.GetRowCursor([imageColumn, labelColumn]);
        ValueGetter<MLImage?> getImage = cursor.GetGetter<MLImage?>(imageColumn);
        ValueGetter<SegmentationMap?> getLabel = cursor.GetGetter<SegmentationMap?>(labelColumn);
        // Not disposed here: the last image is that of the cursor, or of the caller where rows are in memory.
        MLImage? image = null;
        SegmentationMap? label = null;
        while (cursor.MoveNext())
        {
            _options.CancellationToken.ThrowIfCancellationRequested();
            if (pace.IsDue)
            {
                channel.Info(MessageSensitivity.None, Invariant($"Read {_samples.Count} {use} rows so far."));
                pace.Reported();
            }
            getLabel(ref label);
            if (label is null)
            {
                _withoutLabel++;
                continue;
            }
            getImage(ref image);
            if (image is null)
                _withoutImage++;
            else
                Add(cursor.Position, image, label);
        }
    }

    private void Add(long row, MLImage image, SegmentationMap label)
    {
        string name = Throw.Row(row);
        if ((image.Width, image.Height) != (label.Width, label.Height))
        {
            throw new InvalidDataException(
                Invariant(
                    $"{name}: the image has {image.Width} x {image.Height} pixels and the label {label.Width} x {label.Height}; ")
                + "they must be equal. An image that is resized before training needs its label resized alike, "
                + "without mixing ids.");
        }
        _classes ??= label.Classes;
        if (!label.Classes.HasSameNames(_classes) || label.Classes.IgnoreIndex != _classes.IgnoreIndex)
        {
            throw new InvalidDataException(label.Classes.HasSameNames(_classes)
                ? Invariant(
                    $"{name}: the label ignores {label.Classes.IgnoreIndex} and those of the rows before ignore {_classes.IgnoreIndex}; ")
                    + "they must be equal."
                : $"{name}: {Throw.ClassDifference("the label", label.Classes, "those of the rows before", _classes)}; all rows must have the "
                    + "same classes.");
        }
        // What a user would look for: the file where the image knows it.
        string imageName = image.Tag is { Length: > 0 } path ? path : $"{name} of column '{_options.ImageColumnName}'";
        var sample = new SamplePair(name, imageName, $"{name} of column '{_options.LabelColumnName}'");
        _check ??= LabelMapping.Identity(_classes);
        LabelMap labels = _check.Apply(new LabelMap(label.Width, label.Height, label.ClassIds.ToArray()),
            sample.MaskPath);
        PixelBuffer pixels = image.ToPixelBuffer();
        long bytes = pixels.Pixels.Length + (long)labels.Ids.Length;
        bool fits = _kept + bytes <= _options.MemoryBytes;
        _rows.Add(sample, fits ? new KeptRow(() => pixels, () => labels) : _folder.Write(pixels, labels));
        _samples.Add(sample);
        if (fits)
            _kept += bytes;
        else
            _inFiles++;
    }

    private KeptDataset Result(string use, IChannel channel)
    {
        if (_withoutLabel + _withoutImage > 0)
        {
            channel.Warning(
                MessageSensitivity.None,
                $"Of the {use} rows, {_withoutLabel} have no label and {_withoutImage} no image; they are left out.");
        }
        if (_classes is null || _samples.Count == 0)
            throw NoRows(use, _withoutLabel, _withoutImage);
        channel.Info(
            MessageSensitivity.None,
            $"Read {_samples.Count} {use} rows: {_samples.Count - _inFiles} are in memory ({_kept >> 20} MiB), {_inFiles} in temporary files.");
        return new KeptDataset(_classes, _rows, _samples, _folder);
    }

    public static InvalidDataException NoRows(string use, long withoutLabel, long withoutImage) => new(
        Invariant(
            $"There is no {use} row with an image and a label: of {withoutLabel + withoutImage} rows, {withoutLabel} have no label and ")
        + Invariant($"{withoutImage} no image."));
}

/// <summary>Rows that were read from a data view, kept in memory or in files of their own.</summary>
internal sealed class KeptDataset(
    ClassList classes, IReadOnlyDictionary<SamplePair, KeptRow> rows, IReadOnlyList<SamplePair> samples,
    RowFolder folder)
    : SegmentationDataset(classes, samples), IDisposable
{
    public void Dispose() => folder.Dispose();

    protected override LabelMap DecodeMask(SamplePair sample) => rows[sample].ReadMask();

    protected override PixelBuffer DecodeImage(SamplePair sample, Func<Stream, PixelBuffer> decoder) =>
        rows[sample].ReadImage();
}

/// <summary>A row that was read from a data view, and may be read again from several threads.</summary>
internal readonly record struct KeptRow(Func<PixelBuffer> ReadImage, Func<LabelMap> ReadMask);

/// <summary>A folder for rows that memory has no room for: made with the first row, deleted with the object.</summary>
internal sealed class RowFolder(string parent) : IDisposable
{
    private static readonly Func<Stream, PixelBuffer> s_decoder =
        ImageDecoder.WithOptions(new() { MaxPixels = ImageDecoderOptions.MostPixels });

    private string? _path;
    private int _rows;

    /// <summary>Writes a row as two PNGs, without loss.</summary>
    /// <exception cref="IOException">A file cannot be written; the message says where and what to do.</exception>
    public KeptRow Write(PixelBuffer pixels, LabelMap labels)
    {
        try
        {
            _path ??= Directory.CreateDirectory(Path.Combine(parent, $"fastscnn-{Guid.NewGuid():N}")).FullName;
            string name = Path.Combine(_path, Invariant($"{_rows++}"));
            (string imagePath, string maskPath) = (name + "-image.png", name + "-label.png");
            using (MLImage image = pixels.ToImage())
                image.Save(imagePath);
            IndexPng.Write(maskPath, labels.Width, labels.Height, labels.Ids.Span);
            return new KeptRow(() => Read(imagePath), () => IndexPng.Read(maskPath, long.MaxValue));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"Rows that do not fit into "
                + $"{nameof(FastScnnSegmentationTrainerOptions)}.{nameof(FastScnnSegmentationTrainerOptions.MemoryBytes)} "
                + $"cannot be written to '{_path ?? parent}': {e.Message} Allow more memory, or set "
                + "MLContext.TempFilePath to a folder with room.",
                e);
        }
    }

    public void Dispose()
    {
        if (_path is null || !Directory.Exists(_path))
            return;
        Directory.Delete(_path, recursive: true);
        _path = null;
    }

    private static PixelBuffer Read(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return s_decoder(stream);
    }
}
