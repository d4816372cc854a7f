using System.Collections.ObjectModel;
using FastScnn.Torch.Data;
using FastScnn.Torch.Network;

namespace FastScnn.Torch.Checkpoints;

/// <summary>The weights of a network and their metadata, read from or for a file. Needs no libtorch.</summary>
public sealed class Checkpoint
{
    private const string ClassifierWeight = $"{FastScnnArchitecture.LastLayer}.weight";

    /// <summary>Makes a checkpoint from tensors in memory.</summary>
    /// <param name="tensors">The tensors by their state_dict keys; the order is kept.</param>
    /// <param name="metadata">Free text by key, as the safetensors format stores it; none if null.</param>
    internal Checkpoint(IEnumerable<KeyValuePair<string, CheckpointTensor>> tensors,
        IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        Tensors = new ReadOnlyDictionary<string, CheckpointTensor>(
            new OrderedDictionary<string, CheckpointTensor>(tensors));
        Metadata = new ReadOnlyDictionary<string, string>(new OrderedDictionary<string, string>(metadata ?? []));
    }

    /// <summary>The tensors by their state_dict keys, in the order of the file.</summary>
    internal IReadOnlyDictionary<string, CheckpointTensor> Tensors { get; }

    /// <summary>Gets free text by key; empty for PyTorch files, which have none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Gets what <see cref="Metadata"/> and the shapes of the weights say about the network; the defaults
    /// where they say nothing.</summary>
    /// <exception cref="CheckpointException">The metadata are damaged.</exception>
    public ModelInfo Info => ModelInfo.FromCheckpoint(Metadata) with { InputChannels = InputChannels };

    /// <summary>Gets the number of classes: the rows of <c>classifier.conv.1.weight</c>.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, so this is no Fast-SCNN checkpoint.</exception>
    public int ClassCount =>
        Tensors.TryGetValue(ClassifierWeight, out CheckpointTensor? weight)
            && weight.Shape is [> 0 and <= int.MaxValue, ..]
            ? (int)weight.Shape[0]
            : throw new CheckpointException(
                $"This is no Fast-SCNN checkpoint: it has no tensor '{ClassifierWeight}' with a row for each class. "
                + $"Found: {ErrorText.List([.. Tensors.Keys], 8)}.");

    internal int InputChannels =>
        Tensors.TryGetValue($"{FastScnnArchitecture.FirstLayer}.weight", out CheckpointTensor? first)
            && first.Shape.Count == 4
        ? (int)Math.Clamp(first.Shape[1], 1, short.MaxValue)
        : new ModelInfo().InputChannels;

    /// <summary>Gets whether the weights of the auxiliary head (<c>auxlayer.*</c>) are among the tensors.</summary>
    public bool HasAuxiliaryHead => Tensors.ContainsKey($"{FastScnnArchitecture.LastAuxiliaryLayer}.weight");

    /// <summary>Reads a checkpoint of any known format, told apart by content: PyTorch <c>.pth</c> (zip, or legacy
    /// pickle) and <c>.safetensors</c>. Nothing in the file is executed: a pickle that asks for more than tensors is
    /// refused. A state dict below <c>state_dict</c>, <c>model_state_dict</c> or <c>model</c> is found, and the prefix
    /// <c>module.</c> of DataParallel is dropped.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The tensors, and the metadata of a <c>.safetensors</c> file.</returns>
    /// <exception cref="CheckpointException">The file is of another kind, cut off, damaged or refused.</exception>
    /// <exception cref="IOException">The file cannot be opened or read, or is a folder.</exception>
    public static Checkpoint Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
            throw new FileNotFoundException($"'{path}' is a folder; expected a checkpoint file, .pth or .safetensors.",
                path);
        long length = new FileInfo(path).Length;
        if (length == 0)
            throw new CheckpointException(
                $"'{path}' is empty, or it is not a regular file; a checkpoint is expected (.pth or .safetensors).");
        if (length > Array.MaxLength)
        {
            throw new CheckpointException(
                $"'{path}' has {length} bytes; checkpoints of up to {Array.MaxLength} bytes can be read. "
                + "A Fast-SCNN one has about 5 million.");
        }
        byte[] data;
        using (FileStream file = ImageFiles.OpenRead(path))
        {
            data = new byte[file.Length];
            file.ReadExactly(data);
        }
        return Read(data, path);
    }

    /// <summary>Reads the content of a file; see <see cref="Load"/>.</summary>
    /// <param name="data">The bytes, which the checkpoint then uses.</param>
    /// <param name="path">What the error texts call it.</param>
    internal static Checkpoint Read(byte[] data, string path)
    {
        if (ZipPickleFile.Matches(data)) return ZipPickleFile.Read(data, path).WithoutPrefix();
        if (LegacyPickleFile.Matches(data)) return LegacyPickleFile.Read(data, path).WithoutPrefix();
        if (SafetensorsFile.Matches(data)) return SafetensorsFile.Read(data, path).WithoutPrefix();
        string start = data.Length == 0 ? "nothing" : Convert.ToHexString(data.AsSpan(0, Math.Min(data.Length, 16)));
        throw new CheckpointException($"'{path}' is no checkpoint that can be read: it begins with {start}, "
            + "but a PyTorch .pth begins with 504B0304 (zip) or 80028A0A (legacy), and a .safetensors with the "
            + "length of its JSON header.");
    }

    /// <summary>Describes the weights anew, such as those of a <c>.pth</c> file, which says nothing about its
    /// classes.</summary>
    /// <param name="info">The new description; it replaces all of <see cref="Info"/>.</param>
    /// <returns>A checkpoint of the same tensors.</returns>
    public Checkpoint WithInfo(ModelInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        return new(Tensors, Metadata.Where(item => !ModelInfo.IsKey(item.Key))
            .Concat((info with { Graph = null }).ToMetadata()));
    }

    /// <summary>Writes all tensors and metadata as <c>.safetensors</c>; an existing file is replaced only by a whole
    /// new one.</summary>
    /// <param name="path">The file to write.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveSafetensors(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        WholeFile.Write(path, stream => SafetensorsFile.Write(stream, this));
    }

    /// <summary>What <see cref="SaveSafetensors"/> writes.</summary>
    internal byte[] ToSafetensors()
    {
        using MemoryStream stream = new();
        SafetensorsFile.Write(stream, this);
        return stream.ToArray();
    }

    // DataParallel puts every key below "module.".
    private Checkpoint WithoutPrefix()
    {
        const string Prefix = "module.";
        return Tensors.Keys.All(key => key.StartsWith(Prefix, StringComparison.Ordinal))
            ? new(Tensors.Select(tensor => KeyValuePair.Create(tensor.Key[Prefix.Length..], tensor.Value)), Metadata)
            : this;
    }
}

/// <summary>A checkpoint is damaged, refused, or does not fit what it is loaded into. The message names the file or the
/// keys.</summary>
/// <param name="message">What was found, what was expected and what to do.</param>
/// <param name="inner">The cause, if there is one.</param>
public sealed class CheckpointException(string message, Exception? inner = null) : Exception(message, inner);
