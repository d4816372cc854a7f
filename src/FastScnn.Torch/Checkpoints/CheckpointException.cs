namespace FastScnn.Torch.Checkpoints;

/// <summary>A checkpoint is damaged, refused, or does not fit what it is loaded into. The message names the file or the keys.</summary>
/// <param name="message">What was found, what was expected and what to do.</param>
/// <param name="inner">The cause, if there is one.</param>
public sealed class CheckpointException(string message, Exception? inner = null) : Exception(message, inner);
