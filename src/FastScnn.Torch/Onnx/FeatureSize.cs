namespace FastScnn.Torch.Onnx;

/// <summary>The sizes inside the network for an image of a fixed size.</summary>
/// <param name="ImageHeight">Height of the image.</param>
/// <param name="ImageWidth">Width of the image.</param>
internal sealed record FeatureSize(int ImageHeight, int ImageWidth)
{
    /// <summary>Rows of the high-resolution branch and of the logits.</summary>
    public int Height => Eighth(ImageHeight);

    /// <summary>Columns of the high-resolution branch and of the logits.</summary>
    public int Width => Eighth(ImageWidth);

    /// <summary>Rows of the global features.</summary>
    public int GlobalHeight => Half(Half(Height));

    /// <summary>Columns of the global features.</summary>
    public int GlobalWidth => Half(Half(Width));

    // The first convolution has no padding, the two after it have.
    private static int Eighth(int side) => Half(Half((side - 3) / 2 + 1));

    private static int Half(int side) => (side - 1) / 2 + 1;
}
