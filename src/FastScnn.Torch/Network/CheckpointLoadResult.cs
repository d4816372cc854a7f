namespace FastScnn.Torch.Network;

/// <summary>What loading a checkpoint did, by state_dict keys.</summary>
/// <param name="Loaded">Tensors that were taken from the checkpoint.</param>
/// <param name="Skipped">Tensors of the checkpoint that were passed over.</param>
/// <param name="Kept">Tensors of the network that keep the values they had.</param>
public sealed record CheckpointLoadResult(IReadOnlyList<string> Loaded, IReadOnlyList<string> Skipped, IReadOnlyList<string> Kept);
