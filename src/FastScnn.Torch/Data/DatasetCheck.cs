using FastScnn.Torch.Network;
using FastScnn.Torch.Training;
using static System.FormattableString;

namespace FastScnn.Torch.Data;

/// <summary>Reads every image and mask of a data set before a training run does, and lists all faults at
/// once.</summary>
internal static class DatasetCheck
{
    public static IReadOnlyList<string> Compare(ClassList classes, IReadOnlyList<long> training,
        IReadOnlyList<long> validation)
    {
        string[] unlearned =
        [
            .. classes.Where((_, id) => training[id] == 0 && validation[id] > 0).Select(one => one.Name)
        ];
        return unlearned.Length == 0 ? [] : ["The validation data show classes that the training data do not, so "
            + $"these cannot be learned and score 0: {ErrorText.List(unlearned)}."];
    }

    public static string? FewerThanBatch(int samples, int batchSize) =>
        samples >= batchSize ? null
        : samples == 1 ? SampleCounts.OneImage
        : Invariant($"The training data: {samples} samples are fewer than a batch of {batchSize}; give a smaller ")
            + Invariant($"{nameof(TrainingOptions.BatchSize)}.");

    /// <summary>Reads all masks, and all images where there is a decoder.</summary>
    public static DatasetReport Run(SegmentationDataset dataset, Func<Stream, PixelBuffer>? decoder,
        IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var totals = new Totals(dataset);
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = Environment.ProcessorCount,
            CancellationToken = cancellationToken
        };
        Parallel.For(0, dataset.Samples.Count, options, index =>
        {
            PixelBuffer? stored = null;
            LabelMap? labels = null;
            MaskNotes notes = new();
            List<string> faults = [];
            if (decoder is not null)
                Try(() => stored = dataset.ReadStoredImage(index, decoder), faults);
            Try(() => labels = dataset.ReadMask(index, notes), faults);
            // A mask whose values are wrong may have the wrong size too.
            SamplePair sample = dataset.Samples[index];
            (int Width, int Height)? size = labels is null ? MaskFile.TryReadSize(sample.MaskPath)
                : (labels.Width, labels.Height);
            PixelBuffer? image = stored is null ? null : stored.FitMask(size);
            if (image is not null && size is { } maskSize && maskSize != (image.Width, image.Height))
                faults.Add(Throw.SampleSizes(sample, image, maskSize).Message);
            lock (totals)
            {
                int done = totals.Add(index, image, labels, notes, faults);
                if (stored is not null && stored.FitsMaskBothWays(size))
                    totals.AddOpenOrientation(index);
                progress?.Report(done);
            }
        });
        return totals.ToReport();
    }

    private static void Try(Action read, List<string> faults)
    {
        try
        {
            read();
        }
        // Colours that two classes share are an argument of the data set.
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException
            or ArgumentException)
        {
            faults.Add(e.Message);
        }
    }

    private sealed class Totals(SegmentationDataset dataset)
    {
        private readonly MaskSurvey _survey = new(dataset.Classes);
        private readonly Dictionary<(int, int), int> _sizes = [];
        private readonly SortedDictionary<int, List<string>> _faults = [];
        private readonly SortedDictionary<int, string> _small = [];
        private readonly SortedSet<int> _transparent = [];
        private readonly SortedSet<int> _openOrientations = [];
        private int _done;

        public int Add(int index, PixelBuffer? image, LabelMap? labels, MaskNotes notes, List<string> faults)
        {
            SamplePair sample = dataset.Samples[index];
            if (image is not null)
            {
                _sizes[(image.Width, image.Height)] = _sizes.GetValueOrDefault((image.Width, image.Height)) + 1;
                if (image.HasTransparency)
                    _transparent.Add(index);
                if (Math.Min(image.Width, image.Height) < FastScnnNetwork.MinimumSize)
                    _small[index] = Invariant($"'{sample.ImagePath}' has {image.Width} x {image.Height} pixels; the ")
                        + Invariant($"network needs {FastScnnNetwork.MinimumSize} each way, so it will be enlarged");
            }
            if (labels is not null)
                _survey.Add(sample, labels, notes);
            if (faults.Count > 0)
                _faults[index] = faults;
            return ++_done;
        }

        public void AddOpenOrientation(int index) => _openOrientations.Add(index);

        public DatasetReport ToReport()
        {
            string[] unread = dataset.Unsupported.Count > 0 ? [ImageFiles.DescribeUnsupported(dataset.Unsupported)]
                : [];
            string[] scores = [.. unread, .. _survey.ScoreWarnings(SplitUse.Any)];
            return new DatasetReport
            {
                SampleCount = dataset.Samples.Count,
                ValidCount = dataset.Samples.Count - _faults.Count,
                ImageSizes =
                [
                    .. _sizes.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key)
                        .Select(pair => (pair.Key.Item1, pair.Key.Item2, pair.Value))
                ],
                ClassPixels = _survey.ClassPixels,
                ClassSamples = _survey.ClassSamples,
                IgnoredPixels = _survey.IgnoredPixels,
                Faults = [.. dataset.Unpaired, .. _faults.Values.SelectMany(texts => texts),
                    .. _survey.WhyUseless(SplitUse.Any) is { } reason ? [reason] : Array.Empty<string>()],
                Warnings =
                [
                    .. _small.Values,
                    .. _openOrientations.Count > 0 ? [Invariant($"{_openOrientations.Count} images have an EXIF ")
                        + "orientation and fit their masks both turned and as stored; they are turned upright, as "
                        + "tools show images. Were their masks drawn on the images as stored? Then save the images "
                        + "without the tag, or set ImageDecoderOptions.ApplyOrientation to false: "
                        + $"{ErrorText.List(Names(_openOrientations))}"] : Array.Empty<string>(),
                    .. _transparent.Count > 0 ? [Invariant($"{_transparent.Count} images have transparent parts, ")
                        + Invariant($"which are blended with black: {ErrorText.List(Names(_transparent))}")]
                        : Array.Empty<string>(),
                    .. scores,
                    .. _survey.OtherWarnings(SplitUse.Any),
                ],
                ScoreWarnings = scores,
            };
        }

        private string[] Names(IEnumerable<int> samples) =>
        [
            .. samples.Select(index => $"'{dataset.Samples[index].ImagePath}'")
        ];
    }
}

/// <summary>What <see cref="SegmentationDataset.Check"/> found in a split.</summary>
public sealed record DatasetReport
{
    /// <summary>The number of pairs.</summary>
    public required int SampleCount { get; init; }

    /// <summary>The number of pairs without a fault.</summary>
    public required int ValidCount { get; init; }

    /// <summary>The sizes of images and how many have each, the most frequent first.</summary>
    public required IReadOnlyList<(int Width, int Height, int Count)> ImageSizes { get; init; }

    /// <summary>Pixels of each class over all readable masks, by class id.</summary>
    public required IReadOnlyList<long> ClassPixels { get; init; }

    /// <summary>Masks that hold at least one pixel of each class, by class id.</summary>
    public required IReadOnlyList<int> ClassSamples { get; init; }

    /// <summary>Pixels that belong to no class over all readable masks.</summary>
    public required long IgnoredPixels { get; init; }

    /// <summary>Faults that would stop training, in the order of the samples.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    /// <summary>Findings that do not stop training, but that its user may not expect.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Those of <see cref="Warnings"/> that bear on the scores of a model, such as classes without a pixel;
    /// training and scoring repeat them.</summary>
    public IReadOnlyList<string> ScoreWarnings { get; init; } = [];

    /// <summary>What shows only by this split, which is learned from, and the one that is scored on together.</summary>
    /// <param name="validation">The report of the split that is scored on.</param>
    /// <param name="classes">The classes of both.</param>
    /// <returns>A text for each warning; none where all is well.</returns>
    public IReadOnlyList<string> CompareWith(DatasetReport validation, ClassList classes)
    {
        ArgumentNullException.ThrowIfNull(validation);
        ArgumentNullException.ThrowIfNull(classes);
        return DatasetCheck.Compare(classes, ClassPixels, validation.ClassPixels);
    }

    /// <summary>What a training on this split by batches of a size will suffer from.</summary>
    /// <param name="batchSize">Samples in a batch.</param>
    /// <returns>A text for each warning; none where all is well.</returns>
    public IReadOnlyList<string> CompareWithBatch(int batchSize) =>
        DatasetCheck.FewerThanBatch(SampleCount, batchSize) is { } warning ? [warning] : [];
}
