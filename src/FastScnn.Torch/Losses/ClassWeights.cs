using static TorchSharp.torch;

namespace FastScnn.Torch.Losses;

/// <summary>How much the pixels of each class count in a loss.</summary>
public static class ClassWeights
{
    /// <summary>The weights of the 19 Cityscapes classes that Tramac/Fast-SCNN-pytorch uses with OHEM, by train id.</summary>
    public static IReadOnlyList<double> Cityscapes { get; } = Array.AsReadOnly(
    [
        0.8373, 0.918, 0.866, 1.0345, 1.0166, 0.9969, 0.9754, 1.0489, 0.8786, 1.0023,
        0.9539, 0.9843, 1.1116, 0.9037, 1.0865, 1.0955, 1.0865, 1.1529, 1.0507,
    ]);

    /// <summary>A copy that is checked, or null.</summary>
    internal static double[]? Checked(IEnumerable<double>? classWeights)
    {
        double[]? weights = classWeights?.ToArray();
        for (int id = 0; id < weights?.Length; id++)
            // A mean over pixels of weight 0 alone would be 0 / 0.
            if (weights[id] is not (> 0 and < double.PositiveInfinity)) throw Errors.ClassWeight(id, weights[id]);
        return weights;
    }

    /// <summary>The weights as a tensor [classes] of the type and on the device of the logits.</summary>
    internal static Tensor ToTensor(double[] weights, Tensor logits)
    {
        if (weights.Length != logits.shape[1]) throw Errors.ClassWeightCount(weights.Length, logits.shape[1]);
        return tensor(weights).to(logits.dtype, logits.device);
    }
}
