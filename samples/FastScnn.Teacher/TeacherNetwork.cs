using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Network;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using BatchNorm = FastScnn.Torch.Network.BatchNorm;
using Convolution = FastScnn.Torch.Network.Convolution;
using Bilinear = FastScnn.Torch.Network.Bilinear;

namespace FastScnn.Teacher;

/// <summary>ResNet-18 with a decoder after SwiftNet (Orsic et al., arXiv:1903.08469): from normalized images to logits
/// at a quarter of their size.</summary>
internal sealed class TeacherNetwork : nn.Module<Tensor, Tensor>
{
    private readonly ResNet18 encoder = new();
    private readonly Decoder decoder;

    /// <param name="classes">Classes that are told apart.</param>
    /// <param name="seed">Decides the fresh weights.</param>
    public TeacherNetwork(int classes, long seed) : base(nameof(TeacherNetwork))
    {
        Classes = classes;
        decoder = new(classes);
        RegisterComponents();
        using Generator random = new((ulong)seed, CPU);
        foreach (Convolution convolution in modules().OfType<Convolution>()) convolution.DrawWeights(random);
    }

    public int Classes { get; }

    public nn.Module Encoder => encoder;

    public nn.Module Decoder => decoder;

    /// <summary>Whether activations in training mode are bfloat16; weights, statistics and logits are
    /// float32.</summary>
    public bool TrainsInBFloat16 { get; set; }

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = TrainsInBFloat16 && training ? input.to(ScalarType.BFloat16) : input;
        return decoder.Forward(encoder.Forward(Layout.ChannelsLast(images))).MoveToOuterDisposeScope();
    }

    /// <summary>Logits of the size of normalized images, which the network sees enlarged; as the exported model gives
    /// them.</summary>
    public Tensor Predict(Tensor images, double inputScale)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor input = inputScale == 1 ? images : nn.functional.interpolate(images,
            scale_factor: [inputScale, inputScale], mode: InterpolationMode.Bilinear, align_corners: false);
        return Bilinear.ResizeLike(call(input), images).MoveToOuterDisposeScope();
    }

    /// <summary>The mean of the encoder's last features over the image, [N, 512]: what the ONNX file of the package
    /// gives for an image of 224 x 224.</summary>
    public Tensor PooledFeatures(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return encoder.Forward(Layout.ChannelsLast(input))[^1].mean([2, 3]).MoveToOuterDisposeScope();
    }

    /// <summary>Takes the weights of the encoder.</summary>
    public void LoadEncoder(ResNet18Package package) =>
        Load(encoder, package.Encoder, key => !key.EndsWith(".num_batches_tracked", StringComparison.Ordinal));

    /// <summary>Takes all weights.</summary>
    public void Load(Checkpoint checkpoint) => Load(this, checkpoint.Tensors, _ => true);

    public Checkpoint ToCheckpoint() => new(state_dict().Select(item =>
        KeyValuePair.Create(item.Key, TensorConversion.ToCheckpoint(item.Value))));

    private static void Load(nn.Module module, IReadOnlyDictionary<string, CheckpointTensor> weights,
        Predicate<string> isNeeded)
    {
        using IDisposable noGradients = no_grad();
        foreach ((string key, Tensor target) in module.state_dict().Where(item => isNeeded(item.Key)))
        {
            if (!weights.TryGetValue(key, out CheckpointTensor? source) || !source.Shape.SequenceEqual(target.shape))
                throw new CheckpointException(
                    $"The weights have {(source is null ? "no" : "another shape of")} '{key}'; expected "
                        + $"[{string.Join(", ", target.shape)}].");
            using Tensor values = TensorConversion.ToTensor(source);
            target.copy_(values);
        }
    }
}

/// <summary>The layers that the network and its ONNX graph have in common.</summary>
internal static class TeacherArchitecture
{
    /// <summary>Channels of the first layer, of 7 x 7 pixels in steps of 2.</summary>
    public const int StemChannels = 64;

    /// <summary>Channels of the decoder, which are those that pyramid pooling has in Fast-SCNN.</summary>
    public static int Channels => FastScnnArchitecture.DeepChannels;

    /// <summary>Channels and residual blocks of the encoder's stages, at 1/4, 1/8, 1/16 and 1/32 of the image. The
    /// network of the package has one block more than the paper's.</summary>
    public static IReadOnlyList<(int Channels, int Blocks)> Stages { get; } = [(64, 2), (128, 2), (256, 2), (512, 3)];
}

/// <summary>The encoder (He et al., arXiv:1512.03385), with torchvision's names of layers.</summary>
internal sealed class ResNet18 : nn.Module
{
    private readonly Convolution conv1 = new(3, TeacherArchitecture.StemChannels, 7, stride: 2, padding: 3);
    private readonly BatchNorm bn1 = new(TeacherArchitecture.StemChannels);
    private readonly List<Sequential> stages = [];

    public ResNet18() : base(nameof(ResNet18))
    {
        int channels = TeacherArchitecture.StemChannels;
        foreach ((int wider, int count) in TeacherArchitecture.Stages)
        {
            List<nn.Module<Tensor, Tensor>> blocks = [];
            for (int block = 0; block < count; block++, channels = wider)
                blocks.Add(new ResidualBlock(channels, wider));
            stages.Add(nn.Sequential(blocks));
            register_module($"layer{stages.Count}", stages[^1]);
        }
        RegisterComponents();
    }

    /// <summary>The outputs of the stages; the caller's dispose scope takes care of them.</summary>
    public List<Tensor> Forward(Tensor images)
    {
        Tensor x = bn1.call(conv1.call(images)).relu_();
        x = nn.functional.max_pool2d(x, 3, 2, 1);
        List<Tensor> levels = [];
        foreach (Sequential stage in stages) levels.Add(x = stage.call(x));
        return levels;
    }
}

/// <summary>Two convolutions of 3 x 3 pixels, and the input added to their result. A stage's first block halves rows
/// and columns where the channels grow.</summary>
internal sealed class ResidualBlock : nn.Module<Tensor, Tensor>
{
    private readonly Convolution conv1, conv2;
    private readonly BatchNorm bn1, bn2;
    private readonly Sequential? downsample;

    public ResidualBlock(int inChannels, int outChannels) : base(nameof(ResidualBlock))
    {
        int stride = inChannels == outChannels ? 1 : 2;
        conv1 = new(inChannels, outChannels, 3, stride, padding: 1);
        bn1 = new(outChannels);
        conv2 = new(outChannels, outChannels, 3, padding: 1);
        bn2 = new(outChannels);
        if (stride > 1)
            downsample = nn.Sequential(new Convolution(inChannels, outChannels, 1), new BatchNorm(outChannels));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = bn1.call(conv1.call(input)).relu_();
        x = bn2.call(conv2.call(x)).AddInPlace(downsample?.call(EverySecond(input)) ?? input);
        return x.relu_().MoveToOuterDisposeScope();
    }

    // And not by the stride of the convolution: libtorch 2.10 gives wrong numbers, half as large as the right ones, for
    // 256 to 512 channels, 1 x 1, in steps of 2, in float32 and channels_last, where few pixels come out (seen on a
    // processor with AVX-512).
    private static Tensor EverySecond(Tensor x) => x[TensorIndex.Ellipsis, TensorIndex.Slice(step: 2),
        TensorIndex.Slice(step: 2)];
}

/// <summary>Pyramid pooling on the deepest features; then, stage by stage, they are enlarged, added to those of the
/// stage before, and blended by a convolution of 3 x 3 pixels.</summary>
internal sealed class Decoder : nn.Module
{
    private readonly Sequential reduce = Joined(TeacherArchitecture.Stages[^1].Channels, 1);
    private readonly PyramidPooling ppm = new(TeacherArchitecture.Channels);
    private readonly List<Sequential> laterals = [], blends = [];
    private readonly Convolution classifier;

    public Decoder(int classes) : base(nameof(Decoder))
    {
        for (int stage = 1; stage < TeacherArchitecture.Stages.Count; stage++)
        {
            laterals.Add(nn.Sequential(
                new Convolution(TeacherArchitecture.Stages[stage - 1].Channels, TeacherArchitecture.Channels, 1),
                new BatchNorm(TeacherArchitecture.Channels)));
            blends.Add(Joined(TeacherArchitecture.Channels, 3));
            register_module($"lateral{stage}", laterals[^1]);
            register_module($"blend{stage}", blends[^1]);
        }
        classifier = new(TeacherArchitecture.Channels, classes, 1, bias: true, givesLogits: true);
        RegisterComponents();
    }

    /// <param name="levels">What the encoder gives.</param>
    /// <returns>Logits of the size of the first level; the caller's dispose scope takes care of them.</returns>
    public Tensor Forward(List<Tensor> levels)
    {
        Tensor x = ppm.call(reduce.call(levels[^1]));
        for (int stage = laterals.Count - 1; stage >= 0; stage--)
        {
            Tensor finer = laterals[stage].call(levels[stage]);
            x = blends[stage].call(finer.AddInPlace(Bilinear.ResizeLike(x, finer)));
        }
        return classifier.call(x);
    }

    private static Sequential Joined(int inChannels, int kernelSize) => nn.Sequential(
        new Convolution(inChannels, TeacherArchitecture.Channels, kernelSize, padding: kernelSize / 2),
        new BatchNorm(TeacherArchitecture.Channels),
        nn.ReLU(inplace: true));
}
