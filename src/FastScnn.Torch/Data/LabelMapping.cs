namespace FastScnn.Torch.Data;

/// <summary>Which class id a value stored in a label file stands for. Values that nothing is said about are faults.</summary>
public sealed class LabelMapping
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

    /// <summary>Stored 0 is ignored and every other value is one more than its class id (ADE20K, "reduce zero label"); the ignore index is ignored.</summary>
    /// <param name="classes">The classes.</param>
    /// <exception cref="ArgumentException">The ignore index is the stored value of the last class.</exception>
    public static LabelMapping ReduceZero(ClassList classes)
    {
        var mapping = new LabelMapping(classes);
        if (classes.IgnoreIndex == classes.Count)
            throw Errors.ReduceZeroIgnoreIndex(classes.IgnoreIndex, classes[^1].Name);
        for (int id = 0; id < classes.Count; id++)
            mapping._ids[id + 1] = (short)id;
        mapping._ids[0] = mapping._ids[classes.IgnoreIndex] = classes.IgnoreIndex;
        return mapping;
    }

    /// <summary>Stored values stand for the ids that a table gives them; the ignore index is ignored unless the table says otherwise.</summary>
    /// <param name="classes">The classes.</param>
    /// <param name="ids">Class id (or the ignore index) by stored value.</param>
    /// <exception cref="ArgumentException">An id is neither that of a class nor the ignore index.</exception>
    public static LabelMapping FromTable(ClassList classes, IReadOnlyDictionary<byte, byte> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return FromRanges(classes, ids.Select(pair => new LabelRange(pair.Key, pair.Value)));
    }

    /// <summary>Stored values stand for the ids of the ranges that they lie in; the ignore index is ignored unless a range holds it.</summary>
    /// <param name="classes">The classes.</param>
    /// <param name="ranges">The ranges; none may overlap another.</param>
    /// <exception cref="ArgumentException">An id is neither that of a class nor the ignore index, a range is empty or not within 0..65535, or two overlap.</exception>
    public static LabelMapping FromRanges(ClassList classes, IEnumerable<LabelRange> ranges)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        var mapping = new LabelMapping(classes);
        foreach (LabelRange range in ranges)
        {
            if (range.First < 0 || range.Last >= Values || range.First > range.Last)
                throw Errors.LabelRangeBounds(range, Values - 1);
            if (range.Id >= classes.Count && range.Id != classes.IgnoreIndex)
                throw Errors.LabelMappingId(range, classes);
            for (int value = range.First; value <= range.Last; value++)
                mapping._ids[value] = mapping._ids[value] == None ? range.Id : throw Errors.LabelRangesOverlap(range, value);
        }
        if (mapping._ids[classes.IgnoreIndex] == None)
            mapping._ids[classes.IgnoreIndex] = classes.IgnoreIndex;
        return mapping;
    }

    /// <summary>Turns stored values into class ids.</summary>
    /// <param name="stored">The label file's values.</param>
    /// <param name="name">What an error calls the label, such as its file name.</param>
    /// <exception cref="InvalidDataException">Values that stand for no class; the message names the file, each value and how many pixels hold it.</exception>
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
        return valid ? new LabelMap(stored.Width, stored.Height, ids) : throw Errors.LabelValues(name, CountUnknown(values), Classes, softEdges: null, Hint);
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
