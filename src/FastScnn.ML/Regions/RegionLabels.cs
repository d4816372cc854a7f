using FastScnn.ML.Imaging;

namespace FastScnn.ML.Regions;

/// <summary>What is counted of a region.</summary>
internal struct RegionCounts
{
    public byte ClassId;
    public int First, Area, Left, Top, Right, Bottom;
    public long SumX, SumY;
    public double SumConfidence;
}

/// <summary>Which region each pixel of a map belongs to. A region consists of parts, each of which hangs together by
/// edges of pixels; with 4-connectivity it is one.</summary>
internal sealed class RegionLabels
{
    /// <summary>What is in no region.</summary>
    public const int None = -1;

    private readonly int[] _partOfPixel, _regionOfPart;

    private RegionLabels(int width, int height, int[] partOfPixel, int[] regionOfPart, RegionCounts[] regions)
    {
        (Width, Height, _partOfPixel, _regionOfPart) = (width, height, partOfPixel, regionOfPart);
        Regions = regions;
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>The parts by pixel, row by row; <see cref="None"/> for pixels of no class.</summary>
    public ReadOnlySpan<int> Parts => _partOfPixel;

    /// <summary>The regions by part; <see cref="None"/> for those that are left out.</summary>
    public ReadOnlySpan<int> RegionOfPart => _regionOfPart;

    /// <summary>The regions in the order of their class ids, and within a class of their first pixels, row by
    /// row.</summary>
    public IReadOnlyList<RegionCounts> Regions { get; }

    /// <summary>Finds the regions in time that grows with the pixels alone.</summary>
    /// <param name="map">The map.</param>
    /// <param name="confidence">A number for each pixel, or nothing.</param>
    /// <param name="options">How regions are found.</param>
    public static RegionLabels Find(SegmentationMap map, ReadOnlySpan<float> confidence, RegionOptions options)
    {
        int width = map.Width, height = map.Height;
        ReadOnlySpan<byte> ids = map.ClassIds.Span;
        int[] parts = new int[ids.Length];
        DisjointSets edges = new();
        for (int i = 0, y = 0; y < height; y++)
            for (int x = 0; x < width; x++, i++)
            {
                byte id = ids[i];
                if (id >= map.Classes.Count)
                {
                    parts[i] = None;
                    continue;
                }
                bool left = x > 0 && ids[i - 1] == id, up = y > 0 && ids[i - width] == id;
                parts[i] = left ? parts[i - 1] : up ? parts[i - width] : edges.Add();
                if (left && up)
                    edges.Join(parts[i - 1], parts[i - width]);
            }
        int[] numbers = edges.Number(out int count);
        for (int i = 0; i < parts.Length; i++)
            if (parts[i] != None)
                parts[i] = numbers[parts[i]];
        int[] regionOfPart = JoinCorners(parts, ids, width, count, options.Connectivity == 8, out int regions);
        RegionCounts[] counts = Count(parts, regionOfPart, ids, confidence, width, regions);
        return new RegionLabels(width, height, parts, regionOfPart, Sort(counts, regionOfPart, options.MinArea));
    }

    private static int[] JoinCorners(int[] parts, ReadOnlySpan<byte> ids, int width, int count, bool join,
        out int regions)
    {
        DisjointSets corners = new();
        for (int part = 0; part < count; part++)
            corners.Add();
        for (int i = width; join && i < parts.Length; i++)
        {
            if (parts[i] == None)
                continue;
            int x = i % width;
            if (x > 0 && ids[i - width - 1] == ids[i])
                corners.Join(parts[i - width - 1], parts[i]);
            if (x + 1 < width && ids[i - width + 1] == ids[i])
                corners.Join(parts[i - width + 1], parts[i]);
        }
        return corners.Number(out regions);
    }

    private static RegionCounts[] Count(int[] parts, int[] regionOfPart, ReadOnlySpan<byte> ids,
        ReadOnlySpan<float> confidence, int width, int count)
    {
        var regions = new RegionCounts[count];
        for (int i = 0, x = 0, y = 0; i < parts.Length; i++)
        {
            if (parts[i] != None)
            {
                ref RegionCounts region = ref regions[regionOfPart[parts[i]]];
                if (region.Area++ == 0)
                    (region.ClassId, region.First, region.Left, region.Top) = (ids[i], i, x, y);
                region.Left = Math.Min(region.Left, x);
                region.Right = Math.Max(region.Right, x);
                region.Bottom = y;
                region.SumX += x;
                region.SumY += y;
                if (!confidence.IsEmpty)
                    region.SumConfidence += confidence[i];
            }
            if (++x == width)
                (x, y) = (0, y + 1);
        }
        return regions;
    }

    // Numbers the regions anew, in their order and without the small ones.
    private static RegionCounts[] Sort(RegionCounts[] counts, int[] regionOfPart, int minArea)
    {
        int[] order =
        [
            .. Enumerable.Range(0, counts.Length).Where(region => counts[region].Area >= minArea)
                .OrderBy(region => counts[region].ClassId).ThenBy(region => counts[region].First)
        ];
        int[] places = new int[counts.Length];
        Array.Fill(places, None);
        for (int place = 0; place < order.Length; place++)
            places[order[place]] = place;
        for (int part = 0; part < regionOfPart.Length; part++)
            regionOfPart[part] = places[regionOfPart[part]];
        return [.. order.Select(region => counts[region])];
    }

    /// <summary>Numbers that are found to be of one set. The smallest stands for its set.</summary>
    private sealed class DisjointSets
    {
        private int[] _parents = new int[256];
        private int _count;

        public int Add()
        {
            if (_count == _parents.Length)
                Array.Resize(ref _parents, 2 * _count);
            return _parents[_count] = _count++;
        }

        public void Join(int a, int b)
        {
            (a, b) = (Find(a), Find(b));
            if (a != b)
                _parents[Math.Max(a, b)] = Math.Min(a, b);
        }

        /// <summary>Numbers the sets from 0, in the order of their smallest numbers.</summary>
        public int[] Number(out int sets)
        {
            int[] numbers = new int[_count];
            sets = 0;
            for (int i = 0; i < _count; i++)
                numbers[i] = _parents[i] == i ? sets++ : numbers[Find(i)];
            return numbers;
        }

        private int Find(int i)
        {
            while (_parents[i] != i)
                i = _parents[i] = _parents[_parents[i]];
            return i;
        }
    }
}
