namespace FastScnn.Scenes;

/// <summary>Random numbers that are the same on every machine and in every release of .NET (Steele et al. 2014,
/// SplitMix64).</summary>
internal sealed class SceneRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Spreads a number over all 64 bits, so that neighbouring seeds have nothing in common.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9;
        value = (value ^ value >> 27) * 0x94D049BB133111EB;
        return value ^ value >> 31;
    }

    public ulong NextBits() => Mix(_state += 0x9E3779B97F4A7C15);

    /// <summary>0 (included) to 1 (excluded).</summary>
    public float Next() => (NextBits() >> 40) * (1f / (1 << 24));

    public float Next(float from, float to) => from + (to - from) * Next();

    public int NextInt(int count) => (int)(Next() * count);

    public bool Chance(float probability) => Next() < probability;

    public T Pick<T>(ReadOnlySpan<T> choices) => choices[NextInt(choices.Length)];

    /// <summary>A generator of its own: what one object draws does not move the next object's numbers.</summary>
    public SceneRandom Fork() => new(NextBits());
}

/// <summary>Smooth noise in the plane: random values at whole coordinates, blended between them; repeats every
/// 256.</summary>
internal static class ValueNoise
{
    private const int Side = 256;
    private static readonly float[] s_values = MakeValues();

    /// <summary>-1..1, of one feature a unit.</summary>
    public static float Sample(float x, float y)
    {
        int left = (int)x - (x < 0 ? 1 : 0), top = (int)y - (y < 0 ? 1 : 0);
        float fx = x - left, fy = y - top;
        fx *= fx * (3 - 2 * fx);
        fy *= fy * (3 - 2 * fy);
        int row = (top & 255) * Side, below = (top + 1 & 255) * Side;
        left &= 255;
        int right = left + 1 & 255;
        float a = s_values[row + left], b = s_values[below + left];
        a += (s_values[row + right] - a) * fx;
        b += (s_values[below + right] - b) * fx;
        return a + (b - a) * fy;
    }

    /// <summary>Octaves of noise, each of twice the frequency and half the strength; about -1..1.</summary>
    public static float Fractal(float x, float y, int octaves)
    {
        float sum = 0, strength = 0.5f;
        for (int octave = 0; octave < octaves; octave++, strength /= 2)
        {
            sum += Sample(x, y) * strength;
            (x, y) = (2 * x + 17.3f, 2 * y + 31.7f);
        }
        return sum;
    }

    /// <summary>A value of 0..1 that belongs to a cell, such as one window or one paving stone.</summary>
    public static float Cell(int x, int y, int what = 0) =>
        (SceneRandom.Mix((ulong)(uint)x << 32 ^ (uint)y ^ (ulong)(uint)what << 50) >> 40) * (1f / (1 << 24));

    private static float[] MakeValues()
    {
        var random = new SceneRandom(0x5CE7E);
        var values = new float[Side * Side];
        for (int i = 0; i < values.Length; i++)
            values[i] = random.Next(-1, 1);
        return values;
    }
}
