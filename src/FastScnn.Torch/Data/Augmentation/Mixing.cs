using System.Buffers;

namespace FastScnn.Torch.Data.Augmentation;

/// <summary>Puts parts of other samples' crops into a crop: a mosaic of four, then pixels of classes that are rare. The
/// other samples and their crops come from (seed, epoch, sample) alone, as all random choices do.</summary>
internal sealed class Mixer(Augmenter augmenter, int samples)
{
    private const double ClassProbability = 0.5;

    private readonly AugmentationOptions _options = augmenter.Options;

    /// <summary>Whether some crops are mixed. A data set of one sample has no other.</summary>
    public bool IsNeeded => samples > 1 && (_options.MosaicProbability > 0 || _options.CopyPasteProbability > 0);

    /// <summary>Mixes others into a sample's crop: planes of red, green and blue, and class ids.</summary>
    public void Apply(int seed, int epoch, int sample, Span<byte> planes, Span<byte> ids, PartnerCrop partner)
    {
        var mosaic = new SampleRandom(seed, epoch, sample, RandomStream.Mosaic);
        var paste = new SampleRandom(seed, epoch, sample, RandomStream.CopyPaste);
        bool isMosaic = mosaic.NextChance(_options.MosaicProbability);
        bool isPasted = paste.NextChance(_options.CopyPasteProbability);
        if (!isMosaic && !isPasted) return;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(planes.Length + ids.Length);
        Span<byte> otherPlanes = buffer.AsSpan(0, planes.Length), otherIds = buffer.AsSpan(planes.Length, ids.Length);
        if (isMosaic) MakeMosaic(mosaic, sample, planes, ids, otherPlanes, otherIds, partner);
        if (isPasted)
        {
            Draw(paste, sample, otherPlanes, otherIds, partner);
            Paste(paste, otherPlanes, otherIds, planes, ids);
        }
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private void MakeMosaic(SampleRandom random, int sample, Span<byte> planes, Span<byte> ids, Span<byte> otherPlanes,
        Span<byte> otherIds, PartnerCrop partner)
    {
        int width = _options.CropWidth, height = _options.CropHeight;
        int centerX = random.NextInteger(width / 4, width - width / 4),
            centerY = random.NextInteger(height / 4, height - height / 4);
        int own = random.NextInteger(0, 3);
        for (int quarter = 0; quarter < 4; quarter++)
        {
            if (quarter == own) continue;
            Draw(random, sample, otherPlanes, otherIds, partner);
            int left = quarter % 2 == 0 ? 0 : centerX, right = quarter % 2 == 0 ? centerX : width;
            int top = quarter / 2 == 0 ? 0 : centerY, bottom = quarter / 2 == 0 ? centerY : height;
            for (int y = top; y < bottom; y++)
            {
                int from = y * width + left;
                otherIds.Slice(from, right - left).CopyTo(ids[from..]);
                for (int channel = 0; channel < PixelBuffer.Channels; channel++, from += ids.Length)
                    otherPlanes.Slice(from, right - left).CopyTo(planes[from..]);
            }
        }
    }

    private void Paste(SampleRandom random, ReadOnlySpan<byte> fromPlanes, ReadOnlySpan<byte> fromIds,
        Span<byte> planes, Span<byte> ids)
    {
        Span<int> counts = stackalloc int[256];
        counts.Clear();
        foreach (byte id in fromIds) counts[id]++;
        double most = _options.CopyPasteMaxShare * (fromIds.Length - counts[augmenter.IgnoreIndex]);
        Span<bool> taken = stackalloc bool[256];
        bool any = false;
        for (int id = 0; id < counts.Length; id++)
        {
            taken[id] = id != augmenter.IgnoreIndex && counts[id] > 0 && counts[id] < most
                && random.NextChance(ClassProbability);
            any |= taken[id];
        }
        if (!any) return;
        int plane = ids.Length;
        for (int i = 0; i < plane; i++)
        {
            byte id = fromIds[i];
            if (!taken[id]) continue;
            ids[i] = id;
            for (int at = i; at < planes.Length; at += plane) planes[at] = fromPlanes[at];
        }
    }

    // Drawn anew, so that an epoch does not show the very same crop twice.
    private void Draw(SampleRandom random, int sample, Span<byte> planes, Span<byte> ids, PartnerCrop partner)
    {
        int other = random.NextInteger(0, samples - 2);
        partner(other < sample ? other : other + 1, random.NextInteger(int.MinValue, int.MaxValue), planes, ids);
    }
}

/// <summary>Makes the crop of another sample, without mixing, with a seed of its own.</summary>
internal delegate void PartnerCrop(int sample, int seed, Span<byte> planes, Span<byte> ids);
