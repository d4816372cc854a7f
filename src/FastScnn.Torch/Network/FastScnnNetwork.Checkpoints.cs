using FastScnn.Torch.Checkpoints;
using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

/// <summary>How far a checkpoint must fit the network that it is loaded into.</summary>
public enum CheckpointLoadMode
{
    /// <summary>Every tensor of the network must be there with its shape, and no others; only the auxiliary head may be
    /// too many, since a network without one has no use for it.</summary>
    Strict,

    /// <summary>For training on other classes: the last layers (<c>classifier.conv.1</c>, <c>auxlayer.4</c>) keep their
    /// fresh weights where their shapes differ, and so does an auxiliary head that the checkpoint lacks. Everything
    /// else must fit as in <see cref="Strict"/>.</summary>
    Backbone,
}

public sealed partial class FastScnnNetwork
{
    // The layers whose shape depends on the number of classes
    private static readonly string[] s_classLayers =
    [
        $"{FastScnnArchitecture.LastLayer}.", $"{FastScnnArchitecture.LastAuxiliaryLayer}."
    ];

    /// <summary>Builds the network that a checkpoint describes: its classes and input channels, its auxiliary head if
    /// it has one, and its weights.</summary>
    /// <param name="checkpoint">The weights.</param>
    /// <param name="dropout">See <see cref="FastScnnNetworkOptions.Dropout"/>; a checkpoint does not say it.</param>
    /// <returns>The network, on the CPU and in training mode.</returns>
    /// <exception cref="CheckpointException">The checkpoint is not one of Fast-SCNN; the message lists what does not
    /// fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It has a number of classes that
    /// <see cref="FastScnnNetworkOptions.Classes"/> does not allow, or <paramref name="dropout"/> is out of
    /// range.</exception>
    public static FastScnnNetwork FromCheckpoint(Checkpoint checkpoint, double dropout = 0.1)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        Libtorch.Load(nameof(FastScnnNetwork));
        // The fresh weights are replaced; drawing them must not change what the caller draws next.
        using RandomState kept = new();
        FastScnnNetwork network = new(new()
        {
            Classes = checkpoint.ClassCount,
            AuxiliaryHead = checkpoint.HasAuxiliaryHead,
            Dropout = dropout,
            InputChannels = checkpoint.InputChannels,
        });
        try
        {
            network.LoadCheckpoint(checkpoint);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Takes weights and statistics from a checkpoint, converting their element type. Either all that fits is
    /// loaded, or, on an error, nothing.</summary>
    /// <param name="checkpoint">The weights.</param>
    /// <param name="mode">How far the checkpoint must fit.</param>
    /// <returns>The state_dict keys of the network that keep the values they had; none with
    /// <see cref="CheckpointLoadMode.Strict"/>.</returns>
    /// <exception cref="CheckpointException">Keys are missing, unexpected or of another shape; the message lists
    /// them.</exception>
    /// <exception cref="ObjectDisposedException">The network was disposed.</exception>
    public IReadOnlyList<string> LoadCheckpoint(Checkpoint checkpoint,
        CheckpointLoadMode mode = CheckpointLoadMode.Strict)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ObjectDisposedException.ThrowIf(disposed, this);
        Dictionary<string, Tensor> targets = state_dict();
        bool backbone = mode == CheckpointLoadMode.Backbone;
        List<string> loaded = [], kept = [], missing = [], misshapen = [];
        foreach ((string key, Tensor target) in targets)
        {
            if (!checkpoint.Tensors.TryGetValue(key, out CheckpointTensor? source))
                (backbone && !checkpoint.HasAuxiliaryHead && IsAuxiliary(key) ? kept : missing).Add(key);
            else if (source.Shape.SequenceEqual(target.shape))
                loaded.Add(key);
            else if (backbone && s_classLayers.Any(layer => key.StartsWith(layer, StringComparison.Ordinal)))
                kept.Add(key);
            else
                misshapen.Add($"'{key}' is {ErrorText.Shape(source.Shape)} instead of {ErrorText.Shape(target.shape)}");
        }
        string[] unexpected =
        [
            .. checkpoint.Tensors.Keys.Where(key =>
                !targets.ContainsKey(key) && (auxiliaryHead is not null || !IsAuxiliary(key)))
        ];
        if (missing.Count + misshapen.Count + unexpected.Length > 0) throw Mismatch(missing, unexpected, misshapen);

        using (no_grad())
            foreach (string key in loaded)
            {
                using Tensor source = TensorConversion.ToTensor(checkpoint.Tensors[key]);
                targets[key].copy_(source);
            }
        return kept;
    }

    /// <summary>Copies weights and statistics into a checkpoint, to save or to export.</summary>
    /// <param name="info">Their description; null for the defaults.</param>
    /// <returns>The checkpoint; later training does not change it.</returns>
    /// <exception cref="ArgumentException"><paramref name="info"/> has another number of classes than the
    /// network.</exception>
    /// <exception cref="ObjectDisposedException">The network was disposed.</exception>
    public Checkpoint ToCheckpoint(ModelInfo? info = null)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (info?.Classes is { } classes && classes.Count != Options.Classes)
            throw new ArgumentException(
                $"The checkpoint's description has {classes.Count} classes, but the network has {Options.Classes}.",
                nameof(info));
        return new Checkpoint(state_dict()
            .Select(item => KeyValuePair.Create(item.Key, TensorConversion.ToCheckpoint(item.Value)))).WithInfo(info
                ?? new());
    }

    private static bool IsAuxiliary(string key) =>
        key.StartsWith($"{FastScnnArchitecture.AuxiliaryHead}.", StringComparison.Ordinal);

    private static CheckpointException Mismatch(List<string> missing, string[] unexpected, List<string> misshapen)
    {
        List<string> parts = [];
        if (missing.Count > 0) parts.Add($"{missing.Count} missing: {ErrorText.List(missing)}");
        if (unexpected.Length > 0) parts.Add($"{unexpected.Length} unexpected: {ErrorText.List(unexpected)}");
        if (misshapen.Count > 0) parts.Add($"{misshapen.Count} of another shape: {ErrorText.List(misshapen)}");
        string hint = misshapen.Count + missing.Count == 0 ? ""
            : " To train on other classes or with a new auxiliary head, load with CheckpointLoadMode.Backbone.";
        return new($"The checkpoint does not fit the network; nothing was loaded. {string.Join("; ", parts)}.{hint}");
    }
}

/// <summary>Copies tensors between libtorch and checkpoints.</summary>
internal static class TensorConversion
{
    private static readonly Dictionary<CheckpointType, ScalarType> s_types = new()
    {
        [CheckpointType.Float32] = ScalarType.Float32,
        [CheckpointType.Float64] = ScalarType.Float64,
        [CheckpointType.Float16] = ScalarType.Float16,
        [CheckpointType.BFloat16] = ScalarType.BFloat16,
        [CheckpointType.Int64] = ScalarType.Int64,
        [CheckpointType.Int32] = ScalarType.Int32,
        [CheckpointType.Int16] = ScalarType.Int16,
        [CheckpointType.Int8] = ScalarType.Int8,
        [CheckpointType.UInt8] = ScalarType.Byte,
        [CheckpointType.Bool] = ScalarType.Bool,
    };

    /// <summary>A new tensor on the CPU with a copy of the elements.</summary>
    public static Tensor ToTensor(CheckpointTensor source)
    {
        Tensor tensor = empty([.. source.Shape], s_types[source.Type], CPU);
        source.Bytes.Span.CopyTo(tensor.bytes);
        return tensor;
    }

    /// <summary>A copy of the elements of a tensor on any device.</summary>
    public static CheckpointTensor ToCheckpoint(Tensor source)
    {
        using Tensor detached = source.detach();
        using Tensor local = detached.cpu();
        using Tensor contiguous = local.contiguous();
        return new(s_types.First(type => type.Value == source.dtype).Key, source.shape, contiguous.bytes.ToArray());
    }
}
