using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

/// <summary>
/// Fast-SCNN (Poudel, Liwicki, Cipolla: "Fast-SCNN: Fast Semantic Segmentation Network", arXiv:1902.04502) as
/// Tramac/Fast-SCNN-pytorch builds it, with the same state_dict keys. Takes normalised images [N, channels, H, W] of any size from
/// <see cref="MinimumSize"/> up and gives logits of that size.
/// </summary>
/// <remarks>
/// Weights start as PyTorch initialises them, in single precision on the processor and open to training, whatever libtorch's default type and
/// device, gradient mode and inference mode are where the network is made. In training a batch needs two images or more. Every intermediate tensor is disposed;
/// the output belongs to the caller. Like every TorchSharp module it is not for use by several threads at once.
/// </remarks>
public sealed partial class FastScnnNetwork : nn.Module<Tensor, FastScnnOutput>
{
    /// <summary>The smallest height and width of an input.</summary>
    public const int MinimumSize = 32;

    [ComponentName(Name = "learning_to_downsample")]
    private readonly LearningToDownsample learningToDownsample;

    [ComponentName(Name = "global_feature_extractor")]
    private readonly GlobalFeatureExtractor globalFeatureExtractor;

    [ComponentName(Name = "feature_fusion")]
    private readonly FeatureFusion featureFusion;

    private readonly Classifier classifier;

    private readonly Sequential? auxlayer;

    private readonly Generator? random;

    private bool disposed;

    /// <summary>Builds the network with fresh weights, on the CPU and in training mode.</summary>
    /// <param name="options">Classes, auxiliary head, dropout, channels, seed; the defaults if null.</param>
    /// <exception cref="DllNotFoundException">libtorch is absent: the application has no package such as TorchSharp-cpu.</exception>
    public FastScnnNetwork(FastScnnNetworkOptions? options = null) : base(Libtorch.Load(nameof(FastScnnNetwork)))
    {
        Options = options ?? new();
        // Tensors made in inference mode could never be trained.
        using IDisposable trainable = inference_mode(false);
        using RandomState? kept = Options.Seed is null ? null : new();
        random = Options.Seed is { } seed ? new Generator(seed, CPU) : null;
        learningToDownsample = new(Options.InputChannels);
        globalFeatureExtractor = new();
        featureFusion = new(LearningToDownsample.OutChannels, GlobalFeatureExtractor.OutChannels);
        classifier = new(GlobalFeatureExtractor.OutChannels, Options.Classes, Options.Dropout, random);
        if (Options.AuxiliaryHead)
            auxlayer = AuxiliaryHead.Create(LearningToDownsample.OutChannels, Options.Classes, Options.Dropout, random);
        RegisterComponents();
        if (random is not null) DrawWeights(random);
    }

    /// <summary>What the network was built with.</summary>
    public FastScnnNetworkOptions Options { get; }

    /// <summary>Runs the network.</summary>
    /// <param name="input">Normalised images [N, <see cref="FastScnnNetworkOptions.InputChannels"/>, H, W], H and W from <see cref="MinimumSize"/> up,
    /// of the type and on the device of the weights.</param>
    /// <returns>Logits [N, classes, H, W], and those of the auxiliary head if there is one.</returns>
    /// <exception cref="ArgumentException">The input has another rank, channel count, type or device, is too small, or is a single image in training.</exception>
    /// <exception cref="ObjectDisposedException">The network was disposed.</exception>
    public override FastScnnOutput forward(Tensor input)
    {
        using FastScnnOutput small = ForwardAtEighth(input);
        return small.ResizeLike(input);
    }

    /// <summary>Runs the network up to its own resolution, about 1/8 of the input; <see cref="forward"/> then enlarges bilinearly.</summary>
    /// <param name="input">As for <see cref="forward"/>.</param>
    /// <returns>Logits [N, classes, h, w], and those of the auxiliary head if there is one.</returns>
    /// <exception cref="ArgumentException">As for <see cref="forward"/>.</exception>
    /// <exception cref="ObjectDisposedException">The network was disposed.</exception>
    public FastScnnOutput ForwardAtEighth(Tensor input)
    {
        CheckInput(input);
        // Disposes what an exception half way, such as one of memory, would leave behind.
        using DisposeScope scope = NewDisposeScope();
        using FastScnnStages stages = ForwardStages(input);
        return new FastScnnOutput(classifier.call(stages.Fused), auxlayer?.call(stages.Early)).MoveToOuterDisposeScope();
    }

    /// <summary>The outputs of the stages before the classifier, which the golden tests compare one by one.</summary>
    internal FastScnnStages ForwardStages(Tensor input)
    {
        Tensor early = learningToDownsample.call(input);
        Tensor deep = globalFeatureExtractor.call(early);
        return new(early, deep, featureFusion.call(early, deep));
    }

    /// <summary>What dropout draws from on the processor; null where it is libtorch's default generator.</summary>
    internal Generator? Random => random;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        disposed = true;
        if (disposing) random?.Dispose();
        base.Dispose(disposing);
    }

    // As TorchSharp and PyTorch initialise convolutions, which take no generator: uniform in +-1 / sqrt(inputs), biases too.
    private void DrawWeights(Generator generator)
    {
        using IDisposable noGradients = no_grad();
        foreach (Conv2d convolution in Convolutions(this))
        {
            long inputs = convolution.weight!.numel() / convolution.weight.shape[0];
            double bound = 1 / Math.Sqrt(inputs);
            convolution.weight.uniform_(-bound, bound, generator);
            convolution.bias?.uniform_(-bound, bound, generator);
        }
    }

    // In the order in which they are built, so that the seed gives what manual_seed gives.
    private static IEnumerable<Conv2d> Convolutions(nn.Module module) => module is Conv2d convolution ? [convolution] : module.children().SelectMany(Convolutions);

    private void CheckInput(Tensor input)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ArgumentNullException.ThrowIfNull(input);
        long[] shape = input.shape;
        if (shape.Length != 4) throw Errors.InputRank(shape);
        if (shape[1] != Options.InputChannels) throw Errors.InputChannels(shape, Options.InputChannels);
        if (shape[2] < MinimumSize || shape[3] < MinimumSize) throw Errors.InputSize(shape, MinimumSize);
        Parameter weight = parameters().First();
        if (input.dtype != weight.dtype || input.device_type != weight.device_type)
            throw Errors.InputPlace($"{input.dtype} on {input.device_type}", $"{weight.dtype} on {weight.device_type}");
        if (shape[0] == 1 && globalFeatureExtractor.NeedsSeveralImages) throw Errors.BatchOfOne();
    }
}
