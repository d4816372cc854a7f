using static System.FormattableString;

namespace FastScnn.Torch.Data;

/// <summary>Which class id a value stored in a mask stands for. Values that nothing is said about are faults.</summary>
internal sealed class LabelMapping
{
    // 16 bits, as the deepest grey PNG.
    private const int Values = 65536;

    private const short None = -1;

    private readonly short[] _ids = new short[Values];

    /// <summary>What a value without a class may mean in the data set at hand; ends the error.</summary>
    internal string? Hint { get; init; }

    internal ClassList Classes { get; }

    private LabelMapping(ClassList classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        Classes = classes;
        Array.Fill(_ids, None);
    }

    /// <summary>Stored values are class ids; the ignore index is ignored.</summary>
    /// <param name="classes">The classes.</param>
    public static LabelMapping Identity(ClassList classes) => Identity(classes, hint: null);

    internal static LabelMapping Identity(ClassList classes, string? hint)
    {
        var mapping = new LabelMapping(classes) { Hint = hint };
        for (int id = 0; id < classes.Count; id++)
            mapping._ids[id] = (short)id;
        mapping._ids[classes.IgnoreIndex] = classes.IgnoreIndex;
        return mapping;
    }

    /// <summary>Stored 0 is ignored and every other value is one more than its class id (ADE20K, "reduce zero label");
    /// the ignore index is ignored.</summary>
    /// <param name="classes">The classes.</param>
    /// <exception cref="ArgumentException">The ignore index is the stored value of the last class.</exception>
    public static LabelMapping ReduceZero(ClassList classes)
    {
        var mapping = new LabelMapping(classes);
        if (classes.IgnoreIndex == classes.Count)
            throw new ArgumentException(Invariant($"The ignore index {classes.IgnoreIndex} is also the stored value ")
                + Invariant($"of class '{classes[^1].Name}' when 0 is ignored and ids shift down by one; choose a ")
                + "higher ignore index, such as 255.");
        for (int id = 0; id < classes.Count; id++)
            mapping._ids[id + 1] = (short)id;
        mapping._ids[0] = mapping._ids[classes.IgnoreIndex] = classes.IgnoreIndex;
        return mapping;
    }

    /// <summary>Stored values stand for the ids that a table gives them; the ignore index is ignored unless the table
    /// says otherwise.</summary>
    /// <param name="classes">The classes.</param>
    /// <param name="ids">Class id (or the ignore index) by stored value.</param>
    /// <exception cref="ArgumentException">An id is neither that of a class nor the ignore index.</exception>
    public static LabelMapping FromTable(ClassList classes, IReadOnlyDictionary<byte, byte> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return FromRanges(classes, ids.Select(pair => new LabelRange(pair.Key, pair.Value)));
    }

    /// <summary>Stored values stand for the ids of the ranges that they lie in; the ignore index is ignored unless a
    /// range holds it.</summary>
    /// <param name="classes">The classes.</param>
    /// <param name="ranges">The ranges; none may overlap another.</param>
    /// <exception cref="ArgumentException">An id is neither that of a class nor the ignore index, a range is empty or
    /// not within 0..65535, or two overlap.</exception>
    public static LabelMapping FromRanges(ClassList classes, IEnumerable<LabelRange> ranges)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        var mapping = new LabelMapping(classes);
        foreach (LabelRange range in ranges)
        {
            if (range.First < 0 || range.Last >= Values || range.First > range.Last)
                throw new ArgumentException(Invariant($"The label map has the range '{range}'; a range goes from a ")
                    + Invariant($"value to one that is not less, within 0 to {Values - 1}."));
            if (range.Id >= classes.Count && range.Id != classes.IgnoreIndex)
                throw new ArgumentException("The label map gives the stored value "
                    + Invariant($"{(range.First == range.Last ? range.First : $"{range.First}-{range.Last}")} the id ")
                    + Invariant(
                        $"{range.Id}; ids are 0 to {classes.Count - 1}, or {classes.IgnoreIndex} for ignored."));
            for (int value = range.First; value <= range.Last; value++)
                mapping._ids[value] = mapping._ids[value] == None ? range.Id
                    : throw new ArgumentException(
                        Invariant(
                            $"The label map names the stored value {value} twice, the second time in '{range}'."));
        }
        if (mapping._ids[classes.IgnoreIndex] == None)
            mapping._ids[classes.IgnoreIndex] = classes.IgnoreIndex;
        return mapping;
    }

    /// <summary>Turns stored values into class ids.</summary>
    /// <param name="stored">The mask's values.</param>
    /// <param name="name">The name of the mask in error texts, such as its file name.</param>
    /// <exception cref="InvalidDataException">Values that stand for no class; the message names the file, each value
    /// and how many pixels hold it.</exception>
    public LabelMap Apply(LabelMap stored, string name)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var ids = new byte[stored.Ids.Length];
        ReadOnlySpan<byte> values = stored.Ids.Span;
        bool valid = true;
        for (int i = 0; i < values.Length; i++)
        {
            short id = _ids[values[i]];
            valid &= id >= 0;
            ids[i] = (byte)id;
        }
        return valid ? new LabelMap(stored.Width, stored.Height, ids)
            : throw Throw.MaskValues(name, CountUnknown(values), Classes, softEdges: null, Hint);
    }

    /// <summary>The id that a stored value stands for, or less than 0 where nothing is said about it.</summary>
    internal int this[int value] => _ids[value];

    private SortedDictionary<int, long> CountUnknown(ReadOnlySpan<byte> values)
    {
        var counts = new SortedDictionary<int, long>();
        foreach (byte value in values)
            if (_ids[value] < 0)
                counts[value] = counts.GetValueOrDefault(value) + 1;
        return counts;
    }
}

/// <summary>A range of the values that masks store, and the class that they stand for.</summary>
/// <param name="First">The lowest value, 0..65535.</param>
/// <param name="Last">The highest value, <paramref name="First"/>..65535.</param>
/// <param name="Id">The class id, or the ignore index.</param>
internal readonly record struct LabelRange(int First, int Last, byte Id)
{
    /// <summary>A single value.</summary>
    /// <param name="value">The value, 0..65535.</param>
    /// <param name="id">The class id, or the ignore index.</param>
    public LabelRange(int value, byte id)
        : this(value, value, id)
    {
    }

    /// <summary>The range as error messages and the command line write it, such as <c>0-127:0</c>.</summary>
    public override string ToString() =>
        First == Last ? FormattableString.Invariant($"{First}:{Id}")
            : FormattableString.Invariant($"{First}-{Last}:{Id}");
}

/// <summary>Which class id each colour of a colour-coded mask stands for. Colours that nothing is said about are
/// faults.</summary>
internal sealed class MaskColors
{
    private readonly Dictionary<int, byte> _ids = [];

    /// <summary>Makes a table of colours.</summary>
    /// <param name="colors">Colours and the class ids (or the ignore index) that they stand for. Several colours may
    /// stand for one class.</param>
    /// <exception cref="ArgumentException">A colour stands for two ids.</exception>
    public MaskColors(IEnumerable<((byte Red, byte Green, byte Blue) Color, byte Id)> colors)
    {
        ArgumentNullException.ThrowIfNull(colors);
        foreach (((byte red, byte green, byte blue) color, byte id) in colors)
            if (!_ids.TryAdd(Key(color.red, color.green, color.blue), id))
                throw new ArgumentException(Invariant($"The colour {color.red},{color.green},{color.blue} stands for ")
                    + Invariant($"the ids {_ids[Key(color.red, color.green, color.blue)]} and {id}; colour-coded ")
                    + "masks need another colour for each class.");
    }

    /// <summary>The classes' own colours; black is ignored unless a class has it.</summary>
    /// <param name="classes">The classes, each in another colour.</param>
    /// <exception cref="ArgumentException">Two classes have one colour.</exception>
    public static MaskColors FromClasses(ClassList classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        var colors = new MaskColors(classes.Select((c, id) => ((c.Red, c.Green, c.Blue), (byte)id)));
        colors.IgnoresBlack = colors._ids.TryAdd(Key(0, 0, 0), classes.IgnoreIndex);
        return colors;
    }

    /// <summary>Whether black is ignored because no class has it.</summary>
    internal bool IgnoresBlack { get; private set; }

    internal bool TryGetId(int color, out byte id) => _ids.TryGetValue(color, out id);

    internal static int Key(byte red, byte green, byte blue) => red << 16 | green << 8 | blue;
}

/// <summary>What the pixels of a mask hold, and which files hold it where a data set has several kinds. Each layout
/// takes some of these.</summary>
public enum MaskEncoding
{
    /// <summary>By the kind of the file: stored values in grey and palette PNGs, colours in RGB and RGBA. Three equal
    /// channels are values where they are equal everywhere, a value is no colour of a class, and none contradicts the
    /// colour of a class.</summary>
    Auto,

    /// <summary>Stored values: of a palette the index; of RGB and RGBA the one value of three equal channels.</summary>
    Values,

    /// <summary>Colours: of a palette the colour of the index; of grey the grey, so that 255 is white. In Cityscapes
    /// <c>*_gtFine_color.png</c>, as downloaded, where pole groups have the colour of poles and licence plates that of
    /// cars, and are taken for them.</summary>
    Colors,

    /// <summary>The official ids of Cityscapes, of which 19 are trained: <c>*_gtFine_labelIds.png</c>, as
    /// downloaded.</summary>
    LabelIds,

    /// <summary>Class ids, 255 ignored, of Cityscapes (<c>*_gtFine_labelTrainIds.png</c>, as cityscapesScripts makes
    /// them) and COCO-Stuff (0 to 170, as the usual conversion writes to <c>*_labelTrainIds.png</c>).</summary>
    TrainIds,

    /// <summary>The category ids of COCO-Stuff less one, 0 to 181, as in the download (<c>*.png</c>); 11 of them are in
    /// no image and ignored.</summary>
    CategoryIds,
}
