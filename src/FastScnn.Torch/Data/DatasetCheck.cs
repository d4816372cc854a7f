using FastScnn.Torch.Network;

namespace FastScnn.Torch.Data;

/// <summary>Reads every photo and label of a data set before a training run does, and tells all that is wrong at once.</summary>
public static class DatasetCheck
{
    /// <summary>Reads all samples, as many at a time as there are cores.</summary>
    /// <param name="dataset">The split.</param>
    /// <param name="decoder">The codec for photos.</param>
    /// <param name="progress">Gets the number of samples read so far.</param>
    /// <param name="cancellation">Ends the check.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public static DatasetReport Run(SegmentationDataset dataset, PhotoDecoder decoder, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(decoder);
        var totals = new Totals(dataset);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation };
        Parallel.For(0, dataset.Samples.Count, options, index =>
        {
            Photo? stored = null;
            LabelMap? labels = null;
            List<string> faults = [];
            Try(() => stored = dataset.ReadStoredPhoto(index, decoder), faults);
            Try(() => labels = dataset.ReadLabels(index), faults);
            // A label whose values are wrong may have the wrong size too.
            SamplePair sample = dataset.Samples[index];
            (int Width, int Height)? size = labels is null ? LabelPng.TryReadSize(sample.LabelPath) : (labels.Width, labels.Height);
            Photo? photo = stored is null ? null : LabelledOrientation.Fit(stored, size);
            if (photo is not null && size is { } labelSize && labelSize != (photo.Width, photo.Height))
                faults.Add(Errors.SampleSizes(sample, photo, labelSize).Message);
            lock (totals)
            {
                int done = totals.Add(index, photo, labels, faults);
                if (stored is not null && LabelledOrientation.IsOpen(stored, size))
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
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or ArgumentException)
        {
            faults.Add(e.Message);
        }
    }

    private sealed class Totals(SegmentationDataset dataset)
    {
        private readonly long[] _pixels = new long[256];
        private readonly int[] _samples = new int[256];
        private readonly Dictionary<(int, int), int> _sizes = [];
        private readonly SortedDictionary<int, List<string>> _faults = [];
        private readonly SortedDictionary<int, List<string>> _warnings = [];
        private readonly SortedSet<int> _transparent = [];
        private readonly SortedSet<int> _openOrientations = [];
        private int _done;
        private int _labels;

        public int Add(int index, Photo? photo, LabelMap? labels, List<string> faults)
        {
            SamplePair sample = dataset.Samples[index];
            List<string> warnings = [];
            if (photo is not null)
            {
                _sizes[(photo.Width, photo.Height)] = _sizes.GetValueOrDefault((photo.Width, photo.Height)) + 1;
                if (photo.HasTransparency)
                    _transparent.Add(index);
                if (Math.Min(photo.Width, photo.Height) < FastScnnNetwork.MinimumSize)
                    warnings.Add(Errors.SmallPhoto(sample, photo, FastScnnNetwork.MinimumSize));
            }
            if (labels is not null)
            {
                _labels++;
                if (AddPixels(labels) == 0)
                    warnings.Add(Errors.LabelWithoutClass(sample));
            }
            if (faults.Count > 0)
                _faults[index] = faults;
            if (warnings.Count > 0)
                _warnings[index] = warnings;
            return ++_done;
        }

        public void AddOpenOrientation(int index) => _openOrientations.Add(index);

        public DatasetReport ToReport()
        {
            int classes = dataset.Classes.Count;
            string[] absent = [.. dataset.Classes.Where((_, id) => _pixels[id] == 0).Select(c => c.Name)];
            bool unlabelled = absent.Length == classes;
            return new DatasetReport
            {
                SampleCount = dataset.Samples.Count,
                SoundCount = dataset.Samples.Count - _faults.Count,
                PhotoSizes = [.. _sizes.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).Select(pair => (pair.Key.Item1, pair.Key.Item2, pair.Value))],
                ClassPixels = _pixels[..classes],
                ClassSamples = _samples[..classes],
                IgnoredPixels = _pixels[dataset.Classes.IgnoreIndex],
                Faults = [.. dataset.Unpaired, .. _faults.Values.SelectMany(texts => texts), .. unlabelled && _labels > 0 ? [Errors.SplitWithoutClass()] : Array.Empty<string>()],
                Warnings =
                [
                    .. _warnings.Values.SelectMany(texts => texts),
                    .. _openOrientations.Count > 0 ? [Errors.OpenOrientations(Names(_openOrientations))] : Array.Empty<string>(),
                    .. _transparent.Count > 0 ? [Errors.TransparentPhotos(Names(_transparent))] : Array.Empty<string>(),
                    .. absent.Length > 0 && !unlabelled ? [Errors.ClassesWithoutPixel(absent)] : Array.Empty<string>(),
                ],
            };
        }

        private string[] Names(IEnumerable<int> samples) => [.. samples.Select(index => $"'{dataset.Samples[index].PhotoPath}'")];

        // Returns how many pixels have a class.
        private long AddPixels(LabelMap labels)
        {
            Span<long> counts = stackalloc long[256];
            counts.Clear();
            foreach (byte id in labels.Ids.Span)
                counts[id]++;
            long labelled = 0;
            for (int id = 0; id < counts.Length; id++)
            {
                _pixels[id] += counts[id];
                _samples[id] += counts[id] > 0 ? 1 : 0;
                labelled += id < dataset.Classes.Count ? counts[id] : 0;
            }
            return labelled;
        }
    }
}
