namespace FastScnn.Torch.Data.Augmentation;

/// <summary>Cuts a crop out of a label map: the nearest id for every pixel, the ignore index where the photo ends.</summary>
internal static class LabelSampler
{
    /// <summary>Fills <paramref name="target"/>, whose rows are <paramref name="cropWidth"/> ids long.</summary>
    public static void Sample(LabelMap labels, in CropWindow window, byte ignore, Span<byte> target, int cropWidth)
    {
        ReadOnlySpan<byte> source = labels.Ids.Span;
        int[] columns = Nearest(labels.Width, window.ScaledWidth, window.Left, window.Width);
        if (window.Mirrored) Array.Reverse(columns);
        int[] rows = Nearest(labels.Height, window.ScaledHeight, window.Top, window.Height);
        for (int y = 0; y < rows.Length; y++)
        {
            ReadOnlySpan<byte> from = source.Slice(rows[y] * labels.Width, labels.Width);
            Span<byte> to = target.Slice(y * cropWidth, cropWidth);
            for (int x = 0; x < columns.Length; x++) to[x] = from[columns[x]];
            to[columns.Length..].Fill(ignore);
        }
        target[(rows.Length * cropWidth)..].Fill(ignore);
    }

    /// <summary>The share of the commonest class among the pixels that are not ignored; 1 where all are.</summary>
    public static double LargestShare(ReadOnlySpan<byte> ids, byte ignore)
    {
        Span<int> counts = stackalloc int[256];
        counts.Clear();
        foreach (byte id in ids) counts[id]++;
        int labelled = ids.Length - counts[ignore];
        if (labelled == 0) return 1;
        counts[ignore] = 0;
        int most = 0;
        foreach (int count in counts) most = Math.Max(most, count);
        return (double)most / labelled;
    }

    // The source pixel under the centre of each scaled pixel: floor((i + 0.5) x source / scaled), in whole numbers.
    private static int[] Nearest(int source, int scaled, int first, int count)
    {
        var positions = new int[count];
        for (int i = 0; i < count; i++) positions[i] = (int)((2L * (first + i) + 1) * source / (2L * scaled));
        return positions;
    }
}
