using System.Collections.ObjectModel;
using FastScnn.Torch.Checkpoints.Pickle;
using FastScnn.Torch.Data;

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

    /// <summary>What <see cref="Metadata"/> and the shapes of the weights say about the network; the defaults where they say nothing.</summary>
    /// <exception cref="CheckpointException">The metadata are damaged.</exception>
    public ModelInfo Info => ModelInfo.FromCheckpoint(Metadata) with { InputChannels = InputChannels };

    /// <summary>The number of classes: the rows of <c>classifier.conv.1.weight</c>.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, so this is no Fast-SCNN checkpoint.</exception>
    public int ClassCount =>
        Tensors.TryGetValue(ClassifierWeight, out CheckpointTensor? weight) && weight.Shape is [> 0 and <= int.MaxValue, ..]
            ? (int)weight.Shape[0]
            : throw Errors.NoClassifier(ClassifierWeight, Tensors.Keys);

    internal int InputChannels => Tensors.TryGetValue("learning_to_downsample.conv.conv.0.weight", out CheckpointTensor? first) && first.Shape.Count == 4
        ? (int)Math.Clamp(first.Shape[1], 1, short.MaxValue)
        : new ModelInfo().InputChannels;

    /// <summary>Whether the weights of the auxiliary head (<c>auxlayer.*</c>) are among the tensors.</summary>
    public bool HasAuxiliaryHead => Tensors.ContainsKey(AuxiliaryWeight);

    /// <summary>
    /// Reads a checkpoint of any known format, told apart by content: PyTorch <c>.pth</c> (zip, or legacy pickle) and
    /// <c>.safetensors</c>. Nothing in the file is executed: a pickle that asks for more than tensors is refused.
    /// A state dict below <c>state_dict</c>, <c>model_state_dict</c> or <c>model</c> is found, and the prefix <c>module.</c> of
    /// DataParallel is dropped.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <returns>The tensors, and the metadata of a <c>.safetensors</c> file.</returns>
    /// <exception cref="CheckpointException">The file is of another kind, cut off, damaged or refused.</exception>
    /// <exception cref="IOException">The file cannot be opened or read, or is a folder.</exception>
    public static Checkpoint Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path)) throw Errors.CheckpointIsFolder(path);
        long length = new FileInfo(path).Length;
        if (length == 0) throw Errors.CheckpointWithoutContent(path);
        if (length > Array.MaxLength) throw Errors.CheckpointTooLarge(path, length);
        byte[] data;
        using (FileStream file = ImageFiles.OpenRead(path))
        {
            data = new byte[file.Length];
            file.ReadExactly(data);
        }
        if (ZipPickleFile.Matches(data)) return ZipPickleFile.Read(data, path).WithoutPrefix();
        if (LegacyPickleFile.Matches(data)) return LegacyPickleFile.Read(data, path).WithoutPrefix();
        if (SafetensorsFile.Matches(data)) return SafetensorsFile.Read(data, path).WithoutPrefix();
        throw Errors.UnknownCheckpointFormat(path, data.AsSpan(0, Math.Min(data.Length, 16)));
    }

    /// <summary>Describes the weights anew, such as those of a <c>.pth</c> file, which says nothing about its classes.</summary>
    /// <param name="info">What to say; it replaces all of <see cref="Info"/>.</param>
    /// <returns>A checkpoint of the same tensors.</returns>
    public Checkpoint WithInfo(ModelInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        return new(Tensors, Metadata.Where(item => !ModelInfo.IsKey(item.Key)).Concat((info with { Graph = null }).ToMetadata()));
    }

    /// <summary>Writes all tensors and metadata as <c>.safetensors</c>; an existing file is replaced only by a whole new one.</summary>
    /// <param name="path">The file to write.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveSafetensors(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        WholeFile.Write(path, stream => SafetensorsFile.Write(stream, this));
    }

    // DataParallel puts every key below "module.".
    private Checkpoint WithoutPrefix()
    {
        const string prefix = "module.";
        return Tensors.Keys.All(key => key.StartsWith(prefix, StringComparison.Ordinal))
            ? new(Tensors.Select(tensor => KeyValuePair.Create(tensor.Key[prefix.Length..], tensor.Value)), Metadata)
            : this;
    }
}
