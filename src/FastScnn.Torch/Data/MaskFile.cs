using System.Diagnostics.CodeAnalysis;
using FastScnn.Torch.Data.Layouts;
using static System.FormattableString;

namespace FastScnn.Torch.Data;

/// <summary>Reads one mask PNG of any kind by the rules of its data set.</summary>
/// <remarks>A pixel of no opacity (alpha 0) is ignored, one of partial opacity is refused: what a drawing program
/// leaves out is not a class, and a half-covered pixel has none. The tRNS chunk is no channel, it names a value or
/// colour; that one counts as it is.</remarks>
internal sealed class MaskFile
{
    // An image in place of a mask has about a colour a pixel; no message shows so many.
    private const int MaxUnknown = 4096;

    private readonly string _path;
    private readonly PngHeader _header;
    private readonly PngChunkReader _chunks;
    private readonly MemoryStream _compressed;
    private readonly MaskRules _rules;
    private readonly MaskNotes _notes;
    private readonly Dictionary<int, long> _unknown = [];
    private readonly int _channels;
    private readonly bool _hasAlpha;

    private MaskFile(string path, PngHeader header, PngChunkReader chunks, MemoryStream compressed, MaskRules rules,
        MaskNotes notes)
    {
        (_path, _header, _chunks, _compressed, _rules, _notes) = (path, header, chunks, compressed, rules, notes);
        _channels = header.BitsPerPixel / header.BitDepth;
        _hasAlpha = header.ColorType is PngColorType.Rgba or PngColorType.GreyAlpha;
    }

    /// <exception cref="InvalidDataException">
    /// The file is no mask PNG, or it holds values or colours that stand for no class; the message names the file, what
    /// was found and on how many pixels.
    /// </exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static LabelMap Read(string path, MaskRules rules, long maxPixels, MaskNotes? notes = null)
    {
        using FileStream stream = ImageFiles.OpenRead(path);
        var chunks = new PngChunkReader(stream, path);
        var header = PngHeader.Parse(chunks.ReadHeader(), path, maxPixels);
        if (header is { IsColor: true, BitDepth: not 8 })
            throw Throw.Png(path,
                Invariant($"it holds colours of {header.BitDepth} bits a channel; colour-coded masks have 8"));
        using MemoryStream compressed = chunks.ReadImageData();
        return new LabelMap(header.Width, header.Height,
            new MaskFile(path, header, chunks, compressed, rules, notes ?? new MaskNotes()).ReadIds());
    }

    /// <summary>The size that a mask's header says, or null where there is none to read.</summary>
    public static (int Width, int Height)? TryReadSize(string path)
    {
        try
        {
            using FileStream stream = ImageFiles.OpenRead(path);
            var header = PngHeader.Parse(new PngChunkReader(stream, path).ReadHeader(), path, long.MaxValue);
            return (header.Width, header.Height);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Colours by how many pixels have them, the most frequent first, for a message.</summary>
    public static string ColorCounts(IReadOnlyDictionary<int, long> counts) => ErrorText.List(
    [
        .. counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key)
            .Select(pair =>
                Invariant($"{pair.Key >> 16},{pair.Key >> 8 & 255},{pair.Key & 255} on {pair.Value} pixels")),
    ]);

    private LabelMapping Mapping => _rules.Mapping;

    private byte IgnoreIndex => _rules.Mapping.Classes.IgnoreIndex;

    private byte[] ReadIds()
    {
        byte[] ids = _rules.Encoding switch
        {
            MaskEncoding.Colors => CheckColors(ReadColors(Colors())),
            MaskEncoding.Auto when _header.IsColor => ReadColorsOrValues(),
            _ => ReadValues(_header.IsColor ? EqualChannels() ?? throw ChannelsDiffer() : []),
        };
        if (_notes.PartlyTransparent > 0 && !_rules.IgnoreUnknownColors)
            throw new InvalidDataException(
                Invariant(
                    $"'{_path}' has an alpha channel, and {_notes.PartlyTransparent} pixels are partly transparent. ")
                + "Only opaque pixels have a class, and those of alpha 0 are ignored: save the mask without soft "
                + "edges or without alpha, or ignore such pixels with "
                + $"{nameof(FolderDatasetOptions.IgnoreUnknownColors)}.");
        return ids;
    }

    private InvalidDataException ChannelsDiffer() => Throw.Png(
        _path,
        $"it holds colours, and class ids are asked for ({nameof(MaskEncoding)}.{nameof(MaskEncoding.Values)}), "
        + "which need three equal channels; read it by its colours with "
        + $"{nameof(MaskEncoding)}.{nameof(MaskEncoding.Colors)}");

    private MaskColors Colors() => (_rules.Colors ?? throw Throw.PngIsColor(_path, KindName)).Value;

    private byte[] ReadColorsOrValues()
    {
        if (_rules.Colors is null)
            return ReadValues(EqualChannels() ?? throw Throw.PngIsColor(_path, KindName));
        byte[] ids = ReadColors(_rules.Colors.Value);
        return _unknown.Count > 0 && EqualChannels() is { } values
            && (!_rules.IgnoreUnknownColors || values.All(value => Mapping[value] >= 0))
            ? ReadValues(values)
            : CheckColors(ids);
    }

    private byte[] CheckColors(byte[] ids)
    {
        if (_unknown.Count > 0 && !_rules.IgnoreUnknownColors)
            throw new InvalidDataException($"'{_path}' holds colours that stand for no class: {ColorCounts(_unknown)}. "
                + (SoftEdges(asColors: true)
                    ?? "Is this the mask of another data set, or was it scaled or compressed with loss?")
                + $" {nameof(FolderDatasetOptions.IgnoreUnknownColors)} ignores such pixels.");
        _notes.UnknownColors = _unknown;
        return ids;
    }

    private byte[] ReadColors(MaskColors colors)
    {
        Begin();
        bool onlyBlack = true;
        // Neighbours mostly share a colour, so most pixels need no look-up.
        (int lastColor, byte lastId) = (-1, 0);
        byte[] ids = Decode((row, columns, x, step, _, target) =>
        {
            for (int column = 0; column < columns; column++, x += step)
            {
                if (_hasAlpha && CountHidden(row, column))
                {
                    target[x] = IgnoreIndex;
                    continue;
                }
                int color = Color(row, column);
                if (color != lastColor)
                {
                    onlyBlack &= color == 0;
                    if (!colors.TryGetId(color, out byte id))
                    {
                        CountUnknown(color);
                        target[x] = IgnoreIndex;
                        continue;
                    }
                    (lastColor, lastId) = (color, id);
                }
                target[x] = lastId;
            }
        });
        _notes.OnlyBlack = onlyBlack && _header.IsColor && colors.IgnoresBlack && _notes.Transparent < ids.Length;
        return ids;
    }

    /// <param name="equal">The values of a file whose three channels are equal; of other files none.</param>
    private byte[] ReadValues(IReadOnlyList<int> equal)
    {
        CheckAmbiguous(equal);
        Begin();
        bool palette = _header.ColorType == PngColorType.Palette,
            plain = _header is { BitDepth: 8, IsColor: false } && !_hasAlpha;
        long[] counts = new long[palette ? 256 : 0];
        byte[] ids = Decode((row, columns, x, step, _, target) =>
        {
            for (int column = 0; column < columns; column++, x += step)
            {
                if (_hasAlpha && CountHidden(row, column))
                {
                    target[x] = IgnoreIndex;
                    continue;
                }
                int value = plain ? row[column] : StoredValue(row, column);
                int id = Mapping[value];
                if (palette)
                    counts[value]++;
                if (id < 0)
                    CountUnknown(value);
                target[x] = (byte)id;
            }
        });
        if (_unknown.Count > 0)
            throw Throw.MaskValues(_path, _unknown, Mapping.Classes, SoftEdges(asColors: false),
                Mapping.Hint ?? WhatMayBeMeant(counts), equalChannels: _header.IsColor);
        if (palette)
            NotePalette(counts);
        (_notes.ValuesInColors, _notes.OnlyBlack) = (_header.IsColor, false);
        return ids;
    }

    // Three equal channels may be ids that a program saved as RGB, or grey colours of classes.
    private void CheckAmbiguous(IReadOnlyList<int> equal)
    {
        if (equal.Count == 0 || _rules is not { Encoding: MaskEncoding.Auto, Colors.Value: { } colors })
            return;
        foreach (int value in equal)
            if (colors.TryGetId(MaskColors.Key((byte)value, (byte)value, (byte)value), out byte colorId)
                && !(value == 0 && colors.IgnoresBlack) && Mapping[value] >= 0 && Mapping[value] != colorId)
                throw new InvalidDataException(Invariant($"'{_path}' holds three equal channels everywhere: {value} ")
                    + Invariant($"is {Name(Mapping[value])} as a stored value and {Name(colorId)} as a colour. ")
                    + $"Say which counts: {nameof(MaskEncoding)}.{nameof(MaskEncoding.Values)} or "
                    + $"{nameof(MaskEncoding)}.{nameof(MaskEncoding.Colors)}.");
    }

    // The values of three channels that are equal everywhere; null where they differ.
    private int[]? EqualChannels()
    {
        var found = new bool[256];
        bool equal = true;
        Decode((row, columns, _, _, _, _) =>
        {
            for (int column = 0; column < columns; column++)
            {
                if (_hasAlpha && Alpha(row, column) < Opaque)
                    continue;
                ReadOnlySpan<byte> pixel = row[(_channels * column)..];
                equal &= pixel[0] == pixel[1] && pixel[1] == pixel[2];
                found[pixel[0]] = true;
            }
        });
        return equal ? [.. Enumerable.Range(0, found.Length).Where(value => found[value])] : null;
    }

    // An index and its colour are two statements; a palette in another order than the class list shows by them.
    private void NotePalette(long[] counts)
    {
        for (int index = 0; index < Math.Min(counts.Length, _chunks.Transparency.Length); index++)
            _notes.MarkedTransparent += _chunks.Transparency[index] < byte.MaxValue ? counts[index] : 0;
        if (_rules is not { Encoding: MaskEncoding.Auto, Colors: { } table }
            || !TryGetColors(table, out MaskColors? colors))
            return;
        long conflicts = 0;
        (int, int, int)? example = null;
        for (int index = 0; index < counts.Length; index++)
        {
            if (counts[index] == 0 || Mapping[index] == IgnoreIndex)
                continue;
            // A colour of no class says nothing.
            if (3 * index + 2 >= _chunks.Palette.Length || !colors.TryGetId(PaletteColor(index), out byte colorId)
                || colorId == Mapping[index] || colorId == IgnoreIndex)
                continue;
            conflicts += counts[index];
            example ??= (index, Mapping[index], colorId);
        }
        if (example is { } one)
            (_notes.PaletteConflicts, _notes.PaletteExample) = (conflicts, one);
    }

    // What the values may stand for, where that shows: the colours of a palette, or the other one of two classes.
    private string? WhatMayBeMeant(long[] counts)
    {
        if (counts.Length > 0)
            return _rules is { Encoding: MaskEncoding.Auto, Colors: { } table }
                && TryGetColors(table, out MaskColors? colors)
                && Enumerable.Range(0, counts.Length).Where(index => counts[index] > 0)
                    .All(index => 3 * index + 2 < _chunks.Palette.Length && colors.TryGetId(PaletteColor(index), out _))
                ? $"All colours of its palette are those of classes: to read them give "
                    + $"{nameof(MaskEncoding)}.{nameof(MaskEncoding.Colors)}."
                : null;
        return Mapping.Classes.Count == 2 && _unknown.Count == 1
            ? $"Does {_unknown.Keys.Single()} mean '{Mapping.Classes[1].Name}'? Then give "
                + $"{nameof(FolderDatasetOptions)}.{nameof(FolderDatasetOptions.LabelRanges)} "
                + $"{new LabelRange(0, 0)},{new LabelRange(_unknown.Keys.Single(), 1)}."
            : null;
    }

    private static bool TryGetColors(Lazy<MaskColors> table, [NotNullWhen(true)] out MaskColors? colors)
    {
        try
        {
            colors = table.Value;
            return true;
        }
        // Classes that share a colour: the colours of a palette say nothing then.
        catch (ArgumentException)
        {
            colors = null;
            return false;
        }
    }

    private void Begin()
    {
        _unknown.Clear();
        (_notes.Transparent, _notes.PartlyTransparent) = (0, 0);
    }

    private byte[] Decode(PngRow take)
    {
        _compressed.Position = 0;
        return PngRows.Decode(_header, _compressed, _path, take);
    }

    private int Opaque => (1 << _header.BitDepth) - 1;

    private int Alpha(ReadOnlySpan<byte> row, int column) => Sample(row, _channels * column + _channels - 1);

    // Whether a pixel has less than full opacity, and so no class.
    private bool CountHidden(ReadOnlySpan<byte> row, int column)
    {
        int alpha = Alpha(row, column);
        if (alpha == Opaque)
            return false;
        if (alpha == 0)
            _notes.Transparent++;
        else
            _notes.PartlyTransparent++;
        return true;
    }

    private int Sample(ReadOnlySpan<byte> row, int index) =>
        _header.BitDepth == 16 ? row[2 * index] << 8 | row[2 * index + 1] : row[index];

    private int StoredValue(ReadOnlySpan<byte> row, int column) =>
        _channels == 1 ? PngRows.Value(row, column, _header.BitDepth) : Sample(row, _channels * column);

    private int Color(ReadOnlySpan<byte> row, int column)
    {
        if (_header.IsColor)
        {
            ReadOnlySpan<byte> pixel = row[(_channels * column)..];
            return MaskColors.Key(pixel[0], pixel[1], pixel[2]);
        }
        int value = StoredValue(row, column);
        if (_header.ColorType == PngColorType.Palette)
            return 3 * value + 2 < _chunks.Palette.Length ? PaletteColor(value)
                : throw Throw.Png(_path,
                    Invariant($"a pixel has the index {value}, and its palette {_chunks.Palette.Length / 3} colours"));
        byte grey = (byte)(value * byte.MaxValue / Opaque);
        return MaskColors.Key(grey, grey, grey);
    }

    private int PaletteColor(int index) =>
        MaskColors.Key(_chunks.Palette[3 * index], _chunks.Palette[3 * index + 1], _chunks.Palette[3 * index + 2]);

    private void CountUnknown(int value)
    {
        if (_unknown.Count < MaxUnknown || _unknown.ContainsKey(value))
            _unknown[value] = _unknown.GetValueOrDefault(value) + 1;
    }

    private string? SoftEdges(bool asColors)
    {
        if ((long)_header.Width * _header.Height > SoftEdgeTest.MaxPixels
            || (!asColors && _header.ColorType == PngColorType.Palette))
            return null;
        var test = new SoftEdgeTest(_header.Width, _header.Height, asColors);
        Decode((row, columns, x, step, y, _) =>
        {
            for (int column = 0; column < columns; column++, x += step)
                test[x, y] = asColors ? Color(row, column) : StoredValue(row, column);
        });
        if (!test.Finds(_unknown))
            return null;
        const string Advice =
            "They lie between those of their neighbours, as soft edges (anti-aliasing, or scaling that mixes pixels) "
            + "do: a mix of two classes is no class. Draw masks without anti-aliasing, and scale them by nearest "
            + "neighbour.";
        if (asColors || Mapping.Classes.Count != 2)
            return Advice;
        (int lowest, int highest) = test.Range;
        int middle = (lowest + highest) / 2, most = _header.BitDepth == 16 ? ushort.MaxValue : byte.MaxValue;
        return $"{Advice} Or give each half of the range a class: {nameof(FolderDatasetOptions.LabelRanges)} "
            + $"{new LabelRange(0, middle, 0)},{new LabelRange(middle + 1, most, 1)}.";
    }

    private string Name(int id) => id < Mapping.Classes.Count ? $"'{Mapping.Classes[id].Name}'" : "ignored";

    private string KindName => _header.ColorType switch
    {
        PngColorType.Rgb => "RGB",
        PngColorType.Rgba => "RGBA",
        _ => "grey or palette",
    };
}

/// <summary>Tells soft edges from ids of another data set: a pixel of an edge lies between its neighbours on either
/// side, one within a region does not.</summary>
internal sealed class SoftEdgeTest(int width, int height, bool colors)
{
    /// <summary>The largest mask that it is worth the memory for.</summary>
    public const long MaxPixels = 1 << 24;

    // Fewer pixels are no evidence.
    private const int Least = 8;

    private static readonly (int X, int Y)[] s_directions = [(1, 0), (0, 1), (1, 1), (1, -1)];

    private readonly int[] _pixels = new int[width * height];

    /// <summary>The value or, with colours, the colour as red, green and blue from the high bits, of a pixel.</summary>
    public int this[int x, int y]
    {
        get => _pixels[y * width + x];
        set => _pixels[y * width + x] = value;
    }

    /// <summary>The lowest and the highest value of all pixels.</summary>
    public (int Lowest, int Highest) Range => (_pixels.Min(), _pixels.Max());

    /// <summary>Whether most of the values at hand are on a soft edge with most of their pixels.</summary>
    /// <param name="unknown">The values of no class. The inner of an object may be one of them.</param>
    public bool Finds(IReadOnlyDictionary<int, long> unknown)
    {
        Dictionary<int, long> between = [];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                if (unknown.ContainsKey(this[x, y])
                    && s_directions.Any(direction => IsBetween(x, y, direction.X, direction.Y)))
                    between[this[x, y]] = between.GetValueOrDefault(this[x, y]) + 1;
        int[] soft = [.. between.Where(pair => 2 * pair.Value >= unknown[pair.Key]).Select(pair => pair.Key)];
        return 2 * soft.Length >= unknown.Count && soft.Sum(value => unknown[value]) >= Least;
    }

    private bool IsBetween(int x, int y, int right, int down)
    {
        if (x - right < 0 || x + right >= width || Math.Min(y - down, y + down) < 0
            || Math.Max(y - down, y + down) >= height)
            return false;
        int pixel = this[x, y], before = this[x - right, y - down], after = this[x + right, y + down];
        if (pixel == before || pixel == after)
            return false;
        return colors
            ? Within(pixel >> 16, before >> 16, after >> 16)
                && Within(pixel >> 8 & 255, before >> 8 & 255, after >> 8 & 255)
                && Within(pixel & 255, before & 255, after & 255)
            : Within(pixel, before, after);
    }

    private static bool Within(int value, int first, int second) =>
        Math.Min(first, second) <= value && value <= Math.Max(first, second);
}
