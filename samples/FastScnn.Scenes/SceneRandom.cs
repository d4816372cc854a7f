namespace FastScnn.Torch.Scenes;

/// <summary>Random numbers that are the same on every machine and in every release of .NET (Steele et al. 2014, SplitMix64).</summary>
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
