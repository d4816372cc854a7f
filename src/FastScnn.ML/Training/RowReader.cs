using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace FastScnn.ML;

/// <summary>Reads the photos and label maps of a data view once, in order, and keeps them.</summary>
internal sealed class RowReader
{
    private readonly FastScnnSegmentationTrainerOptions _options;
    private readonly RowFolder _folder;
    private readonly Dictionary<SamplePair, IKeptRow> _rows = [];
    private readonly List<SamplePair> _samples = [];
    private ClassList? _classes;
    private LabelMapping? _check;
    private long _kept, _withoutPhoto, _withoutLabel;
    private int _inFiles;

    private RowReader(FastScnnSegmentationTrainerOptions options, RowFolder folder) => (_options, _folder) = (options, folder);

    /// <exception cref="InvalidDataException">No row is complete, or one does not fit; the message names it.</exception>
    public static KeptDataset Read(IDataView data, string use, FastScnnSegmentationTrainerOptions options, string tempFolder, IChannel channel)
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
        channel.Info(MessageSensitivity.Schema, $"Reading the {use} rows from columns '{_options.ImageColumnName}' and '{_options.LabelColumnName}'.");
        var pace = new LogPace();
        DataViewSchema.Column imageColumn = data.Schema[_options.ImageColumnName], labelColumn = data.Schema[_options.LabelColumnName];
        using DataViewRowCursor cursor = data.GetRowCursor([imageColumn, labelColumn]);
        ValueGetter<MLImage?> getImage = cursor.GetGetter<MLImage?>(imageColumn);
        ValueGetter<SegmentationMap?> getLabel = cursor.GetGetter<SegmentationMap?>(labelColumn);
        MLImage? image = null;
        SegmentationMap? label = null;
        while (cursor.MoveNext())
        {
            _options.Cancellation.ThrowIfCancellationRequested();
            if (pace.IsDue)
            {
                channel.Info(MessageSensitivity.None, FormattableString.Invariant($"Read {_samples.Count} {use} rows so far."));
                pace.Told();
            }
            getLabel(ref label);
            if (label is null)
            {
                _withoutLabel++;
                continue;
            }
            getImage(ref image);
            if (image is null)
                _withoutPhoto++;
            else
                Add(cursor.Position, image, label);
        }
    }

    private void Add(long row, MLImage image, SegmentationMap label)
    {
        if ((image.Width, image.Height) != (label.Width, label.Height))
            throw Errors.TrainingSizes(row, image.Width, image.Height, label);
        _classes ??= label.Classes;
        if (!label.Classes.HasNamesOf(_classes) || label.Classes.IgnoreIndex != _classes.IgnoreIndex)
            throw Errors.TrainingClasses(row, label.Classes, _classes);
        // What a user would look for: the file where the image knows it.
        string name = Errors.Row(row);
        var sample = new SamplePair(name, image.Tag is { Length: > 0 } path ? path : $"{name} of column '{_options.ImageColumnName}'", $"{name} of column '{_options.LabelColumnName}'");
        _check ??= LabelMapping.Identity(_classes);
        LabelMap labels = _check.Apply(new LabelMap(label.Width, label.Height, label.ClassIds.ToArray()), sample.LabelPath);
        PixelBuffer photo = MLImagePhotoDecoder.ToPhoto(image);
        long bytes = photo.Rgb.Length + (long)labels.Ids.Length;
        bool fits = _kept + bytes <= _options.MemoryBytes;
        _rows.Add(sample, fits ? new MemoryRow(photo, labels) : _folder.Write(photo, labels));
        _samples.Add(sample);
        if (fits)
            _kept += bytes;
        else
            _inFiles++;
    }

    private KeptDataset Result(string use, IChannel channel)
    {
        if (_withoutLabel + _withoutPhoto > 0)
            channel.Warning(MessageSensitivity.None, $"Of the {use} rows, {_withoutLabel} have no label and {_withoutPhoto} no photo; they are left out.");
        if (_classes is null || _samples.Count == 0)
            throw Errors.NoTrainingRows(use, _withoutLabel + _withoutPhoto, _withoutLabel, _withoutPhoto);
        channel.Info(MessageSensitivity.None, $"Read {_samples.Count} {use} rows: {_samples.Count - _inFiles} are in memory ({_kept >> 20} MiB), {_inFiles} in temporary files.");
        return new KeptDataset(_classes, _rows, _samples, _folder);
    }
}
