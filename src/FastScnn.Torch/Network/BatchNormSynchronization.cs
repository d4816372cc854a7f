using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

/// <summary>Replaces numbers by their sums over all processes of a training. Every process calls it with the same
/// count of numbers, and gets the same sums.</summary>
internal delegate void SumOverProcesses(Span<double> values);

/// <summary>Lets the batch normalisation of a network take the statistics of the batches of all processes, as if they
/// were one.</summary>
/// <remarks>A layer of C channels asks for sums twice: for 2 C + 1 numbers in the forward pass, and for 2 C in the
/// backward pass. A failure on the way back must not pass through libtorch's frames: it is kept, no further sums are asked for,
/// and gradients are 0 until <see cref="ThrowIfFailed"/> is called.</remarks>
internal sealed class BatchNormSynchronization(SumOverProcesses sum)
{
    private Exception? _failure;

    /// <summary>Throws what went wrong in a backward pass; to be called after each, before its gradients are
    /// used.</summary>
    public void ThrowIfFailed()
    {
        if (_failure is not { } failure) return;
        _failure = null;
        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>The normalised input; running statistics take the joint ones in.</summary>
    public Tensor Normalize(Tensor input, Tensor weight, Tensor bias, Tensor runningMean, Tensor runningVariance)
    {
        using DisposeScope scope = NewDisposeScope();
        (double[] mean, double[] variance, double count) = JointStatistics(input);
        double[] unbiased = [.. variance.Select(value => value * count / (count - 1))];
        Tensor center = Like(weight, mean), spread = Like(weight, variance);
        using (no_grad())
        {
            runningMean.TimesInPlace(1 - BatchNorm.Momentum).AddInPlace(center, BatchNorm.Momentum);
            runningVariance.TimesInPlace(1 - BatchNorm.Momentum)
                .AddInPlace(Like(weight, unbiased), BatchNorm.Momentum);
        }
        return Function.apply(input, weight, bias, new Joint(center, spread, count, this)).MoveToOuterDisposeScope();
    }

    private (double[] Mean, double[] Variance, double Count) JointStatistics(Tensor input)
    {
        using IDisposable noGradients = no_grad();
        int channels = (int)input.shape[1];
        Tensor values = Wide(input), mean = values.mean([0L, 2L, 3L], keepdim: true);
        Tensor apart = values - mean, variance = (apart * apart).mean([0L, 2L, 3L]);
        double[] means = Doubles(mean), variances = Doubles(variance), sums = new double[2 * channels + 1];
        double own = (double)input.numel() / channels;
        for (int c = 0; c < channels; c++)
        {
            sums[c] = own * means[c];
            sums[channels + c] = own * (variances[c] + means[c] * means[c]);
        }
        sums[^1] = own;
        sum(sums);
        double count = sums[^1];
        for (int c = 0; c < channels; c++)
        {
            means[c] = sums[c] / count;
            variances[c] = Math.Max(0, sums[channels + c] / count - means[c] * means[c]);
        }
        return (means, variances, count);
    }

    // The sums of the gradient, and of its product with the normalised input, by channel, over all processes.
    private double[] JointGradients(Tensor gradient, Tensor product)
    {
        double[] sums = [.. Doubles(gradient), .. Doubles(product)];
        try
        {
            if (_failure is null) sum(sums);
        }
        // All of them: none may reach libtorch.
        catch (Exception exception)
        {
            _failure = exception;
        }
        if (_failure is not null) sums.AsSpan().Clear();
        return sums;
    }

    private static Tensor Wide(Tensor tensor) =>
        tensor.dtype == ScalarType.BFloat16 ? tensor.to(ScalarType.Float32) : tensor.alias();

    private static Tensor Like(Tensor weight, ReadOnlySpan<double> values)
    {
        using Tensor local = tensor(values.ToArray(), ScalarType.Float64, CPU);
        return local.to(weight.dtype, weight.device);
    }

    private static double[] Doubles(Tensor tensor) =>
        tensor.flatten().to(ScalarType.Float64).cpu().data<double>().ToArray();

    private sealed record Joint(Tensor Mean, Tensor Variance, double Count, BatchNormSynchronization Owner);

    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => nameof(BatchNormSynchronization);

        // The input, the weight, the bias and the joint statistics.
        public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
        {
            using DisposeScope scope = NewDisposeScope();
            (Tensor input, Tensor weight, Tensor bias) = ((Tensor)arguments[0], (Tensor)arguments[1],
                (Tensor)arguments[2]);
            var joint = (Joint)arguments[3];
            context.save_for_backward([input, weight, joint.Mean, joint.Variance]);
            context.save_data(nameof(Joint), joint);
            return nn.functional.batch_norm(input, joint.Mean, joint.Variance, weight, bias, training: false,
                eps: BatchNorm.Epsilon).MoveToOuterDisposeScope();
        }

        public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGradients = no_grad();
            var joint = (Joint)context.get_data(nameof(Joint));
            List<Tensor> saved = context.get_saved_variables();
            (Tensor input, Tensor weight, Tensor mean, Tensor variance) = (saved[0], saved[1], saved[2], saved[3]);
            int channels = (int)input.shape[1];
            long[] shape = [1, channels, 1, 1];
            Tensor output = Wide(gradient), inverse = variance.Plus(BatchNorm.Epsilon).rsqrt();
            Tensor apart = Wide(input) - mean.view(shape);
            Tensor biasGradient = output.sum([0L, 2L, 3L]);
            Tensor weightGradient = (output * apart).sum([0L, 2L, 3L]) * inverse;
            double[] sums = joint.Owner.JointGradients(biasGradient, weightGradient);
            Tensor meanGradient = Like(weight, sums.AsSpan(0, channels)).DividedBy(joint.Count);
            Tensor meanProduct = Like(weight, sums.AsSpan(channels)).DividedBy(joint.Count);
            // w s (dy - mean(dy) - n mean(dy n)), where s is 1 / deviation and n = (x - mean) s.
            Tensor scale = (weight * inverse).view(shape);
            Tensor inputGradient = (output - meanGradient.view(shape) - apart * (inverse * meanProduct).view(shape))
                .mul_(scale);
            Tensor narrow = inputGradient.to(input.dtype);
            return [narrow.MoveToOuterDisposeScope(), weightGradient.MoveToOuterDisposeScope(),
                biasGradient.MoveToOuterDisposeScope(), null!];
        }
    }
}
