using System.Collections.ObjectModel;

namespace FastScnn.Torch.Checkpoints;

/// <summary>
/// Named tensors and their metadata, read from or for a file. Needs no libtorch.
/// </summary>
public sealed class Checkpoint
{
    internal const string ClassifierWeight = "classifier.conv.1.weight";
    internal const string AuxiliaryWeight = "auxlayer.4.weight";

    /// <summary>Makes a checkpoint from tensors in memory.</summary>
    /// <param name="tensors">The tensors by their state_dict keys; the order is kept.</param>
    /// <param name="metadata">Free text by key, as the safetensors format stores it; none if null.</param>
    public Checkpoint(IEnumerable<KeyValuePair<string, CheckpointTensor>> tensors, IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        Tensors = new ReadOnlyDictionary<string, CheckpointTensor>(new OrderedDictionary<string, CheckpointTensor>(tensors));
        Metadata = new ReadOnlyDictionary<string, string>(new OrderedDictionary<string, string>(metadata ?? []));
    }

    /// <summary>The tensors by their state_dict keys, in the order of the file.</summary>
    public IReadOnlyDictionary<string, CheckpointTensor> Tensors { get; }

    /// <summary>Free text by key; empty for PyTorch files, which have none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The number of classes: the rows of <c>classifier.conv.1.weight</c>.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, so this is no Fast-SCNN checkpoint.</exception>
    public int ClassCount =>
        Tensors.TryGetValue(ClassifierWeight, out CheckpointTensor? weight) && weight.Shape is [> 0 and <= int.MaxValue, ..]
            ? (int)weight.Shape[0]
            : throw Errors.NoClassifier(ClassifierWeight, Tensors.Keys);

    /// <summary>Whether the weights of the auxiliary head (<c>auxlayer.*</c>) are among the tensors.</summary>
    public bool HasAuxiliaryHead => Tensors.ContainsKey(AuxiliaryWeight);
}
