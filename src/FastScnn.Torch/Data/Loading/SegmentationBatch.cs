namespace FastScnn.Torch.Data.Loading;

/// <summary>Photos and labels of one size, as bytes.</summary>
public sealed class SegmentationBatch
{
    internal SegmentationBatch(int number, IReadOnlyList<SamplePair> samples, int width, int height)
    {
        (Number, Samples, Width, Height) = (number, samples, width, height);
        Labels = GC.AllocateUninitializedArray<byte>(samples.Count * width * height);
        Photos = GC.AllocateUninitializedArray<byte>(PixelBuffer.Channels * Labels.Length);
    }

    /// <summary>The place in the epoch, from 0: an epoch is taken up after this batch by skipping <see cref="Number"/> + 1 batches.</summary>
    public int Number { get; }

    /// <summary>What the batch was made of, in the order of its images.</summary>
    public IReadOnlyList<SamplePair> Samples { get; }

    /// <summary>Columns of every photo and label.</summary>
    public int Width { get; }

    /// <summary>Rows of every photo and label.</summary>
    public int Height { get; }

    /// <summary>The photos: [N, 3, <see cref="Height"/>, <see cref="Width"/>], planes of red, green and blue, 0..255. The loader keeps no hold of the array.</summary>
    public byte[] Photos { get; }

    /// <summary>The class ids: [N, <see cref="Height"/>, <see cref="Width"/>], the ignore index where a pixel counts for no class. The loader keeps no hold of the array.</summary>
    public byte[] Labels { get; }

    internal Span<byte> PhotoAt(int position) => Photos.AsSpan(position * PixelBuffer.Channels * Width * Height, PixelBuffer.Channels * Width * Height);

    internal Span<byte> LabelsAt(int position) => Labels.AsSpan(position * Width * Height, Width * Height);
}
