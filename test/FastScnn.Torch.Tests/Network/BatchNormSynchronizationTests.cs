using FastScnn.Torch.Network;
using FastScnn.Torch.Tests.TorchSharpFacts;
using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.Network;

/// <summary>Batch normalisation over several processes, with threads in their place.</summary>
public class BatchNormSynchronizationTests
{
    [TestCase(ScalarType.Float64, 1e-12)]
    [TestCase(ScalarType.Float32, 2e-6)]
    [TestCase(ScalarType.BFloat16, 2e-2)]
    public void Two_halves_of_a_batch_are_normalised_as_the_whole(ScalarType type, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(3);
        ScalarType own = type == ScalarType.Float64 ? type : ScalarType.Float32;
        Tensor images = (randn(4, 5, 6, 7, dtype: own) * 2 + 3).to(type), factors = randn(4, 5, 6, 7, dtype: own);
        Layer whole = new(images, factors, own, null);
        Layer[] halves = Together(2, (rank, sum) =>
            new Layer(images[(2 * rank)..(2 * rank + 2)], factors[(2 * rank)..(2 * rank + 2)], own, sum));

        AssertClose(cat([halves[0].Output, halves[1].Output]), whole.Output);
        AssertClose(cat([halves[0].InputGradient, halves[1].InputGradient]), whole.InputGradient);
        foreach (string name in new[] { "weight", "bias" })
            AssertClose(halves[0].Gradient(name) + halves[1].Gradient(name), whole.Gradient(name));
        foreach (Layer half in halves)
            foreach (string name in new[] { "running_mean", "running_var", "num_batches_tracked" })
                AssertClose(half.Norm.state_dict()[name], whole.Norm.state_dict()[name]);

        void AssertClose(Tensor found, Tensor expected)
        {
            double scale = Math.Max(1, expected.abs().max().to(ScalarType.Float64).item<double>());
            Assert.That((found.to(ScalarType.Float64) - expected.to(ScalarType.Float64)).abs().max().item<double>(),
                Is.LessThan(tolerance * scale));
        }
    }

    [Test]
    public void A_network_synchronised_with_itself_alone_trains_as_one_that_is_not()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(4);
        Tensor images = rand(3, 3, 96, 64, dtype: ScalarType.Float64);
        Dictionary<string, Tensor> alone = Gradients(null), synchronised = Gradients(_ => { });

        foreach ((string name, Tensor gradient) in alone)
            Assert.That(synchronised[name].allclose(gradient, rtol: 1e-7, atol: 1e-9), name);

        Dictionary<string, Tensor> Gradients(SumOverProcesses? sum)
        {
            FastScnnNetwork network = new FastScnnNetwork(new() { Classes = 3, Dropout = 0, Seed = 1 })
                .to(ScalarType.Float64);
            network.SynchronizeBatchNorm(sum);
            network.call(images).Logits.square().sum().backward();
            return network.named_parameters().ToDictionary(item => item.name, item => item.parameter.grad!);
        }
    }

    [Test]
    public void A_failure_on_the_way_back_is_thrown_after_it_and_once()
    {
        using DisposeScope scope = NewDisposeScope();
        using FastScnnNetwork network = new(new() { Classes = 2, Dropout = 0, Seed = 1 });
        bool fails = false;
        int asked = 0;
        BatchNormSynchronization processes = network.SynchronizeBatchNorm(_ =>
        {
            asked++;
            if (fails) throw new IOException("rank 1 is gone");
        })!;
        Tensor loss = network.call(rand(2, 3, 64, 64)).Logits.sum();
        (fails, asked) = (true, 0);

        loss.backward();

        Assert.That(asked, Is.EqualTo(1));
        Assert.That(() => processes.ThrowIfFailed(), Throws.TypeOf<IOException>().With.Message.EqualTo("rank 1 is gone"));
        Assert.That(() => processes.ThrowIfFailed(), Throws.Nothing);
        Assert.That(() => network.call(rand(2, 3, 64, 64)), Throws.TypeOf<IOException>());
        network.eval();
        Assert.That(() => network.call(rand(2, 3, 64, 64)), Throws.Nothing);
    }

    [TestCase(false)]
    [TestCase(true)]
    public void It_leaves_no_tensor_behind(bool narrow)
    {
        using FastScnnNetwork network = new(new() { AuxiliaryHead = true }) { TrainsInBFloat16 = narrow };
        network.SynchronizeBatchNorm(_ => { });
        using Tensor input = rand(2, 3, 64, 96);
        TensorLeaks.AssertNone(() => network.call(input).Logits.sum().backward());
    }

    // Each rank on a thread of its own; their sums meet at a barrier.
    private static T[] Together<T>(int ranks, Func<int, SumOverProcesses, T> work)
    {
        double[][] parts = new double[ranks][];
        using Barrier barrier = new(ranks);
        T[] results = new T[ranks];
        Thread[] threads = [.. Enumerable.Range(0, ranks).Select(rank => new Thread(() => results[rank] = work(rank,
            values =>
            {
                parts[rank] = values.ToArray();
                barrier.SignalAndWait();
                for (int i = 0; i < values.Length; i++) values[i] = parts.Sum(part => part[i]);
                barrier.SignalAndWait();
            })))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        return results;
    }

    private sealed class Layer
    {
        public Layer(Tensor images, Tensor factors, ScalarType type, SumOverProcesses? sum)
        {
            Norm = new BatchNorm(images.shape[1]).to(type);
            Norm.Synchronization = sum is null ? null : new(sum);
            using (no_grad())
                foreach (var parameter in Norm.parameters())
                    parameter.add_(arange(5, dtype: type) * 0.3);
            Tensor input = Layout.ChannelsLast(images).detach().requires_grad_();
            Output = Norm.call(input);
            (Output.to(type) * factors).sum().backward();
            InputGradient = input.grad!;
        }

        public BatchNorm Norm { get; }

        public Tensor Output { get; }

        public Tensor InputGradient { get; }

        public Tensor Gradient(string name) =>
            Norm.named_parameters().Single(item => item.name == name).parameter.grad!;
    }
}
