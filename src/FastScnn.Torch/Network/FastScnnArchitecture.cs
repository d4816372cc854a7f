namespace FastScnn.Torch.Network;

/// <summary>A stage of the network: one block with the stride, then blocks of stride 1, all giving the same number of
/// channels.</summary>
/// <param name="Name">Its name in the keys of a checkpoint.</param>
/// <param name="Channels">The channels it gives.</param>
/// <param name="Stride">Rows and columns of its input for each one of its output.</param>
/// <param name="Blocks">How many blocks it has.</param>
internal sealed record Stage(string Name, int Channels, int Stride, int Blocks = 1);

/// <summary>The architecture of Fast-SCNN (arXiv:1902.04502, table 1) as Tramac/Fast-SCNN-pytorch builds it. The
/// network and the ONNX exporter both read this table, so a stage is changed here alone.</summary>
internal static class FastScnnArchitecture
{
    /// <summary>The smallest height and width of an input.</summary>
    public const int MinimumSize = 32;

    public const string LearningToDownsample = "learning_to_downsample";
    public const string GlobalFeatureExtractor = "global_feature_extractor";
    public const string FeatureFusion = "feature_fusion";
    public const string Classifier = "classifier";
    public const string AuxiliaryHead = "auxlayer";

    /// <summary>The keys of the layers that one of their sizes decides: the input's channels, or the classes.</summary>
    public const string FirstLayer = $"{LearningToDownsample}.conv.conv.0", LastLayer = $"{Classifier}.conv.1",
        LastAuxiliaryLayer = $"{AuxiliaryHead}.4";

    public const int StemKernel = 3;

    /// <summary>Learning to downsample: the stem is a plain convolution without padding.</summary>
    public static readonly Stage Stem = new("conv", 32, 2);

    /// <summary>Learning to downsample: depthwise separable convolutions, to 1/8 of the image.</summary>
    public static readonly Stage[] Downsampling = [new("dsconv1", 48, 2), new("dsconv2", 64, 2)];

    /// <summary>Global feature extractor: inverted residual blocks, to 1/32 of the image.</summary>
    public static readonly Stage[] Bottlenecks =
    [
        new("bottleneck1", 64, 2, 3), new("bottleneck2", 96, 2, 3), new("bottleneck3", 128, 1, 3)
    ];

    /// <summary>The channels inside a bottleneck, as a multiple of those of its input.</summary>
    public const int Expansion = 6;

    /// <summary>Global feature extractor: the rows and columns that each level of the pyramid pooling averages the
    /// image into.</summary>
    public static readonly int[] PoolBins = [1, 2, 3, 6];

    /// <summary>Classifier: depthwise separable convolutions of stride 1.</summary>
    public static readonly string[] ClassifierBlocks = ["dsconv1", "dsconv2"];

    /// <summary>The inner channels of the auxiliary head.</summary>
    public const int AuxiliaryChannels = 32;

    public static int EarlyChannels => Downsampling[^1].Channels;

    public static int DeepChannels => Bottlenecks[^1].Channels;

    /// <summary>The channels of each level of the pyramid pooling; all levels together have those of its input.</summary>
    public static int PoolChannels => DeepChannels / PoolBins.Length;

    /// <summary>Pixels of the input for each logit, in both directions: 8.</summary>
    public static int LogitStride => Downsampling.Aggregate(Stem.Stride, (stride, stage) => stride * stage.Stride);

    /// <summary>Rows or columns of the early features and the logits for those of the input.</summary>
    public static int EarlySide(int inputSide) => Side((inputSide - StemKernel) / Stem.Stride + 1, Downsampling);

    /// <summary>Rows or columns of the deep features for those of the early ones.</summary>
    public static int DeepSide(int earlySide) => Side(earlySide, Bottlenecks);

    // A 3x3 convolution with a border of one pixel.
    private static int Side(int side, Stage[] stages) =>
        stages.Aggregate(side, (before, stage) => (before - 1) / stage.Stride + 1);
}
