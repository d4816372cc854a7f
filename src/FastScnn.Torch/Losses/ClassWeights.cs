using System.Globalization;
using FastScnn.Torch.Data;
using static TorchSharp.torch;

namespace FastScnn.Torch.Losses;

/// <summary>How much the pixels of each class count in a loss.</summary>
internal static class ClassWeights
{
    /// <summary>The weights of the 19 Cityscapes classes that Tramac/Fast-SCNN-pytorch uses with OHEM, by train
    /// id.</summary>
    public static IReadOnlyList<double> Cityscapes { get; } = Array.AsReadOnly(
    [
        0.8373, 0.918, 0.866, 1.0345, 1.0166, 0.9969, 0.9754, 1.0489, 0.8786, 1.0023,
        0.9539, 0.9843, 1.1116, 0.9037, 1.0865, 1.0955, 1.0865, 1.1529, 1.0507,
    ]);

    /// <summary>Weights by median frequency balancing (Eigen, Fergus, arXiv:1411.4734, section 6.3.2; SegNet,
    /// arXiv:1511.00561): the frequency of a class is its share of the labelled pixels of the masks that show it, and
    /// its weight the median frequency over its own.</summary>
    /// <param name="frequencies">The counts of the training masks.</param>
    /// <param name="power">The exponent of the weights: 1 for those of the papers, 0.5 for milder ones; above 0 and
    /// up to 1.</param>
    /// <returns>A weight for each class; 1 for a class that no mask shows.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="power"/> is out of range.</exception>
    public static IReadOnlyList<double> MedianFrequency(ClassFrequencies frequencies, double power = 1)
    {
        ArgumentNullException.ThrowIfNull(frequencies);
        if (power is not (> 0 and <= 1)) throw Throw.OutOfRange(nameof(power), power, "above 0 and up to 1");
        double[] shares =
        [
            .. frequencies.Pixels.Zip(frequencies.PixelsWherePresent,
                (pixels, all) => all == 0 ? 0 : (double)pixels / all)
        ];
        double[] present = [.. shares.Where(share => share > 0).Order()];
        if (present.Length == 0) return [.. shares.Select(_ => 1.0)];
        double median = (present[(present.Length - 1) / 2] + present[present.Length / 2]) / 2;
        return [.. shares.Select(share => share > 0 ? Math.Pow(median / share, power) : 1)];
    }

    /// <summary>A copy that is checked, or null.</summary>
    internal static double[]? Checked(IEnumerable<double>? classWeights)
    {
        double[]? weights = classWeights?.ToArray();
        for (int id = 0; id < weights?.Length; id++)
            // A mean over pixels of weight 0 alone would be 0 / 0.
            if (weights[id] is not (> 0 and < double.PositiveInfinity))
            {
                throw new ArgumentException(
                    FormattableString.Invariant(
                        $"The weight of class {id} is {weights[id]}; it must be above 0 and finite. ")
                    + "To leave a class out, label it with the ignore index.", nameof(classWeights));
            }
        return weights;
    }

    /// <summary>The weights as a tensor [classes] of the type and on the device of the logits.</summary>
    internal static Tensor ToTensor(double[] weights, Tensor logits)
    {
        if (weights.Length != logits.shape[1])
            throw new ArgumentException(
                $"There are {weights.Length} class weights, but the logits have {logits.shape[1]} classes.",
                nameof(logits));
        return tensor(weights, logits.dtype, logits.device);
    }

    /// <summary>The weights as they stand in the name of a loss.</summary>
    internal static string Text(double[]? weights) =>
        weights is null ? "" : $" weighted {string.Join(' ', weights.Select(Number))}";

    internal static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
