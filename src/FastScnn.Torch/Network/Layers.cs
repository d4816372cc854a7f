using System.Numerics;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

/// <summary>A convolution with float32 weights, also where its input is bfloat16: the weights are rounded for the
/// computation alone, and their gradients are float32.</summary>
internal sealed class Convolution : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter? _bias;

    private readonly long[] _strides, _padding;
    private readonly long _groups;
    private readonly bool _givesLogits;

    /// <summary>Makes the layer as PyTorch does, in single precision on the CPU whatever libtorch's default type and
    /// device are: a caller may have set those for tensors of its own.</summary>
    /// <param name="inChannels">Channels of the input.</param>
    /// <param name="outChannels">Channels of the output.</param>
    /// <param name="kernelSize">Rows and columns of the kernel.</param>
    /// <param name="stride">The step in both directions.</param>
    /// <param name="padding">Zeros on each side.</param>
    /// <param name="groups">Groups of channels that are convolved by themselves.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="givesLogits">Whether the output is logits: they are float32, and so is what makes them.</param>
    public Convolution(long inChannels, long outChannels, long kernelSize, long stride = 1, long padding = 0,
        long groups = 1, bool bias = false, bool givesLogits = false) : base("Conv2d")
    {
        _givesLogits = givesLogits;
        (_strides, _padding, _groups) = ([stride, stride], [padding, padding], groups);
        _weight = Empty(outChannels, inChannels / groups, kernelSize, kernelSize);
        _bias = bias ? Empty(outChannels) : null;
        RegisterComponents();
        DrawWeights(null);
    }

    public Parameter Weight => _weight;

    /// <summary>Whether each channel is convolved by itself. Its shape does not tell: an ordinary convolution of one
    /// channel has the same.</summary>
    public bool IsDepthwise => _groups > 1 && _weight.shape[1] == 1;

    /// <summary>Draws fresh weights as PyTorch does: uniform in +-1 / sqrt(inputs), biases too.</summary>
    /// <param name="random">The generator; libtorch's default one if null.</param>
    public void DrawWeights(Generator? random)
    {
        using IDisposable noGradients = no_grad();
        double bound = 1 / Math.Sqrt((double)_weight.numel() / _weight.shape[0]);
        _weight.uniform_(-bound, bound, random);
        _bias?.uniform_(-bound, bound, random);
    }

    public override Tensor forward(Tensor input)
    {
        if (input.dtype == _weight.dtype) return Convolve(input, _weight, _bias);
        // Besides, with a number of classes that is no multiple of 16 the backward pass of libtorch 2.10 in bfloat16 on the
        // processor now and then takes memory into its sums that was never written.
        if (_givesLogits)
        {
            using Tensor wide = input.to(_weight.dtype);
            return Convolve(wide, _weight, _bias);
        }
        // On the processor libtorch 2.10 has a slow backward for these in bfloat16.
        if (IsDepthwise && _strides[0] > 1 && input.device_type == DeviceType.CPU)
        {
            using Tensor wide = input.to(_weight.dtype), output = Convolve(wide, _weight, _bias);
            return output.to(input.dtype);
        }
        using Tensor weight = _weight.to(input.dtype);
        using Tensor? bias = _bias?.to(input.dtype);
        return Convolve(input, weight, bias);
    }

    private Tensor Convolve(Tensor input, Tensor weight, Tensor? bias) =>
        nn.functional.conv2d(input, weight, bias, _strides, _padding, groups: _groups);

    private static Parameter Empty(params long[] shape)
    {
        Parameter made = new(empty(shape, ScalarType.Float32, CPU));
        made.DetachFromDisposeScope();
        return made;
    }
}

/// <summary>Batch normalisation with PyTorch's epsilon and momentum; parameters and statistics are float32, also where
/// the input is bfloat16.</summary>
internal sealed class BatchNorm : nn.Module<Tensor, Tensor>
{
    /// <summary>What is added to the variance.</summary>
    public const double Epsilon = 1e-5;

    /// <summary>The share of the batch in the running statistics.</summary>
    public const double Momentum = 0.1;

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter _bias;

    [ComponentName(Name = "running_mean")]
    private readonly Tensor _mean;

    [ComponentName(Name = "running_var")]
    private readonly Tensor _variance;

    [ComponentName(Name = "num_batches_tracked")]
    private readonly Tensor _batches;

    public BatchNorm(long channels) : base("BatchNorm2d")
    {
        _weight = new(ones([channels], ScalarType.Float32, CPU));
        _bias = new(zeros([channels], ScalarType.Float32, CPU));
        _mean = zeros([channels], ScalarType.Float32, CPU);
        _variance = ones([channels], ScalarType.Float32, CPU);
        _batches = zeros([], ScalarType.Int64, CPU);
        RegisterComponents();
    }

    /// <summary>The processes whose batches make up the batch; null if this one's does.</summary>
    public BatchNormSynchronization? Synchronization { get; set; }

    public override Tensor forward(Tensor input)
    {
        if (training)
            using (no_grad())
                _batches.AddInPlace(1);
        if (training && Synchronization is { } processes)
            return processes.Normalize(input, _weight, _bias, _mean, _variance);
        return nn.functional.batch_norm(input, _mean, _variance, _weight, _bias, training, Momentum, Epsilon);
    }
}

/// <summary>Zeroes a share of the values in training and enlarges the others by as much. On the CPU it draws from a
/// generator of its own where it has one, so that nothing else that draws random numbers in the process changes what it
/// does, nor the reverse.</summary>
/// <param name="share">The share, 0 up to but not including 1.</param>
/// <param name="random">The generator, which stays the network's; libtorch's default one if null, and on other
/// devices.</param>
internal sealed class Dropout(double share, Generator? random) : nn.Module<Tensor, Tensor>(nameof(Dropout))
{
    public override Tensor forward(Tensor input)
    {
        if (!training || share == 0) return input.alias();
        if (random is null || input.device_type != DeviceType.CPU)
            return nn.functional.dropout(input, share, training: true);
        using Tensor kept = Kept(input.numel(), random), laidOut = kept.as_strided(input.shape, input.stride());
        using Tensor factors = laidOut.to(input.dtype).DivideInPlace(1 - share);
        return input * factors;
    }

    // Bytes: 0 for the share, 1 for the others. libtorch draws one after the other on one thread, which took 6 % of a
    // step; here the generator gives a seed, and a hash of seed and place the rest.
    private Tensor Kept(long count, Generator generator)
    {
        using Tensor drawn = zeros([2], ScalarType.Int64, CPU).random_(0, uint.MaxValue, generator);
        (uint first, uint second) = ((uint)drawn[0].item<long>(), (uint)drawn[1].item<long>());
        Tensor kept = empty([count], ScalarType.Byte, CPU);
        Span<byte> bytes = kept.bytes;
        // Of 16 random bits.
        Vector<ushort> limit = new((ushort)Math.Min(65535, Math.Round(share * 65536)));
        Vector<uint> place = Vector.AsVectorUInt32(Vector<int>.Indices), step = new((uint)Vector<uint>.Count);
        Span<byte> last = stackalloc byte[Vector<byte>.Count];
        for (int at = 0; at < bytes.Length; at += Vector<byte>.Count)
        {
            Vector<ushort> low = Vector.AsVectorUInt16(Next()), high = Vector.AsVectorUInt16(Next());
            Vector<byte> isKept = Vector.Narrow(Vector.GreaterThanOrEqual(low, limit),
                Vector.GreaterThanOrEqual(high, limit)) & Vector<byte>.One;
            if (bytes.Length - at >= Vector<byte>.Count)
                isKept.CopyTo(bytes[at..]);
            else
            {
                isKept.CopyTo(last);
                last[..(bytes.Length - at)].CopyTo(bytes[at..]);
            }
        }
        return kept;

        Vector<uint> Next()
        {
            Vector<uint> hash = Mix(Mix(place + new Vector<uint>(first)) ^ new Vector<uint>(second));
            place += step;
            return hash;
        }
    }

    // Every bit of the input changes about half of the bits (C. Wellons, hash-prospector, lowbias32).
    private static Vector<uint> Mix(Vector<uint> x)
    {
        x = (x ^ (x >>> 16)) * new Vector<uint>(0x7feb352d);
        x = (x ^ (x >>> 15)) * new Vector<uint>(0x846ca68b);
        return x ^ (x >>> 16);
    }
}

/// <summary>The one way of enlarging that Fast-SCNN uses.</summary>
internal static class Bilinear
{
    /// <summary>Resizes [N, C, h, w] to the height and width of another tensor (its last two dimensions), corner pixels
    /// on corner pixels.</summary>
    public static Tensor ResizeLike(Tensor input, Tensor target) =>
        nn.functional.interpolate(input, [target.shape[^2], target.shape[^1]], mode: InterpolationMode.Bilinear,
            align_corners: true);
}

/// <summary>The order of the elements of [N, C, H, W] in memory.</summary>
internal static class Layout
{
    /// <summary>The same tensor with the channels of a pixel side by side (PyTorch's channels_last), which layers then
    /// keep: on the processor most of them are faster. No copy where it is so already.</summary>
    public static Tensor ChannelsLast(Tensor input)
    {
        using Tensor permuted = input.permute(0, 2, 3, 1), contiguous = permuted.contiguous();
        return contiguous.permute(0, 3, 1, 2);
    }

    public static bool IsChannelsLast(Tensor tensor)
    {
        using Tensor permuted = tensor.permute(0, 2, 3, 1);
        return permuted.is_contiguous();
    }
}
