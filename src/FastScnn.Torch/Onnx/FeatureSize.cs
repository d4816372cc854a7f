namespace FastScnn.Torch.Onnx;

/// <summary>The sizes inside the network for an image of a fixed size.</summary>
/// <param name="ImageHeight">Height of the image.</param>
/// <param name="ImageWidth">Width of the image.</param>
/// <param name="Scale">What the sides of the image are multiplied by before the first layer.</param>
internal sealed record FeatureSize(int ImageHeight, int ImageWidth, double Scale = 1)
{
    /// <summary>Rows of what the first layer sees.</summary>
    public int InputHeight => (int)(ImageHeight * Scale);

    /// <summary>Columns of what the first layer sees.</summary>
    public int InputWidth => (int)(ImageWidth * Scale);

    /// <summary>Rows of the high-resolution branch and of the logits.</summary>
    public int Height => Eighth(InputHeight);

    /// <summary>Columns of the high-resolution branch and of the logits.</summary>
    public int Width => Eighth(InputWidth);

    /// <summary>Rows of the global features.</summary>
    public int GlobalHeight => Half(Half(Height));

    /// <summary>Columns of the global features.</summary>
    public int GlobalWidth => Half(Half(Width));

    // The first convolution has no padding, the two after it have.
    private static int Eighth(int side) => Half(Half((side - 3) / 2 + 1));

    private static int Half(int side) => (side - 1) / 2 + 1;
}
