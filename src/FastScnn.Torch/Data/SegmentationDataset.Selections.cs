using FastScnn.Torch.Data.Layouts;
using static System.FormattableString;

namespace FastScnn.Torch.Data;

public abstract partial class SegmentationDataset
{
    /// <summary>Makes one data set of several, such as the splits train and val of one folder.</summary>
    /// <param name="parts">The data sets, one or more, all with the same classes. Each is read by its own
    /// rules.</param>
    /// <returns>The samples of all parts in their order. A name that several samples share becomes the path of the
    /// image. <see cref="MaxPixels"/> is the smallest of the parts'; to set it sets that of the parts.</returns>
    /// <exception cref="ArgumentException">There is no part, or the classes differ; the message names the first
    /// difference.</exception>
    public static SegmentationDataset Combine(params IReadOnlyList<SegmentationDataset> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Count == 0) throw new ArgumentException("Expected one data set or more, found none.", nameof(parts));
        for (int i = 1; i < parts.Count; i++)
            if (!parts[i].Classes.Equals(parts[0].Classes))
                throw new ArgumentException(Invariant($"Data set {i + 1} has the classes {Describe(parts[i])}, but the ")
                    + $"first has {Describe(parts[0])}; data sets that become one need the same classes, colours and "
                    + "ignore index.", nameof(parts));
        return parts.Count == 1 ? parts[0] : new SelectedDataset(parts[0].Classes,
            [.. parts.SelectMany(part => part.Samples.Select((_, index) => (part, index)))],
            [.. parts.SelectMany(part => part.Unpaired)],
            [.. parts.SelectMany(part => part.Unsupported).Distinct(StringComparer.Ordinal)]);

        static string Describe(SegmentationDataset dataset) => Invariant(
            $"{ErrorText.List(dataset.Classes.Names, 8)} ({dataset.Classes.IgnoreIndex} ignored)");
    }

    /// <summary>Takes some of the samples.</summary>
    /// <param name="predicate">Which ones.</param>
    /// <returns>These samples in the same order, read by the same rules.</returns>
    /// <exception cref="InvalidDataException">None is left.</exception>
    public SegmentationDataset Where(Func<SamplePair, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        int[] indices = [.. Enumerable.Range(0, Samples.Count).Where(index => predicate(Samples[index]))];
        return indices.Length > 0 ? Select(indices) : throw new InvalidDataException(Invariant(
            $"None of the {Samples.Count} samples fits the condition."));
    }

    /// <summary>Takes the samples that a text file lists, for splits that are no folders of their own: sequences that
    /// are held out, or a share of the data.</summary>
    /// <param name="path">The text file: an image a line, as its path from <paramref name="root"/> with / or its whole
    /// path, or as the name of the sample (<see cref="SamplePair.Name"/>). Empty lines are skipped.</param>
    /// <param name="root">The folder that paths start from, which is usually that of the data set.</param>
    /// <returns>These samples in the order of the file, read by the same rules.</returns>
    /// <exception cref="FileNotFoundException">There is no such text file.</exception>
    /// <exception cref="InvalidDataException">The file names no image, one that is not among the samples, or one twice;
    /// the message has the line.</exception>
    public SegmentationDataset WhereListed(string path, string root)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentException.ThrowIfNullOrWhiteSpace(root);
        return Select(SampleList.Read(path, root, this));
    }

    private SelectedDataset Select(int[] indices) =>
        new(Classes, [.. indices.Select(index => (this, index))], [], []);
}
