using FastScnn.Torch.Data;

namespace FastScnn.Torch.Training;

/// <summary>The loss or the gradients of a batch became NaN or infinite. The weights are those before the step.</summary>
/// <param name="message">Names the step and the files of the batch.</param>
/// <param name="samples">What the batch was made of.</param>
public sealed class TrainingDivergedException(string message, IReadOnlyList<SamplePair> samples) : Exception(message)
{
    /// <summary>What the batch was made of.</summary>
    public IReadOnlyList<SamplePair> Samples { get; } = samples;
}
