using System.Diagnostics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Bench.Training.Peers;

/// <summary>A training loop as TorchSharp's tutorials have it: its own modules, SGD and DataLoader, a dispose scope
/// around a step, and no settings but the number of threads.</summary>
/// <remarks>Nothing of FastScnn that loads libtorch may be called in its process, as that would set OpenMP and
/// malloc.</remarks>
internal sealed class LoopPeer : ITrainingPeer
{
    private const int Classes = 11, Ignored = 255;

    private readonly Dictionary<BatchSize, (Learner Learner, Tensor Images, Tensor Labels)> _sizes = [];

    public LoopPeer(int threads)
    {
        set_num_threads(threads);
        using LoopNetwork network = new(Classes);
        Parameters = network.parameters().Sum(parameter => parameter.numel());
    }

    public long Parameters { get; }

    public object[] Step(BatchSize size, int count)
    {
        // The network of a size lives on, as in the middle of a training.
        if (!_sizes.TryGetValue(size, out (Learner Learner, Tensor Images, Tensor Labels) training))
            _sizes[size] = training = (new Learner(Classes), randn(size.Images, 3, size.Height, size.Width),
                randint(0, Classes, [size.Images, size.Height, size.Width], ScalarType.Int64));
        object[] times = new object[count];
        for (int i = 0; i < count; i++)
        {
            long start = Stopwatch.GetTimestamp();
            training.Learner.Step(training.Images, training.Labels);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        return times;
    }

    public EndToEndTime Epoch(string root, BatchSize size, int loaders, int batches)
    {
        long start = Stopwatch.GetTimestamp();
        using LoopScenes scenes = new(root, size, size.Images * batches);
        using Learner learner = new(scenes.Classes);
        using DataLoader loader = new(scenes, size.Images, shuffle: true, num_worker: loaders);
        double waited = 0, whole = 0;
        int images = 0;
        long mark = Stopwatch.GetTimestamp();
        foreach (Dictionary<string, Tensor> batch in loader)
        {
            long arrived = Stopwatch.GetTimestamp();
            learner.Step(batch["image"], batch["label"]);
            long done = Stopwatch.GetTimestamp();
            if (images >= EndToEndTime.FirstBatches * size.Images)
            {
                waited += Stopwatch.GetElapsedTime(mark, arrived).TotalSeconds;
                whole += Stopwatch.GetElapsedTime(mark, done).TotalSeconds;
            }
            mark = done;
            images += (int)batch["image"].shape[0];
        }
        return new(Stopwatch.GetElapsedTime(start, mark), images, EndToEndTime.Share(waited, whole));
    }

    public void Dispose()
    {
        foreach ((Learner learner, Tensor images, Tensor labels) in _sizes.Values)
        {
            learner.Dispose();
            images.Dispose();
            labels.Dispose();
        }
    }

    private sealed class Learner : IDisposable
    {
        private readonly LoopNetwork _network;
        private readonly optim.Optimizer _optimizer;
        private readonly CrossEntropyLoss _criterion = nn.CrossEntropyLoss(ignore_index: Ignored);

        public Learner(int classes)
        {
            _network = new(classes);
            _network.train();
            _optimizer = optim.SGD(_network.parameters(), 0.01, momentum: 0.9, weight_decay: 1e-4);
        }

        public float Step(Tensor images, Tensor labels)
        {
            using DisposeScope scope = NewDisposeScope();
            _optimizer.zero_grad();
            (Tensor main, Tensor auxiliary) = _network.call(images);
            Tensor loss = _criterion.call(main, labels) + (_criterion.call(auxiliary, labels) * 0.4);
            loss.backward();
            _optimizer.step();
            return loss.item<float>();
        }

        public void Dispose()
        {
            _criterion.Dispose();
            _optimizer.Dispose();
            _network.Dispose();
        }
    }
}
