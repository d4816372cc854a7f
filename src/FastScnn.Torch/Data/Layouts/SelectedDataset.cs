namespace FastScnn.Torch.Data.Layouts;

/// <summary>Samples of other data sets as one data set. Each is read by the data set that it comes from.</summary>
internal sealed class SelectedDataset : SegmentationDataset
{
    private readonly (SegmentationDataset Dataset, int Index)[] _sources;

    public SelectedDataset(ClassList classes, (SegmentationDataset Dataset, int Index)[] sources,
        IReadOnlyList<string> unpaired, IReadOnlyList<string> unsupported)
        : base(classes, new PairedFiles(UniqueNames(sources), unpaired, unsupported))
    {
        _sources = sources;
        MaxPixels = sources.Min(source => source.Dataset.MaxPixels);
    }

    internal override LabelMap ReadMask(int index, MaskNotes? notes)
    {
        _ = Sample(index);
        return _sources[index].Dataset.ReadMask(_sources[index].Index, notes);
    }

    internal override PixelBuffer ReadStoredImage(int index, Func<Stream, PixelBuffer> decoder)
    {
        _ = Sample(index);
        return _sources[index].Dataset.ReadStoredImage(_sources[index].Index, decoder);
    }

    private protected override void MaxPixelsChanged(long value)
    {
        foreach (SegmentationDataset dataset in _sources.Select(source => source.Dataset).Distinct())
            dataset.MaxPixels = value;
    }

    private static SamplePair[] UniqueNames((SegmentationDataset Dataset, int Index)[] sources)
    {
        SamplePair[] samples = [.. sources.Select(source => source.Dataset.Samples[source.Index])];
        HashSet<string> shared = [.. samples.CountBy(sample => sample.Name).Where(pair => pair.Value > 1)
            .Select(pair => pair.Key)];
        return [.. samples.Select(sample => shared.Contains(sample.Name) ? sample with { Name = sample.ImagePath }
            : sample)];
    }
}

/// <summary>A text file that lists samples of a data set.</summary>
internal static class SampleList
{
    /// <summary>The places of the listed samples, in the order of the file.</summary>
    public static int[] Read(string path, string root, SegmentationDataset dataset)
    {
        IReadOnlyList<SamplePair> samples = dataset.Samples;
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no list of images '{path}'.", path);
        Dictionary<string, int> paths = new(StringComparer.Ordinal), names = new(StringComparer.Ordinal);
        for (int i = 0; i < samples.Count; i++)
        {
            paths[Path.GetFullPath(samples[i].ImagePath)] = i;
            names[samples[i].Name] = i;
        }
        Dictionary<int, int> lines = [];
        int number = 0;
        foreach (string text in File.ReadLines(path))
        {
            number++;
            string entry = text.Trim();
            if (entry.Length == 0) continue;
            int index = Find(entry);
            if (!lines.TryAdd(index, number))
                throw Fault($"'{entry}' is the image of line {lines[index]} again; list each image once");
        }
        return lines.Count > 0 ? [.. lines.OrderBy(pair => pair.Value).Select(pair => pair.Key)]
            : throw new InvalidDataException($"The list '{path}' names no image.");

        int Find(string entry)
        {
            if (entry.Contains('\0')) throw Fault("expected the path of an image, found a zero byte");
            if (paths.TryGetValue(Path.GetFullPath(entry, Path.GetFullPath(root)), out int index)) return index;
            if (dataset.Unpaired.FirstOrDefault(text => text.Contains($"{entry}'", StringComparison.Ordinal)) is { } text)
                throw Fault(text);
            if (!names.TryGetValue(entry, out index))
                throw Fault($"'{entry}' is none of the {samples.Count} images of the data set below '{root}'; expected "
                    + $"a path from there such as '{Path.GetRelativePath(root, samples[0].ImagePath)}', or a name such "
                    + $"as '{samples[0].Name}'");
            return index;
        }

        InvalidDataException Fault(string what) =>
            new(FormattableString.Invariant($"The list '{path}', line {number}: {what}."));
    }
}
