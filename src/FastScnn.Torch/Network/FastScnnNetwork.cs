using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static FastScnn.Torch.Network.FastScnnArchitecture;
using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

/// <summary>The output of the network for a batch. Disposing it disposes its tensors; inside a dispose scope the scope
/// does so too.</summary>
/// <param name="Logits">A score for each class and pixel, not yet a probability: [N, classes, H, W].</param>
/// <param name="AuxiliaryLogits">The same from the auxiliary head; null for a network without one.</param>
public sealed record FastScnnOutput(Tensor Logits, Tensor? AuxiliaryLogits) : IDisposable
{
    /// <summary>Disposes the tensors.</summary>
    public void Dispose()
    {
        Logits.Dispose();
        AuxiliaryLogits?.Dispose();
    }

    /// <summary>The logits enlarged bilinearly to the last two dimensions of another tensor.</summary>
    internal FastScnnOutput ResizeLike(Tensor target) =>
        new(Bilinear.ResizeLike(Logits, target),
            AuxiliaryLogits is null ? null : Bilinear.ResizeLike(AuxiliaryLogits, target));

    internal FastScnnOutput MoveToOuterDisposeScope() =>
        new(Logits.MoveToOuterDisposeScope(), AuxiliaryLogits?.MoveToOuterDisposeScope());
}

/// <summary>Fast-SCNN (Poudel, Liwicki, Cipolla: "Fast-SCNN: Fast Semantic Segmentation Network", arXiv:1902.04502) as
/// Tramac/Fast-SCNN-pytorch builds it, with the same state_dict keys. Takes normalized images [N, channels, H, W] of
/// any size from <see cref="MinimumSize"/> up and gives logits of that size.</summary>
/// <remarks>Weights start as PyTorch initializes them, in single precision on the CPU and open to training, whatever
/// libtorch's default type and device, gradient mode and inference mode are where the network is made. In training a
/// batch needs two images or more. Every intermediate tensor is disposed; the output belongs to the caller. Like every
/// TorchSharp module it is not for use by several threads at once.</remarks>
public sealed partial class FastScnnNetwork : nn.Module<Tensor, FastScnnOutput>
{
    /// <summary>The smallest height and width of an input.</summary>
    public const int MinimumSize = FastScnnArchitecture.MinimumSize;

    [ComponentName(Name = LearningToDownsample)]
    private readonly Sequential learningToDownsample;

    [ComponentName(Name = GlobalFeatureExtractor)]
    private readonly Sequential globalFeatureExtractor;

    [ComponentName(Name = FastScnnArchitecture.FeatureFusion)]
    private readonly FeatureFusion featureFusion;

    [ComponentName(Name = Classifier)]
    private readonly Sequential classifier;

    [ComponentName(Name = AuxiliaryHead)]
    private readonly Sequential? auxiliaryHead;

    private readonly Generator? random;

    private bool disposed;

    /// <summary>Builds the network with fresh weights, on the CPU and in training mode.</summary>
    /// <param name="options">Classes, auxiliary head, dropout, channels, seed; the defaults if null.</param>
    /// <exception cref="DllNotFoundException">libtorch is absent: the application has no package such as
    /// TorchSharp-cpu.</exception>
    public FastScnnNetwork(FastScnnNetworkOptions? options = null) : base(Libtorch.Load(nameof(FastScnnNetwork)))
    {
        Options = options ?? new();
        // Tensors made in inference mode could never be trained.
        using IDisposable trainable = inference_mode(false);
        using RandomState? kept = Options.Seed is null ? null : new();
        random = Options.Seed is { } seed ? new Generator(seed, CPU) : null;
        learningToDownsample = Stages.LearningToDownsample(Options.InputChannels);
        globalFeatureExtractor = Stages.GlobalFeatureExtractor();
        featureFusion = new(EarlyChannels, DeepChannels);
        classifier = Stages.Classifier(Options.Classes, Options.Dropout, random);
        if (Options.AuxiliaryHead) auxiliaryHead = Stages.AuxiliaryHead(Options.Classes, Options.Dropout, random);
        RegisterComponents();
        if (random is null) return;
        // In the order in which they are built: a network with this seed then has the weights that manual_seed gives.
        foreach (Convolution convolution in modules().OfType<Convolution>())
            convolution.DrawWeights(random);
    }

    /// <summary>Gets what the network was built with.</summary>
    public FastScnnNetworkOptions Options { get; }

    /// <summary>Whether the activations of a network in training mode are bfloat16. Weights, statistics, logits and
    /// gradients of weights stay float32; in evaluation mode all is.</summary>
    internal bool TrainsInBFloat16 { get; set; }

    /// <summary>Lets batch normalisation in training take the statistics of the batches of all processes. A single
    /// image in each is refused all the same.</summary>
    /// <param name="sum">Adds up over the processes; null for this process alone.</param>
    /// <returns>What to ask after each backward pass whether it failed; null where <paramref name="sum"/>
    /// is.</returns>
    internal BatchNormSynchronization? SynchronizeBatchNorm(SumOverProcesses? sum)
    {
        BatchNormSynchronization? processes = sum is null ? null : new(sum);
        foreach (BatchNorm norm in modules().OfType<BatchNorm>()) norm.Synchronization = processes;
        return processes;
    }

    /// <summary>The random generator of dropout on the CPU; null where it is libtorch's default generator.</summary>
    internal Generator? Random => random;

    /// <summary>Runs the network.</summary>
    /// <param name="input">Normalized images [N, <see cref="FastScnnNetworkOptions.InputChannels"/>, H, W], H and W
    /// from <see cref="MinimumSize"/> up, of the type and on the device of the weights.</param>
    /// <returns>Logits [N, classes, H, W], and those of the auxiliary head if there is one.</returns>
    /// <exception cref="ArgumentException">The input has another rank, channel count, type or device, is too small, or
    /// is a single image in training.</exception>
    /// <exception cref="ObjectDisposedException">The network was disposed.</exception>
    public override FastScnnOutput forward(Tensor input)
    {
        using FastScnnOutput small = ForwardAtEighth(input);
        return small.ResizeLike(input);
    }

    /// <summary>Runs the network up to its own resolution, about 1/8 of the input; <see cref="forward"/> then enlarges
    /// bilinearly.</summary>
    /// <param name="input">As for <see cref="forward"/>.</param>
    /// <returns>Logits [N, classes, h, w], and those of the auxiliary head if there is one.</returns>
    /// <exception cref="ArgumentException">As for <see cref="forward"/>.</exception>
    /// <exception cref="ObjectDisposedException">The network was disposed.</exception>
    public FastScnnOutput ForwardAtEighth(Tensor input)
    {
        CheckInput(input);
        // Disposes what an exception half way, such as one of memory, would leave behind.
        using DisposeScope scope = NewDisposeScope();
        bool narrows = TrainsInBFloat16 && training;
        (Tensor early, _, Tensor fused) = ForwardStages(narrows ? input.to(ScalarType.BFloat16) : input);
        return new FastScnnOutput(classifier.call(fused), auxiliaryHead?.call(early)).MoveToOuterDisposeScope();
    }

    /// <summary>The outputs of the stages before the classifier: [N, 64, h, w] at about 1/8 of the input, [N, 128, h',
    /// w'] at about 1/32, and [N, 128, h, w]. The caller's dispose scope takes care of them.</summary>
    internal (Tensor Early, Tensor Deep, Tensor Fused) ForwardStages(Tensor input)
    {
        // On CUDA devices the layout was not measured and stays the caller's.
        Tensor early = learningToDownsample.call(input.device_type == DeviceType.CPU ? Layout.ChannelsLast(input)
            : input);
        Tensor deep = globalFeatureExtractor.call(early);
        return (early, deep, featureFusion.call(early, deep));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        disposed = true;
        if (disposing) random?.Dispose();
        base.Dispose(disposing);
    }

    private void CheckInput(Tensor input)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ArgumentNullException.ThrowIfNull(input);
        long[] shape = input.shape;
        string text = ErrorText.Shape(shape);
        if (shape.Length != 4)
            throw new ArgumentException(
                $"The input has the shape {text}; a batch of images [N, channels, height, width] is expected.",
                nameof(input));
        if (shape[1] != Options.InputChannels)
        {
            throw new ArgumentException(
                $"The input of shape {text} has {shape[1]} channels, but the network was built for "
                + $"{Options.InputChannels}. Is it [N, channels, height, width]?", nameof(input));
        }
        if (shape[2] < MinimumSize || shape[3] < MinimumSize)
        {
            throw new ArgumentException(
                $"The images are {shape[3]} wide and {shape[2]} high (input {text}); the network needs "
                + $"{MinimumSize} or more each way. Enlarge them.", nameof(input));
        }
        Parameter weight = parameters().First();
        if (input.dtype != weight.dtype || input.device_type != weight.device_type)
        {
            throw new ArgumentException(
                $"The input is {input.dtype} on {input.device_type}, but the weights are {weight.dtype} on "
                + $"{weight.device_type}. Convert one to the other with .to(...).", nameof(input));
        }
        if (shape[0] == 1 && ((PyramidPooling)globalFeatureExtractor[Bottlenecks.Length]).NeedsSeveralImages)
        {
            throw new ArgumentException(
                "A single image cannot be trained on: pyramid pooling averages the whole image to one value a channel, "
                + "whose variance over a batch of one does not exist. Use batches of two or more (drop a last one "
                + "that is smaller), or call eval().",
                nameof(input));
        }
    }
}

/// <summary>The stages that are blocks in a row, as <see cref="FastScnnArchitecture"/> lists them.</summary>
internal static class Stages
{
    /// <summary>From the image to 64 channels at 1/8 of its size (section 3.2.1). The first convolution has no padding,
    /// as in the reference implementation.</summary>
    public static Sequential LearningToDownsample(long channels)
    {
        List<(string, nn.Module<Tensor, Tensor>)> blocks =
        [
            (Stem.Name, new ConvBnRelu(channels, Stem.Channels, StemKernel, Stem.Stride))
        ];
        channels = Stem.Channels;
        foreach (Stage stage in Downsampling)
        {
            blocks.Add((stage.Name, new DepthwiseSeparableConv(channels, stage.Channels, stage.Stride)));
            channels = stage.Channels;
        }
        return nn.Sequential(blocks);
    }

    /// <summary>The deep branch, to 128 channels at 1/32 of the image: bottlenecks and pyramid pooling (section
    /// 3.2.2).</summary>
    public static Sequential GlobalFeatureExtractor()
    {
        List<(string, nn.Module<Tensor, Tensor>)> blocks = [];
        long channels = EarlyChannels;
        foreach (Stage stage in Bottlenecks)
        {
            List<nn.Module<Tensor, Tensor>> row = [];
            for (int block = 0; block < stage.Blocks; block++, channels = stage.Channels)
                row.Add(new LinearBottleneck(channels, stage.Channels, block == 0 ? stage.Stride : 1));
            blocks.Add((stage.Name, nn.Sequential(row)));
        }
        blocks.Add(("ppm", new PyramidPooling(channels)));
        return nn.Sequential(blocks);
    }

    /// <summary>Depthwise separable convolutions, dropout, and a 1x1 convolution to a score for each class.</summary>
    public static Sequential Classifier(long classes, double dropout, Generator? random) => nn.Sequential(
    [
        .. ClassifierBlocks.Select(name => (name,
            (nn.Module<Tensor, Tensor>)new DepthwiseSeparableConv(DeepChannels, DeepChannels))),
        ("conv", nn.Sequential(new Dropout(dropout, random), new Convolution(DeepChannels, classes, 1, bias: true,
            givesLogits: true))),
    ]);

    /// <summary>A small classifier on the early features, whose loss helps their training.</summary>
    public static Sequential AuxiliaryHead(long classes, double dropout, Generator? random) => nn.Sequential(
        new Convolution(EarlyChannels, AuxiliaryChannels, 3, padding: 1),
        new BatchNorm(AuxiliaryChannels),
        nn.ReLU(inplace: true),
        new Dropout(dropout, random),
        new Convolution(AuxiliaryChannels, classes, 1, bias: true, givesLogits: true));
}

/// <summary>Convolution without bias, batch normalization, ReLU.</summary>
internal sealed class ConvBnRelu : nn.Module<Tensor, Tensor>
{
    private readonly Sequential conv;

    public ConvBnRelu(long inChannels, long outChannels, long kernelSize, long stride = 1) : base(nameof(ConvBnRelu))
    {
        conv = nn.Sequential(
            new Convolution(inChannels, outChannels, kernelSize, stride),
            new BatchNorm(outChannels),
            nn.ReLU(inplace: true));
        RegisterComponents();
    }

    /// <summary>Whether the batch normalization uses the statistics of the batch, as in training, and not the stored
    /// ones.</summary>
    public bool UsesBatchStatistics => ((nn.Module)conv[1]).training;

    public override Tensor forward(Tensor input) => conv.call(input);
}

/// <summary>3x3 convolution of each channel by itself, then 1x1 across channels, each with batch normalization and
/// ReLU. (The paper has no ReLU between the two; the reference implementation has.)</summary>
internal sealed class DepthwiseSeparableConv : nn.Module<Tensor, Tensor>
{
    private readonly Sequential conv;

    public DepthwiseSeparableConv(long inChannels, long outChannels, long stride = 1)
        : base(nameof(DepthwiseSeparableConv))
    {
        conv = nn.Sequential(
            new Convolution(inChannels, inChannels, 3, stride, padding: 1, groups: inChannels),
            new BatchNorm(inChannels),
            nn.ReLU(inplace: true),
            new Convolution(inChannels, outChannels, 1),
            new BatchNorm(outChannels),
            nn.ReLU(inplace: true));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => conv.call(input);
}

/// <summary>3x3 convolution of each channel by itself, batch normalization, ReLU.</summary>
internal sealed class DepthwiseConv : nn.Module<Tensor, Tensor>
{
    private readonly Sequential conv;

    public DepthwiseConv(long channels, long stride = 1) : base(nameof(DepthwiseConv))
    {
        conv = nn.Sequential(
            new Convolution(channels, channels, 3, stride, padding: 1, groups: channels),
            new BatchNorm(channels),
            nn.ReLU(inplace: true));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => conv.call(input);
}

/// <summary>Inverted residual block (MobileNetV2, arXiv:1801.04381): 1x1 to six times the channels, depthwise 3x3, 1x1
/// back without ReLU; the input is added where size and channels stay.</summary>
internal sealed class LinearBottleneck : nn.Module<Tensor, Tensor>
{
    private readonly bool addsInput;
    private readonly Sequential block;

    public LinearBottleneck(long inChannels, long outChannels, long stride) : base(nameof(LinearBottleneck))
    {
        long inner = inChannels * Expansion;
        addsInput = stride == 1 && inChannels == outChannels;
        block = nn.Sequential(
            new ConvBnRelu(inChannels, inner, kernelSize: 1),
            new DepthwiseConv(inner, stride),
            new Convolution(inner, outChannels, 1),
            new BatchNorm(outChannels));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        Tensor output = block.call(input);
        return addsInput ? output.AddInPlace(input) : output;
    }
}

/// <summary>Pyramid pooling (PSPNet, arXiv:1612.01105): averages over 1, 4, 9 and 36 parts of the image, each through a
/// 1x1 convolution to a quarter of the channels and back to full size, beside the input itself; a last 1x1 convolution
/// joins them.</summary>
internal sealed class PyramidPooling : nn.Module<Tensor, Tensor>
{
    private readonly ConvBnRelu[] levels;
    private readonly ConvBnRelu @out;

    public PyramidPooling(long channels) : base(nameof(PyramidPooling))
    {
        levels = [.. PoolBins.Select(_ => new ConvBnRelu(channels, PoolChannels, kernelSize: 1))];
        @out = new(channels + levels.Length * PoolChannels, channels, kernelSize: 1);
        for (int level = 0; level < levels.Length; level++)
            register_module($"conv{level + 1}", levels[level]);
        RegisterComponents();
    }

    /// <summary>Whether batch statistics are taken of the average over the whole image: with one image that is one
    /// value a channel, whose variance does not exist.</summary>
    public bool NeedsSeveralImages => levels.Where((level, i) => PoolBins[i] == 1 && level.UsesBatchStatistics).Any();

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> parts = [input];
        bool channelsLast = Layout.IsChannelsLast(input);
        for (int level = 0; level < levels.Length; level++)
        {
            Tensor part = Bilinear.ResizeLike(
                levels[level].call(nn.functional.adaptive_avg_pool2d(input, PoolBins[level])), input);
            // A map of one pixel has no order to keep, and one part in another order decides that of all.
            parts.Add(channelsLast ? Layout.ChannelsLast(part) : part);
        }
        return @out.call(cat(parts, 1)).MoveToOuterDisposeScope();
    }
}

/// <summary>Adds the deep features, enlarged, to the early ones (table 3). The reference implementation enlarges by 4,
/// which fits only some sizes; enlarging to the size of the early features is the same there and fits all.</summary>
internal sealed class FeatureFusion : nn.Module<Tensor, Tensor, Tensor>
{
    private readonly DepthwiseConv dwconv;

    [ComponentName(Name = "conv_lower_res")]
    private readonly Sequential convLowerRes;

    [ComponentName(Name = "conv_higher_res")]
    private readonly Sequential convHigherRes;

    public FeatureFusion(long higherChannels, long channels) : base(nameof(FeatureFusion))
    {
        dwconv = new(channels);
        convLowerRes = nn.Sequential(new Convolution(channels, channels, 1, bias: true), new BatchNorm(channels));
        convHigherRes = nn.Sequential(new Convolution(higherChannels, channels, 1, bias: true),
            new BatchNorm(channels));
        RegisterComponents();
    }

    /// <param name="higher">The early features at 1/8 of the image.</param>
    /// <param name="lower">The deep features at 1/32 of the image.</param>
    public override Tensor forward(Tensor higher, Tensor lower)
    {
        using Tensor enlarged = Bilinear.ResizeLike(lower, higher);
        using Tensor smoothed = dwconv.call(enlarged);
        using Tensor lowerBranch = convLowerRes.call(smoothed);
        return convHigherRes.call(higher).AddInPlace(lowerBranch).relu_();
    }
}
