using System.Text;
using static System.FormattableString;

namespace FastScnn.ML.Regions;

/// <summary>A mask as COCO writes it: how many pixels in a row are outside and inside by turns, column by column from
/// the top left. Both kinds of COCO are read and written: a list of counts, and the text that pycocotools makes of
/// it.</summary>
/// <remarks>The format of <c>maskApi.c</c> of the COCO API.</remarks>
public sealed class RunLengths
{
    private readonly uint[] _counts;

    internal RunLengths(int width, int height, uint[] counts) => (Width, Height, _counts) = (width, height, counts);

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The lengths of the runs. The first run is outside, and 0 where the first pixel is inside.</summary>
    public IReadOnlyList<uint> Counts => _counts;

    /// <summary>How many pixels are inside.</summary>
    public long Area => _counts.Where((_, i) => i % 2 == 1).Sum(count => (long)count);

    /// <summary>Makes run lengths of a mask.</summary>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="mask">Whether each pixel is inside, row by row from the top left.</param>
    /// <exception cref="ArgumentException">A side is less than 1, or the mask has not <paramref name="width"/> x
    /// <paramref name="height"/> pixels.</exception>
    public static RunLengths Encode(int width, int height, ReadOnlySpan<bool> mask)
    {
        CheckSize(width, height);
        if (mask.Length != (long)width * height)
            throw new ArgumentException(
                Invariant($"The mask has {mask.Length} pixels; expected {width} x {height}."), nameof(mask));
        List<uint> counts = [];
        uint run = 0;
        bool inside = false;
        for (int x = 0; x < width; x++)
            for (int y = 0; y < height; y++)
            {
                if (mask[y * width + x] != inside)
                {
                    counts.Add(run);
                    (run, inside) = (0, !inside);
                }
                run++;
            }
        counts.Add(run);
        return new RunLengths(width, height, [.. counts]);
    }

    /// <summary>Takes the counts of a COCO file, as in <c>"segmentation": { "size": [height, width], "counts": [...]
    /// }</c>.</summary>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="counts">The lengths of the runs, the first one outside.</param>
    /// <exception cref="ArgumentException">A side is less than 1.</exception>
    /// <exception cref="InvalidDataException">The counts do not add up to <paramref name="width"/> x
    /// <paramref name="height"/> pixels.</exception>
    public static RunLengths FromCounts(int width, int height, IEnumerable<uint> counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        CheckSize(width, height);
        uint[] runs = [.. counts];
        long sum = runs.Sum(run => (long)run), expected = (long)width * height;
        return sum == expected ? new RunLengths(width, height, runs)
            : throw new InvalidDataException(Invariant(
                $"The run lengths add up to {sum} pixels; expected {width} x {height}, which is {expected}."));
    }

    /// <summary>Reads the text form, as in <c>"segmentation": { "size": [height, width], "counts": "..."
    /// }</c>.</summary>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="text">The text, as pycocotools writes it.</param>
    /// <exception cref="ArgumentException">A side is less than 1.</exception>
    /// <exception cref="InvalidDataException">The text is damaged, or its counts do not add up to
    /// <paramref name="width"/> x <paramref name="height"/> pixels; the message names the place.</exception>
    public static RunLengths Parse(int width, int height, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        CheckSize(width, height);
        List<uint> counts = [];
        for (int i = 0; i < text.Length;)
        {
            int start = i, digit;
            long value = 0;
            int bits = 0;
            do
            {
                if (i == text.Length)
                    throw new InvalidDataException(Invariant(
                        $"The run lengths end within a number, which begins at character {start + 1}."));
                digit = text[i] - '0';
                if (digit is < 0 or > 63)
                    throw new InvalidDataException(Invariant(
                        $"Character {i + 1} of the run lengths is U+{(int)text[i]:X4}; expected one of '0' to 'o'."));
                // A count has 32 bits, and a difference one more.
                if (bits > 30)
                    throw new InvalidDataException(Invariant(
                        $"The run lengths have a number of more than 7 characters, which begins at character {start + 1}."));
                value |= (long)(digit & 31) << bits;
                bits += 5;
                i++;
            }
            while ((digit & 32) != 0);
            if ((digit & 16) != 0)
                value -= 1L << bits;
            if (counts.Count > 2)
                value += counts[^2];
            if (value < 0 || value > (long)width * height)
                throw new InvalidDataException(Invariant(
                    $"Run {counts.Count + 1} of the run lengths, which begins at character {start + 1}, has {value} pixels; expected 0 to {(long)width * height}."));
            counts.Add((uint)value);
        }
        return FromCounts(width, height, counts);
    }

    /// <summary>Makes a mask: whether each pixel is inside, row by row from the top left.</summary>
    public bool[] ToMask()
    {
        bool[] mask = new bool[Width * Height];
        int x = 0, y = 0;
        for (int run = 0; run < _counts.Length; run++)
            for (uint i = 0; i < _counts[run]; i++)
            {
                mask[y * Width + x] = run % 2 == 1;
                if (++y == Height)
                    (x, y) = (x + 1, 0);
            }
        return mask;
    }

    /// <summary>The text form: each count, from the fourth on its difference to the one before the last, in digits of 5
    /// bits, the lowest first. <see cref="Parse"/> reads it.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        for (int i = 0; i < _counts.Length; i++)
        {
            long value = _counts[i];
            if (i > 2)
                value -= _counts[i - 2];
            bool more;
            do
            {
                int digit = (int)(value & 31);
                value >>= 5;
                more = (digit & 16) != 0 ? value != -1 : value != 0;
                text.Append((char)('0' + digit + (more ? 32 : 0)));
            }
            while (more);
        }
        return text.ToString();
    }

    /// <summary>The run lengths of all regions, in time that grows with the pixels alone.</summary>
    internal static RunLengths[] Encode(RegionLabels labels)
    {
        int count = labels.Regions.Count, pixels = labels.Parts.Length;
        var runs = new List<uint>[count];
        int[] ends = new int[count];
        int current = RegionLabels.None, start = 0;
        for (int x = 0, place = 0; x < labels.Width; x++)
            for (int y = 0; y < labels.Height; y++, place++)
            {
                int part = labels.Parts[y * labels.Width + x];
                int region = part == RegionLabels.None ? part : labels.RegionOfPart[part];
                if (region == current)
                    continue;
                End(place);
                (current, start) = (region, place);
            }
        End(pixels);
        for (int region = 0; region < count; region++)
            if (ends[region] < pixels)
                runs[region].Add((uint)(pixels - ends[region]));
        return [.. runs.Select(list => new RunLengths(labels.Width, labels.Height, [.. list]))];

        void End(int place)
        {
            if (current == RegionLabels.None)
                return;
            List<uint> list = runs[current] ??= [];
            list.Add((uint)(start - ends[current]));
            list.Add((uint)(place - start));
            ends[current] = place;
        }
    }

    private static void CheckSize(int width, int height)
    {
        if (width < 1 || height < 1 || (long)width * height > int.MaxValue)
            throw new ArgumentException(Invariant(
                $"A mask of {width} x {height} pixels: expected sides of 1 or more, and at most {int.MaxValue} pixels."));
    }
}
