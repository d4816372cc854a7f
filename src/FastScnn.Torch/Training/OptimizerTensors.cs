using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Network;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Torch.Training;

/// <summary>
/// Reads and writes what an optimizer remembers, as tensors by the names of the parameters: TorchSharp's own format has neither names nor
/// a check of any kind.
/// </summary>
internal sealed class OptimizerTensors
{
    private const string Momentum = "momentum", Mean = "mean", SquareMean = "square_mean", Steps = "steps";

    private readonly (string Name, Parameter Parameter, OptimizerState State)[] entries;

    public OptimizerTensors(nn.Module module, OptimizerHelper optimizer)
    {
        Dictionary<IntPtr, string> names = module.named_parameters().ToDictionary(item => item.parameter.Handle, item => item.name);
        Parameter[] parameters = [.. optimizer.parameters()];
        List<OptimizerState> states = optimizer.state_dict().State;
        entries = [.. parameters.Zip(states, (parameter, state) => (names[parameter.Handle], parameter, state))];
    }

    /// <summary>Copies of all that is remembered; what an optimizer has no memory of yet is absent.</summary>
    public IEnumerable<KeyValuePair<string, CheckpointTensor>> Capture()
    {
        foreach ((string name, _, OptimizerState state) in entries)
            switch (state)
            {
                case SGD.State { momentum_buffer: { } buffer }:
                    yield return Entry(name, Momentum, buffer);
                    break;
                case AdamW.State adam:
                    yield return Entry(name, Mean, adam.exp_avg);
                    yield return Entry(name, SquareMean, adam.exp_avg_sq);
                    yield return KeyValuePair.Create($"{name}/{Steps}", new CheckpointTensor(CheckpointType.Int64, [], BitConverter.GetBytes(adam.step)));
                    break;
            }
    }

    /// <summary>Takes back what <see cref="Capture"/> gave.</summary>
    /// <exception cref="CheckpointException">An entry is missing or has another shape.</exception>
    public void Restore(IReadOnlyDictionary<string, CheckpointTensor> stored)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        foreach ((string name, Parameter parameter, OptimizerState state) in entries)
            switch (state)
            {
                case SGD.State sgd:
                    sgd.momentum_buffer?.Dispose();
                    sgd.momentum_buffer = stored.ContainsKey($"{name}/{Momentum}") ? Read(stored, $"{name}/{Momentum}", parameter).DetachFromDisposeScope() : null;
                    break;
                case AdamW.State adam:
                    adam.exp_avg.copy_(Read(stored, $"{name}/{Mean}", parameter));
                    adam.exp_avg_sq.copy_(Read(stored, $"{name}/{SquareMean}", parameter));
                    adam.step = BitConverter.ToInt64(Find(stored, $"{name}/{Steps}", CheckpointType.Int64, []).Bytes.Span);
                    break;
            }
    }

    private static KeyValuePair<string, CheckpointTensor> Entry(string name, string what, Tensor value) =>
        KeyValuePair.Create($"{name}/{what}", TensorConversion.ToCheckpoint(value));

    private static Tensor Read(IReadOnlyDictionary<string, CheckpointTensor> stored, string key, Parameter parameter)
    {
        Tensor local = TensorConversion.ToTensor(Find(stored, key, CheckpointType.Float32, parameter.shape));
        return local.to(parameter.device);
    }

    private static CheckpointTensor Find(IReadOnlyDictionary<string, CheckpointTensor> stored, string key, CheckpointType type, long[] shape) =>
        stored.TryGetValue(key, out CheckpointTensor? found) && found.Type == type && found.Shape.SequenceEqual(shape)
            ? found
            : throw Errors.StateEntry(key, type.ToString(), shape, found?.Type.ToString(), found?.Shape);
}
