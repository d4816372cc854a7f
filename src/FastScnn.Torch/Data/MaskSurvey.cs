using System.Runtime.ExceptionServices;
using FastScnn.Torch.Data.Layouts;
using static System.FormattableString;

namespace FastScnn.Torch.Data;

/// <summary>What the masks of a split are for, in the words of messages about it.</summary>
/// <param name="Name">The split, as the beginning of a sentence.</param>
/// <param name="Absent">What becomes of classes that it does not show.</param>
internal sealed record SplitUse(string Name, string Absent)
{
    public static SplitUse Any { get; } = new("This split", "neither learned nor scored");

    public static SplitUse Training { get; } = new("The training data", "not learned");

    public static SplitUse Validation { get; } = new("The validation data", "not scored");
}

/// <summary>Counts over all masks of a data set, and what the scores of a model will suffer from in them.</summary>
internal sealed class MaskSurvey(ClassList classes)
{
    private readonly long[] _pixels = new long[256];
    private readonly long[] _present = new long[classes.Count];
    private readonly int[] _samples = new int[256];
    private readonly List<string> _withoutClass = [];
    private readonly List<string> _onlyBlack = [];
    private readonly Dictionary<int, long> _unknownColors = [];
    private readonly SortedDictionary<string, (int Index, int IndexId, int ColorId)> _paletteConflicts =
        new(StringComparer.Ordinal);
    private (long Pixels, int Masks) _transparent, _partlyTransparent, _markedTransparent;
    private long _conflictPixels;
    private int _unknownColorMasks, _valuesInColors;

    /// <summary>Masks read.</summary>
    public int Masks { get; private set; }

    /// <summary>Pixels of each class.</summary>
    public IReadOnlyList<long> ClassPixels => _pixels[..classes.Count];

    /// <summary>For each class, the pixels of all classes in the masks that show it.</summary>
    public IReadOnlyList<long> PixelsWherePresent => _present;

    /// <summary>Masks that show each class.</summary>
    public IReadOnlyList<int> ClassSamples => _samples[..classes.Count];

    /// <summary>Pixels of no class.</summary>
    public long IgnoredPixels => _pixels[classes.IgnoreIndex];

    /// <summary>Whether a pixel has a class.</summary>
    public bool HasClass => ClassPixels.Any(count => count > 0);

    /// <summary>Reads all masks of a data set, on all processors; images are not read.</summary>
    /// <exception cref="InvalidDataException">A mask cannot be read: of several, the first in the order of the
    /// samples.</exception>
    /// <exception cref="IOException">A mask cannot be opened.</exception>
    public static MaskSurvey Read(SegmentationDataset dataset, CancellationToken cancellationToken)
    {
        var survey = new MaskSurvey(dataset.Classes);
        var faults = new SortedDictionary<int, ExceptionDispatchInfo>();
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = Environment.ProcessorCount,
            CancellationToken = cancellationToken
        };
        Parallel.For(0, dataset.Samples.Count, options, (index, state) =>
        {
            try
            {
                var notes = new MaskNotes();
                LabelMap labels = dataset.ReadMask(index, notes);
                lock (survey)
                    survey.Add(dataset.Samples[index], labels, notes);
            }
            catch (Exception error)
            {
                lock (faults)
                    faults[index] = ExceptionDispatchInfo.Capture(error);
                // Samples before this one are still read, so that the error is always that of the first bad sample.
                state.Break();
            }
        });
        faults.Values.FirstOrDefault()?.Throw();
        return survey;
    }

    /// <summary>Counts a mask. One call at a time.</summary>
    public void Add(SamplePair sample, LabelMap labels, MaskNotes notes)
    {
        Masks++;
        Span<long> counts = stackalloc long[256];
        counts.Clear();
        foreach (byte id in labels.Ids.Span)
            counts[id]++;
        long labelled = labels.Ids.Length - counts[classes.IgnoreIndex];
        for (int id = 0; id < counts.Length; id++)
        {
            _pixels[id] += counts[id];
            _samples[id] += counts[id] > 0 ? 1 : 0;
            if (id < classes.Count && counts[id] > 0) _present[id] += labelled;
        }
        if (counts[..classes.Count].IndexOfAnyExcept(0) < 0)
            _withoutClass.Add(sample.MaskPath);
        AddNotes(sample, notes);
    }

    /// <summary>The classes that no mask shows.</summary>
    public IReadOnlyList<string> AbsentClasses =>
    [
        .. classes.Where((_, id) => _pixels[id] == 0).Select(one => one.Name)
    ];

    /// <summary>Why nothing can be learned from the masks or scored by them; null where something can.</summary>
    public string? WhyUseless(SplitUse use) =>
        HasClass || Masks == 0 ? null : Invariant($"{use.Name}: no mask has a pixel with a class. All ")
            + Invariant($"{IgnoredPixels} pixels of {Masks} masks are ignored ({classes.IgnoreIndex}")
            + (_transparent.Pixels > 0 ? Invariant($"; {_transparent.Pixels} of them are transparent, alpha 0") : "")
            + (_onlyBlack.Count > 0
                ? Invariant($"; {_onlyBlack.Count} masks are RGB and black alone, which is no colour of a class") : "")
            + "). Is this a test split whose masks were kept back, or does the ignored value mean a class?";

    /// <summary>Warnings that bear on the scores.</summary>
    public IReadOnlyList<string> ScoreWarnings(SplitUse use)
    {
        List<string> warnings = [];
        if (HasClass && AbsentClasses is { Count: > 0 } absent)
            warnings.Add(
                $"{use.Name}: no mask has a pixel of these classes, so they are {use.Absent}: {ErrorText.List(absent)}."
                + (IgnoredPixels == 0 ? "" : Invariant($" {IgnoredPixels} pixels ")
                    + Invariant($"({100.0 * IgnoredPixels / _pixels.Sum():F1} %) are ignored ({classes.IgnoreIndex})."))
                + (MayBeBinary ? Invariant($" Does {classes.IgnoreIndex} mean '{classes[1].Name}'? Then give ")
                    + Invariant($"{nameof(FolderDatasetOptions)}.{nameof(FolderDatasetOptions.LabelRanges)} ")
                    + Invariant($"{new LabelRange(0, 0)},{new LabelRange(classes.IgnoreIndex, 1)}.") : ""));
        if (_withoutClass.Count > 0)
            warnings.Add(Invariant($"{use.Name}: {_withoutClass.Count} of {Masks} masks have no pixel with a class; ")
                + Invariant($"nothing can be learned from them: {Ordered(_withoutClass)}."));
        if (_transparent.Pixels > 0)
            warnings.Add(Invariant($"{use.Name}: {_transparent.Pixels} pixels of {_transparent.Masks} masks are ")
                + "transparent (alpha 0) and so ignored. Does the alpha channel show the object? Then save the masks "
                + "as class ids.");
        if (_partlyTransparent.Pixels > 0)
            warnings.Add(Invariant($"{use.Name}: {_partlyTransparent.Pixels} pixels of {_partlyTransparent.Masks} ")
                + "masks are partly transparent; they are ignored "
                + Invariant($"({nameof(FolderDatasetOptions.IgnoreUnknownColors)})."));
        if (_unknownColors.Count > 0)
            warnings.Add(Invariant($"{use.Name}: {_unknownColors.Values.Sum()} pixels of {_unknownColorMasks} masks ")
                + "have a colour of no class; they are ignored "
                + Invariant($"({nameof(FolderDatasetOptions.IgnoreUnknownColors)}): ")
                + Invariant($"{MaskFile.ColorCounts(_unknownColors)}."));
        if (_paletteConflicts.Count > 0)
        {
            (string path, (int Index, int IndexId, int ColorId) example) = _paletteConflicts.First();
            warnings.Add(Invariant($"{use.Name}: the palettes of {_paletteConflicts.Count} masks contradict the ")
                + Invariant($"class list on {_conflictPixels} pixels: in '{path}' the index {example.Index} is ")
                + Invariant($"'{classes[example.IndexId].Name}', and its colour that of ")
                + Invariant($"'{classes[example.ColorId].Name}'. ")
                + $"Indices count. To read the colours give {nameof(MaskEncoding)}.{nameof(MaskEncoding.Colors)}; to "
                + $"affirm the indices {nameof(MaskEncoding)}.{nameof(MaskEncoding.Values)}.");
        }
        if (_valuesInColors > 0)
            warnings.Add(
                Invariant(
                    $"{use.Name}: {_valuesInColors} RGB masks hold three equal channels and are read as class ids.")
                + (_onlyBlack.Count == 0 ? "" : Invariant($" {_onlyBlack.Count} others are black alone, which as a ")
                    + Invariant($"colour is ignored: {Ordered(_onlyBlack)}."))
                + $" {nameof(MaskEncoding)}.{nameof(MaskEncoding.Values)} reads all of them as ids.");
        return warnings;
    }

    /// <summary>Warnings that do not bear on the scores.</summary>
    public IReadOnlyList<string> OtherWarnings(SplitUse use) =>
        _markedTransparent.Pixels > 0 ? [Invariant($"{use.Name}: {_markedTransparent.Pixels} pixels of ")
            + Invariant($"{_markedTransparent.Masks} masks hold a value that the palette marks as transparent; they ")
            + "count as their value says."] : [];

    // Only "background" and ignored pixels of 255: what tools write for "object" where there are two classes.
    private bool MayBeBinary =>
        classes is { Count: 2, IgnoreIndex: 255 } && _pixels[0] > 0 && _pixels[1] == 0
            && IgnoredPixels > _transparent.Pixels + _partlyTransparent.Pixels;

    private void AddNotes(SamplePair sample, MaskNotes notes)
    {
        _transparent = Plus(_transparent, notes.Transparent);
        _partlyTransparent = Plus(_partlyTransparent, notes.PartlyTransparent);
        _markedTransparent = Plus(_markedTransparent, notes.MarkedTransparent);
        foreach ((int color, long count) in notes.UnknownColors)
            _unknownColors[color] = _unknownColors.GetValueOrDefault(color) + count;
        _unknownColorMasks += notes.UnknownColors.Count > 0 ? 1 : 0;
        _valuesInColors += notes.ValuesInColors ? 1 : 0;
        if (notes.OnlyBlack)
            _onlyBlack.Add(sample.MaskPath);
        if (notes.PaletteConflicts > 0)
        {
            _conflictPixels += notes.PaletteConflicts;
            _paletteConflicts[sample.MaskPath] = notes.PaletteExample;
        }
    }

    private static (long Pixels, int Masks) Plus((long Pixels, int Masks) sum, long pixels) =>
        (sum.Pixels + pixels, sum.Masks + (pixels > 0 ? 1 : 0));

    private static string Ordered(IEnumerable<string> paths) =>
        ErrorText.List([.. paths.Order(StringComparer.Ordinal).Select(path => $"'{path}'")]);
}
