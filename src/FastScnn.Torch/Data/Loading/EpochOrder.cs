using FastScnn.Torch.Data.Augmentation;

namespace FastScnn.Torch.Data.Loading;

/// <summary>The order of the samples in an epoch.</summary>
internal static class EpochOrder
{
    /// <summary>All numbers below <paramref name="count"/>, shuffled (Fisher and Yates) by seed and epoch alone.</summary>
    public static int[] Shuffled(int count, int seed, int epoch)
    {
        int[] order = InSequence(count);
        // No sample has the number -1, so the order shares its random numbers with no augmentation.
        var random = new SampleRandom(seed, epoch, -1);
        for (int i = count - 1; i > 0; i--)
        {
            int j = random.NextInteger(0, i);
            (order[i], order[j]) = (order[j], order[i]);
        }
        return order;
    }

    /// <summary>All numbers below <paramref name="count"/>, from 0.</summary>
    public static int[] InSequence(int count)
    {
        var order = new int[count];
        for (int i = 0; i < count; i++) order[i] = i;
        return order;
    }
}
