namespace FastScnn.Torch.Training;

/// <summary>The files that training leaves in its output folder.</summary>
/// <param name="Path">The folder.</param>
public sealed record TrainingFolder(string Path)
{
    /// <summary>The weights with the best validation mIoU so far; the last ones where nothing is validated.</summary>
    public string BestWeights => In("best.safetensors");

    /// <summary>The weights after the last finished epoch.</summary>
    public string LastWeights => In("last.safetensors");

    /// <summary>All that is needed to go on: weights, average, optimizer, position, random state, best score.</summary>
    public string State => In("state.safetensors");

    /// <summary>One JSON object a line for each epoch, resume and end.</summary>
    public string Log => In("log.jsonl");

    /// <summary>How the weights were made and what they score, as Markdown; written at the end.</summary>
    public string Card => In("model-card.md");

    /// <summary>Loss and scores by epoch as a picture; written at the end.</summary>
    public string Curves => In("curves.svg");

    /// <summary>The folder of TensorBoard's event files.</summary>
    public string TensorBoard => In("tensorboard");

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
