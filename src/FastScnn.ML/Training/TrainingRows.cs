using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML;

/// <summary>The rows of a data view as a data set that can be read in any order, any number of times.</summary>
internal sealed class TrainingRows : IDisposable
{
    private readonly IDisposable? _owned;

    private TrainingRows(SegmentationDataset dataset, ImageDecoderOptions photos, IDisposable? owned) => (Dataset, Photos, _owned) = (dataset, photos, owned);

    public SegmentationDataset Dataset { get; }

    /// <summary>Whether each reading decodes files again.</summary>
    public bool ComeFromFiles => _owned is null;

    /// <summary>How photos are decoded.</summary>
    public ImageDecoderOptions Photos { get; }

    /// <summary>Throws unless the columns of photos and maps are there.</summary>
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
    public static TrainingRows Open(IDataView data, string use, FastScnnSegmentationTrainerOptions options, string tempFolder, IChannel channel)
    {
        if (data is DatasetView view && (options.ImageColumnName, options.LabelColumnName) == (DatasetView.ImageColumn, DatasetView.LabelColumn))
        {
            if (view.Samples.Count == 0)
                throw Errors.NoTrainingRows(use, 0, 0, 0);
            return new TrainingRows(view.Dataset, view.Photos, null);
        }
        KeptDataset kept = RowReader.Read(data, use, options, tempFolder, channel);
        return new TrainingRows(kept, new(), kept);
    }

    public void Dispose() => _owned?.Dispose();
}
