namespace FastScnn.Torch.Data;

/// <summary>Tells soft edges from ids of another data set: a pixel of an edge lies between its neighbours on either side, one within a region does not.</summary>
internal sealed class SoftEdgeTest(int width, int height, bool colors)
{
    /// <summary>The largest label that it is worth the memory for.</summary>
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
                if (unknown.ContainsKey(this[x, y]) && s_directions.Any(direction => IsBetween(x, y, direction.X, direction.Y)))
                    between[this[x, y]] = between.GetValueOrDefault(this[x, y]) + 1;
        int[] soft = [.. between.Where(pair => 2 * pair.Value >= unknown[pair.Key]).Select(pair => pair.Key)];
        return 2 * soft.Length >= unknown.Count && soft.Sum(value => unknown[value]) >= Least;
    }

    private bool IsBetween(int x, int y, int right, int down)
    {
        if (x - right < 0 || x + right >= width || Math.Min(y - down, y + down) < 0 || Math.Max(y - down, y + down) >= height)
            return false;
        int pixel = this[x, y], before = this[x - right, y - down], after = this[x + right, y + down];
        if (pixel == before || pixel == after)
            return false;
        return colors
            ? Within(pixel >> 16, before >> 16, after >> 16) && Within(pixel >> 8 & 255, before >> 8 & 255, after >> 8 & 255) && Within(pixel & 255, before & 255, after & 255)
            : Within(pixel, before, after);
    }

    private static bool Within(int value, int first, int second) => Math.Min(first, second) <= value && value <= Math.Max(first, second);
}
