using FastScnn.Torch.Data;

namespace FastScnn.Torch.Training;

/// <summary>
/// The loss, the gradients or the weights became NaN or infinite. What the output folder holds is from before: the best and the last weights and the
/// state of an earlier epoch or save.
/// </summary>
/// <param name="message">Names the step and the files of the batch.</param>
/// <param name="samples">What the batch was made of.</param>
public sealed class TrainingDivergedException(string message, IReadOnlyList<SamplePair> samples) : Exception(message)
{
    /// <summary>What the batch was made of.</summary>
    public IReadOnlyList<SamplePair> Samples { get; } = samples;
}
