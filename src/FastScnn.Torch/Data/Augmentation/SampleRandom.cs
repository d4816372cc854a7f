namespace FastScnn.Torch.Data.Augmentation;

/// <summary>
/// Random numbers of one sample in one epoch: the same wherever, whenever and by whichever thread they are drawn. SplitMix64 (Steele,
/// Lea and Flood, "Fast splittable pseudorandom number generators", 2014), whose numbers no runtime version changes.
/// </summary>
internal sealed class SampleRandom(int seed, int epoch, int sample)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong _state = Mix(Mix(Mix(Golden + (uint)seed) + (uint)epoch) + (uint)sample);

    /// <summary>A number from 0 up to but not including 1.</summary>
    public double NextUnit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number between two others.</summary>
    public double NextBetween(double least, double most) => least + (most - least) * NextUnit();

    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>, both included.</summary>
    // Of a range below 2^32 the high half of a 64-bit product favours no number by more than 2^-32: no rejection loop is needed.
    public int NextInteger(int least, int most) =>
        (int)(least + (long)Math.BigMul(Next(), (ulong)((long)most - least + 1), out _));

    /// <summary>True with the given probability; draws one number whatever it is.</summary>
    public bool NextChance(double probability) => NextUnit() < probability;

    private ulong Next() => Mix(_state += Golden);

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
