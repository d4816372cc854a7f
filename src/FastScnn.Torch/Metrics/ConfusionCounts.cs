using System.Runtime.InteropServices;
using FastScnn.Torch.Data;
using static System.FormattableString;

namespace FastScnn.Torch.Metrics;

/// <summary>Counts pixels by label and prediction. Pixels whose label is ignored never count; a prediction that is no
/// class, on a labelled pixel, counts as a miss. Scores are taken from the counts by
/// <see cref="SegmentationScores"/>.</summary>
/// <remarks>Not thread-safe: to count in parallel, give each thread its own and merge them with
/// <see cref="Add(ConfusionCounts)"/>.</remarks>
public sealed class ConfusionCounts
{
    /// <summary>The most classes that ids of one byte allow beside the ignored id.</summary>
    public const int MaxClassCount = 255;

    private const int Ids = 256;

    // [label, prediction]; the last column holds predictions that are no class
    private readonly long[,] _counts;

    // A table over all pairs of bytes needs no test for each pixel, and bad labels show before anything is counted.
    private readonly int[] _pairs = new int[Ids * Ids];

    /// <summary>Starts with no pixels.</summary>
    /// <param name="classCount">The number of classes, 1..<see cref="MaxClassCount"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classCount"/> is out of range.</exception>
    public ConfusionCounts(int classCount)
    {
        if (classCount is < 1 or > MaxClassCount)
            throw new ArgumentOutOfRangeException(nameof(classCount), classCount, "There must be 1 to "
                + Invariant($"{MaxClassCount} classes to count, not {classCount}."));
        ClassCount = classCount;
        _counts = new long[classCount, classCount + 1];
    }

    /// <summary>The number of classes.</summary>
    public int ClassCount { get; }

    /// <summary>The number of pixels with a label and a prediction.</summary>
    /// <param name="label">The labelled class, 0..<see cref="ClassCount"/>-1.</param>
    /// <param name="prediction">The predicted class, 0..<see cref="ClassCount"/>-1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is out of range.</exception>
    public long this[int label, int prediction] =>
        _counts[Class(label, nameof(label)), Class(prediction, nameof(prediction))];

    /// <summary>The number of pixels of a class whose prediction was no class.</summary>
    /// <param name="label">The labelled class, 0..<see cref="ClassCount"/>-1.</param>
    /// <returns>The count; it is part of <see cref="LabelledPixels(int)"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="label"/> is out of range.</exception>
    public long PixelsWithoutPrediction(int label) => _counts[Class(label, nameof(label)), ClassCount];

    /// <summary>The number of pixels labelled as a class: the sum of its row, misses among them.</summary>
    /// <param name="label">The labelled class, 0..<see cref="ClassCount"/>-1.</param>
    /// <returns>The count.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="label"/> is out of range.</exception>
    public long LabelledPixels(int label)
    {
        long sum = PixelsWithoutPrediction(label);
        for (int prediction = 0; prediction < ClassCount; prediction++)
            sum += _counts[label, prediction];
        return sum;
    }

    /// <summary>The number of labelled pixels predicted as a class: the sum of its column.</summary>
    /// <param name="prediction">The predicted class, 0..<see cref="ClassCount"/>-1.</param>
    /// <returns>The count.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="prediction"/> is out of range.</exception>
    public long PredictedPixels(int prediction)
    {
        Class(prediction, nameof(prediction));
        long sum = 0;
        for (int label = 0; label < ClassCount; label++)
            sum += _counts[label, prediction];
        return sum;
    }

    /// <summary>Counts the pixels of one image, or of any run of pixels.</summary>
    /// <param name="labels">A label for each pixel: a class, or <paramref name="ignoreIndex"/>.</param>
    /// <param name="predictions">A prediction for each pixel; what is no class is a miss.</param>
    /// <param name="ignoreIndex">The label of pixels that do not count.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a label is neither a class nor ignored; nothing was
    /// counted then.</exception>
    public void Add(ReadOnlySpan<byte> labels, ReadOnlySpan<byte> predictions, byte ignoreIndex = 255)
    {
        if (labels.Length != predictions.Length)
            throw new ArgumentException(Invariant($"There are {labels.Length} labels but {predictions.Length} ")
                + "predictions; each pixel needs one of both. Do the label and the prediction have the same size?");

        Array.Clear(_pairs);
        for (int i = 0; i < labels.Length; i++)
            _pairs[labels[i] * Ids + predictions[i]]++;

        for (int label = ClassCount; label < Ids; label++)
            if (label != ignoreIndex && Sum(_pairs.AsSpan(label * Ids, Ids)) is > 0 and var pixels)
                throw new ArgumentException(Invariant($"The label {label} stands on {pixels} pixels, but the classes ")
                    + Invariant($"are 0 to {ClassCount - 1} and {ignoreIndex} is ignored. Is this the label of ")
                    + "another data set, or another ignore index?");

        for (int label = 0; label < ClassCount; label++)
            for (int prediction = 0; label != ignoreIndex && prediction < Ids; prediction++)
                _counts[label, Math.Min(prediction, ClassCount)] += _pairs[label * Ids + prediction];
    }

    /// <summary>Adds the counts of another, such as that of another thread or image.</summary>
    /// <param name="other">Counts over the same number of classes.</param>
    /// <exception cref="ArgumentException">The numbers of classes differ.</exception>
    public void Add(ConfusionCounts other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.ClassCount != ClassCount)
            throw new ArgumentException(Invariant($"Counts over {other.ClassCount} classes cannot be added to counts ")
                + Invariant($"over {ClassCount}."));
        for (int label = 0; label < ClassCount; label++)
            for (int column = 0; column <= ClassCount; column++)
                _counts[label, column] += other._counts[label, column];
    }

    /// <summary>Starts again with no pixels.</summary>
    internal void Clear() => Array.Clear(_counts);

    /// <summary>All counts in a row, to be replaced by their sums over several processes.</summary>
    internal Span<long> Values => MemoryMarshal.CreateSpan(ref _counts[0, 0], _counts.Length);

    /// <summary>The same pixels counted by category: a class that is taken for another one of its category is a
    /// hit.</summary>
    /// <param name="categories">The category of each class.</param>
    /// <returns>Counts with a "class" for each category; <see cref="SegmentationScores"/> of them are the category
    /// scores of cityscapesScripts.</returns>
    /// <exception cref="ArgumentException">The categories are those of another number of classes.</exception>
    internal ConfusionCounts GroupBy(ClassCategories categories)
    {
        ArgumentNullException.ThrowIfNull(categories);
        if (categories.ClassCount != ClassCount)
            throw new ArgumentException(Invariant($"The categories are those of {categories.ClassCount} classes, and ")
                + Invariant($"{ClassCount} classes were counted."), nameof(categories));
        ConfusionCounts grouped = new(categories.Names.Count);
        for (int label = 0; label < ClassCount; label++)
        {
            for (int prediction = 0; prediction < ClassCount; prediction++)
                grouped._counts[categories[label], categories[prediction]] += _counts[label, prediction];
            grouped._counts[categories[label], grouped.ClassCount] += _counts[label, ClassCount];
        }
        return grouped;
    }

    private int Class(int id, string name) =>
        id >= 0 && id < ClassCount ? id
            : throw new ArgumentOutOfRangeException(name, id,
                Invariant($"The classes that are counted are 0 to {ClassCount - 1}; {id} is none of them."));

    private static long Sum(ReadOnlySpan<int> values)
    {
        long sum = 0;
        foreach (int value in values)
            sum += value;
        return sum;
    }
}
