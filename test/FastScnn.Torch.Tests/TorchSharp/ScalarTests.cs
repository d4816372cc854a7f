using FastScnn.Torch.Network;
using FastScnn.Torch.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.TorchSharpFacts;

/// <summary>TorchSharp's finalizer may free a number while libtorch reads it; what
/// src/FastScnn.Torch/Network/ScalarOperations.cs does about it changes no result.</summary>
public class ScalarTests
{
    private static readonly OptimizerSettings[] s_settings =
    [
        new SgdSettings(), new SgdSettings { Nesterov = true }, new SgdSettings { Momentum = 0, WeightDecay = 0 },
        new AdamWSettings(), new AdamWSettings { WeightDecay = 0, Epsilon = 1e-3, Beta1 = 0.5 },
    ];

    [TestCaseSource(nameof(s_settings))]
    public void Steps_are_those_of_TorchSharp_to_the_bit(OptimizerSettings settings)
    {
        using nn.Module<Tensor, Tensor> ours = Network(), theirs = Network();
        using OptimizerHelper own = (settings with { DecayAllParameters = true }).Create(ours, 0.05);
        using OptimizerHelper stock = settings switch
        {
            SgdSettings sgd => optim.SGD(theirs.parameters(), 0.05, sgd.Momentum, weight_decay: sgd.WeightDecay,
                nesterov: sgd.Nesterov),
            AdamWSettings adam => optim.AdamW(theirs.parameters(), 0.05, adam.Beta1, adam.Beta2, adam.Epsilon,
                adam.WeightDecay),
            _ => throw new NotSupportedException(),
        };
        for (int step = 0; step < 5; step++)
        {
            Step(ours, own, step);
            Step(theirs, stock, step);
        }
        Assert.That(Weights(ours), Is.EqualTo(Weights(theirs)));
        Assert.That(Weights(ours), Is.Not.EqualTo(Weights(Network())), "they moved");
    }

    [Test]
    public void Numbers_outlive_collections_while_libtorch_reads_them()
    {
        using CancellationTokenSource end = new();
        Task collecting = Task.Run(() =>
        {
            while (!end.IsCancellationRequested)
                GC.Collect(0, GCCollectionMode.Forced, blocking: true);
        });
        using Tensor zeros = zeros_like(ones(4));
        for (int i = 0; i < 1_500; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            Assert.That(zeros.Plus(i).TimesInPlace(2).AddInPlace(zeros, 3)[0].item<float>(), Is.EqualTo(2f * i));
        }
        end.Cancel();
        collecting.Wait();
    }

    private static nn.Module<Tensor, Tensor> Network()
    {
        manual_seed(3);
        return nn.Linear(4, 3);
    }

    private static void Step(nn.Module<Tensor, Tensor> network, OptimizerHelper optimizer, int seed)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new((ulong)seed);
        optimizer.zero_grad();
        network.call(rand([5, 4], generator: random)).square().sum().backward();
        optimizer.step();
    }

    private static float[] Weights(nn.Module network) =>
    [
        .. network.parameters().SelectMany(parameter => parameter.data<float>().ToArray())
    ];
}
