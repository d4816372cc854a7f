using FastScnn.Torch.Network;
using FastScnn.Torch.Training;

namespace FastScnn.Bench.Training.Peers;

/// <summary>The trainer, in one precision.</summary>
internal sealed class OwnPeer : ITrainingPeer
{
    private readonly OwnSteps _steps;
    private readonly OwnTraining _training;

    public OwnPeer(Precision precision, int threads)
    {
        // The first that loads libtorch, so that the settings come before it, as they do in an application.
        using FastScnnNetwork network = new(new() { Classes = OwnSteps.Classes.Count, AuxiliaryHead = true });
        Parameters = network.parameters().Sum(parameter => parameter.numel());
        (_steps, _training) = (new(precision, threads), new(precision, threads));
    }

    public long Parameters { get; }

    public object[] Step(BatchSize size, int count) => _steps.Take(size, count);

    public EndToEndTime Epoch(string root, BatchSize size, int loaders, int batches)
    {
        _steps.Release();
        return _training.Time(root, size, loaders, batches);
    }

    /// <summary>The bytes of memory after some numbers of steps.</summary>
    public object[] Memory(string root, BatchSize size, int loaders, int[] steps)
    {
        _steps.Release();
        return _training.Memory(root, size, loaders, steps);
    }

    public void Dispose() => _steps.Dispose();
}
