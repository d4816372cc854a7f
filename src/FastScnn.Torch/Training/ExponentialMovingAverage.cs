using System.Globalization;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Network;
using TorchSharp;
using static System.FormattableString;
using static TorchSharp.torch;

namespace FastScnn.Torch.Training;

/// <summary>A moving average of a module's weights and statistics, which scores better than the weights of any single
/// step (Polyak averaging). After each step every floating-point entry of the state dict becomes a = d a + (1 - d) w,
/// where w is its value in the module and d the decay, <see cref="Decay"/> or, early on, min(<see cref="Decay"/>, (1 +
/// n) / (10 + n)) after n updates; other entries (counters) are copied.</summary>
/// <remarks>Move the module to its device and type before. Not for use by several threads at once.</remarks>
internal sealed class ExponentialMovingAverage : IDisposable
{
    private const string UpdatesKey = "ema.updates";

    private readonly nn.Module _module;
    private readonly OrderedDictionary<string, Tensor> _averages;

    /// <summary>Starts with the values that the module has now; the module stays the caller's.</summary>
    public ExponentialMovingAverage(nn.Module module, double decay = 0.999, bool rampUp = true)
    {
        ArgumentNullException.ThrowIfNull(module);
        Decay = Check.BelowOne(decay, nameof(decay));
        (_module, RampUp) = (module, rampUp);
        _averages = Copies(module);
    }

    /// <summary>How much of the average each update keeps, 0 up to but not including 1. Default: 0.999.</summary>
    public double Decay { get; }

    /// <summary>Whether the first updates keep less, (1 + n) / (10 + n) after n, so that the first weights are soon
    /// forgotten. Default: true.</summary>
    public bool RampUp { get; }

    public long Updates { get; private set; }

    /// <summary>Takes in the values that the module has now; to be called after each step of the optimizer.</summary>
    public void Update()
    {
        double keep = RampUp ? Math.Min(Decay, (1.0 + Updates) / (10 + Updates)) : Decay;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        foreach ((string key, Tensor value) in _module.state_dict())
            if (value.is_floating_point())
                _averages[key].TimesInPlace(keep).AddInPlace(value, 1 - keep);
            else
                _averages[key].copy_(value);
        Updates++;
    }

    /// <summary>Gives the module the averages, to validate or to save it, until the result is disposed. Do not train or
    /// update meanwhile.</summary>
    public IDisposable Apply()
    {
        OrderedDictionary<string, Tensor> own = Copies(_module);
        Assign(_averages);
        return new Restoring(this, own);
    }

    /// <summary>Copies the averages and the number of updates, to resume from or to use as weights: the keys are those
    /// of the module's state dict.</summary>
    public Checkpoint ToCheckpoint() => new(
        _averages.Select(item => KeyValuePair.Create(item.Key, TensorConversion.ToCheckpoint(item.Value))),
        [KeyValuePair.Create(UpdatesKey, Updates.ToString(CultureInfo.InvariantCulture))]);

    /// <summary>Goes on from what <see cref="ToCheckpoint"/> gave. Either all of it is taken or, on an error,
    /// nothing.</summary>
    /// <exception cref="ArgumentException">Keys, shapes or types differ; the message lists them.</exception>
    /// <exception cref="CheckpointException">The checkpoint does not say after how many updates it was
    /// made.</exception>
    public void Restore(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        string text = checkpoint.Metadata.GetValueOrDefault(UpdatesKey, "");
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long updates))
            throw new CheckpointException(
                $"The checkpoint holds no moving average: its metadata '{UpdatesKey}' is '{text}' instead of a "
                    + "number of updates.");
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> stored = checkpoint.Tensors.ToDictionary(item => item.Key,
            item => TensorConversion.ToTensor(item.Value));
        string[] missing = [.. _averages.Keys.Where(key => !stored.ContainsKey(key))],
            unexpected = [.. stored.Keys.Where(key => !_averages.ContainsKey(key))];
        string[] different =
        [
            .. from item in _averages
               where stored.ContainsKey(item.Key)
               let found = stored[item.Key]
               where found.dtype != item.Value.dtype || !found.shape.SequenceEqual(item.Value.shape)
               select $"'{item.Key}' is {found.dtype} {ErrorText.Shape(found.shape)} instead of {item.Value.dtype} "
                   + $"{ErrorText.Shape(item.Value.shape)}",
        ];
        string[] faults =
        [
            .. missing.Length > 0 ? [Invariant($"{missing.Length} missing: {ErrorText.List(missing)}")]
                : Array.Empty<string>(),
            .. unexpected.Length > 0 ? [Invariant($"{unexpected.Length} unexpected: {ErrorText.List(unexpected)}")]
                : Array.Empty<string>(),
            .. different.Length > 0 ? [Invariant($"{different.Length} of another shape or type: ")
                + Invariant($"{ErrorText.List(different)}")] : Array.Empty<string>(),
        ];
        if (faults.Length > 0)
            throw new ArgumentException("The average does not fit the module; nothing was changed. "
                + $"{string.Join("; ", faults)}.");
        foreach ((string key, Tensor value) in stored)
            _averages[key].copy_(value);
        Updates = updates;
    }

    public void Dispose() => DisposeAll(_averages);

    private void Assign(OrderedDictionary<string, Tensor> values)
    {
        using IDisposable noGradients = no_grad();
        foreach ((string key, Tensor target) in _module.state_dict())
            target.copy_(values[key]);
    }

    private static OrderedDictionary<string, Tensor> Copies(nn.Module module)
    {
        // Copies made in inference mode could not be updated outside of it.
        using IDisposable normalMode = inference_mode(false);
        using IDisposable noGradients = no_grad();
        OrderedDictionary<string, Tensor> copies = [];
        foreach ((string key, Tensor value) in module.state_dict())
        {
            using Tensor detached = value.detach();
            copies.Add(key, detached.clone().DetachFromDisposeScope());
        }
        return copies;
    }

    private static void DisposeAll(OrderedDictionary<string, Tensor> tensors)
    {
        foreach (Tensor value in tensors.Values)
            value.Dispose();
    }

    private sealed class Restoring(ExponentialMovingAverage average,
        OrderedDictionary<string, Tensor> own) : IDisposable
    {
        private OrderedDictionary<string, Tensor>? _own = own;

        public void Dispose()
        {
            if (_own is null) return;
            average.Assign(_own);
            DisposeAll(_own);
            _own = null;
        }
    }
}
