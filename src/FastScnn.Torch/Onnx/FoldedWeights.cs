using FastScnn.Torch.Checkpoints;

namespace FastScnn.Torch.Onnx;

/// <summary>Weight and bias of a convolution that has taken in the batch normalization behind it.</summary>
/// <param name="Weight">[output, input of a group, kernel, kernel].</param>
/// <param name="Bias">[output].</param>
/// <param name="Shape">The shape of <paramref name="Weight"/>.</param>
internal sealed record FoldedConvolution(float[] Weight, float[] Bias, long[] Shape);

/// <summary>Takes convolutions from a checkpoint and folds batch normalization into them. What is missing or has a
/// wrong shape is noted, so that one error can name it all.</summary>
internal sealed class FoldedWeights(Checkpoint checkpoint)
{
    // The default of torch.nn.BatchNorm2d, which the reference implementation keeps.
    private const double Epsilon = 1e-5;

    private readonly List<string> _missing = [];
    private readonly List<string> _wrong = [];

    /// <summary>The rows of the last convolution.</summary>
    public int ClassCount => checkpoint.ClassCount;

    /// <summary>A convolution.</summary>
    public FoldedConvolution Convolution(string convolution, string? normalization, bool bias, params long[] shape)
    {
        float[] weight = Tensor(convolution + ".weight", shape);
        var folded = new double[shape[0]];
        if (bias)
            folded = Array.ConvertAll(Tensor(convolution + ".bias", shape[0]), value => (double)value);
        if (normalization is not null)
            Fold(normalization, weight, folded);
        float[] foldedBias = Array.ConvertAll(folded, value => (float)value);
        if (!Array.TrueForAll(weight, float.IsFinite) || !Array.TrueForAll(foldedBias, float.IsFinite))
            _wrong.Add($"{convolution} (not finite{(normalization is null ? "" : $" with {normalization}")})");
        return new FoldedConvolution(weight, foldedBias, shape);
    }

    /// <summary>Throws where a tensor was missing or wrong.</summary>
    public void ThrowIfIncomplete()
    {
        if (_missing.Count + _wrong.Count > 0)
        {
            throw new CheckpointException("The checkpoint does not hold a Fast-SCNN that can be exported."
                + (_missing.Count == 0 ? "" : $" Missing ({_missing.Count}): {ErrorText.List(_missing)}.")
                + (_wrong.Count == 0 ? "" : $" Wrong ({_wrong.Count}): {ErrorText.List(_wrong)}."));
        }
    }

    // y = gamma (w x + b - mean) / sqrt(var + eps) + beta
    private void Fold(string normalization, float[] weight, double[] bias)
    {
        float[] gamma = Tensor(normalization + ".weight", bias.Length),
            beta = Tensor(normalization + ".bias", bias.Length);
        float[] mean = Tensor(normalization + ".running_mean", bias.Length),
            variance = Tensor(normalization + ".running_var", bias.Length);
        int row = weight.Length / bias.Length;
        for (int output = 0; output < bias.Length; output++)
        {
            double scale = gamma[output] / Math.Sqrt(variance[output] + Epsilon);
            for (int i = output * row; i < (output + 1) * row; i++)
                weight[i] = (float)(weight[i] * scale);
            bias[output] = (bias[output] - mean[output]) * scale + beta[output];
        }
    }

    private float[] Tensor(string key, params ReadOnlySpan<long> shape)
    {
        if (!checkpoint.Tensors.TryGetValue(key, out CheckpointTensor? tensor))
            _missing.Add(key);
        else if (!shape.SequenceEqual([.. tensor.Shape]))
            _wrong.Add($"{key} is {ErrorText.Shape(tensor.Shape)}, not {ErrorText.Shape(shape.ToArray())}");
        else
            return tensor.ToSingle();
        long length = 1;
        foreach (long size in shape)
            length *= size;
        return new float[length];
    }
}
