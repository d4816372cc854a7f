using FastScnn.Torch.Checkpoints;
using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

public sealed partial class FastScnnNetwork
{
    private const string AuxiliaryPrefix = "auxlayer.";

    // The layers whose shape depends on the number of classes
    private static readonly string[] ClassLayers = ["classifier.conv.1.", "auxlayer.4."];

    /// <summary>Builds the network that a checkpoint describes: its classes and input channels, its auxiliary head if it has one, and its weights.</summary>
    /// <param name="checkpoint">The weights.</param>
    /// <param name="dropout">See <see cref="FastScnnNetworkOptions.Dropout"/>; a checkpoint does not say it.</param>
    /// <returns>The network, on the CPU and in training mode.</returns>
    /// <exception cref="CheckpointException">The checkpoint is not one of Fast-SCNN; the message lists what does not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It has a number of classes that <see cref="FastScnnNetworkOptions.Classes"/> does not allow, or <paramref name="dropout"/> is out of range.</exception>
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

    /// <summary>Takes weights and statistics from a checkpoint, converting their element type. Either all that fits is loaded, or, on an error, nothing.</summary>
    /// <param name="checkpoint">The weights.</param>
    /// <param name="mode">How far the checkpoint must fit.</param>
    /// <returns>The keys that were loaded, those of the checkpoint that were skipped, and those of the network that keep their values.</returns>
    /// <exception cref="CheckpointException">Keys are missing, unexpected or of another shape; the message lists them.</exception>
    /// <exception cref="ObjectDisposedException">The network was disposed.</exception>
    public CheckpointLoadResult LoadCheckpoint(Checkpoint checkpoint, CheckpointLoadMode mode = CheckpointLoadMode.Strict)
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
            else if (backbone && ClassLayers.Any(layer => key.StartsWith(layer, StringComparison.Ordinal)))
                kept.Add(key);
            else
                misshapen.Add(Errors.ShapeMismatch(key, source.Shape, target.shape));
        }
        string[] unexpected = [.. checkpoint.Tensors.Keys.Where(key => !targets.ContainsKey(key) && (auxlayer is not null || !IsAuxiliary(key)))];
        if (missing.Count + misshapen.Count + unexpected.Length > 0) throw Errors.CheckpointMismatch(missing, unexpected, misshapen);

        using (no_grad())
            foreach (string key in loaded)
            {
                using Tensor source = TensorConversion.ToTensor(checkpoint.Tensors[key]);
                targets[key].copy_(source);
            }
        return new(loaded, [.. checkpoint.Tensors.Keys.Except(loaded)], kept);
    }

    /// <summary>Copies weights and statistics into a checkpoint, to save or to export.</summary>
    /// <param name="info">What to say about them; null for the defaults.</param>
    /// <returns>The checkpoint; later training does not change it.</returns>
    /// <exception cref="ArgumentException">The classes of <paramref name="info"/> are not as many as those of the network.</exception>
    /// <exception cref="ObjectDisposedException">The network was disposed.</exception>
    public Checkpoint ToCheckpoint(ModelInfo? info = null)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (info?.Classes is { } classes && classes.Count != Options.Classes) throw Errors.InfoClasses(classes.Count, Options.Classes);
        return new(state_dict().Select(item => KeyValuePair.Create(item.Key, TensorConversion.ToCheckpoint(item.Value))), ((info ?? new()) with { Graph = null }).ToMetadata());
    }

    private static bool IsAuxiliary(string key) => key.StartsWith(AuxiliaryPrefix, StringComparison.Ordinal);
}
