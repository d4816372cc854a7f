using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.Network;

public class FastScnnNetworkTests
{
    [TestCase(19, false, 268, 1_138_051)]
    [TestCase(19, true, 276, 1_157_174)]
    [TestCase(11, false, 268, 1_135_600 + 129 * 11)]
    [TestCase(2, true, 276, 1_135_600 + 129 * 2 + 18_496 + 33 * 2)]
    public void State_has_the_keys_of_the_reference_implementation(int classes, bool auxiliary, int entries,
        long parameterCount)
    {
        using FastScnnNetwork network = new(new() { Classes = classes, AuxiliaryHead = auxiliary });

        Dictionary<string, Tensor> state = network.state_dict();
        var expected = File.ReadLines(TestFiles.Golden("keys_aux.txt")).Select(line => line.Split('\t'))
            .Where(row => auxiliary || !row[0].StartsWith("auxlayer.", StringComparison.Ordinal))
            .ToDictionary(row => row[0], row => row[2]);
        Assert.That(state, Has.Count.EqualTo(entries));
        Assert.That(state.Keys, Is.EquivalentTo(expected.Keys));
        Assert.That(network.parameters().Sum(p => p.numel()), Is.EqualTo(parameterCount));
        if (classes == 19)
            foreach ((string name, Tensor tensor) in state)
                Assert.That(tensor.shape.Length == 0 ? "scalar" : string.Join('x', tensor.shape),
                    Is.EqualTo(expected[name]), name);
    }

    [TestCase(32, 32)]
    [TestCase(33, 47)]
    [TestCase(100, 36)]
    [TestCase(360, 480)]
    [TestCase(720, 960)]
    [TestCase(1080, 1920)]
    public void Every_size_gives_logits_of_its_own_size(int height, int width)
    {
        using FastScnnNetwork network = new(new() { Classes = 5, AuxiliaryHead = true });
        network.eval();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();

        FastScnnOutput output = network.call(rand(1, 3, height, width));

        Assert.That(output.Logits.shape, Is.EqualTo(new long[] { 1, 5, height, width }));
        Assert.That(output.AuxiliaryLogits!.shape, Is.EqualTo(new long[] { 1, 5, height, width }));
        Assert.That(output.Logits.isfinite().all().item<bool>(), Is.True);
    }

    [Test]
    public void Other_input_channels_are_possible()
    {
        using FastScnnNetwork network = new(new() { Classes = 2, InputChannels = 5 });
        network.eval();
        using DisposeScope scope = NewDisposeScope();

        Assert.That(network.call(rand(2, 5, 40, 50)).Logits.shape, Is.EqualTo(new long[] { 2, 2, 40, 50 }));
    }

    [TestCase(new long[] { 3, 64, 64 }, "[3, 64, 64]")]
    [TestCase(new long[] { 2, 64, 64, 3 }, "64 channels")]
    [TestCase(new long[] { 2, 3, 31, 64 }, "31 high")]
    [TestCase(new long[] { 2, 3, 64, 31 }, "31 wide")]
    public void Wrong_shape_is_named(long[] shape, string message)
    {
        using FastScnnNetwork network = new();
        using Tensor input = zeros(shape);

        Assert.That(() => network.call(input), Throws.ArgumentException.With.Message.Contains(message));
    }

    [Test]
    public void Wrong_element_type_is_named()
    {
        using FastScnnNetwork network = new();
        using Tensor input = zeros(2, 3, 64, 64, dtype: ScalarType.Byte);

        Assert.That(() => network.call(input),
            Throws.ArgumentException.With.Message.Contains("Byte").And.Message.Contains("Float32"));
    }

    [Test]
    public void Single_image_in_training_is_refused_before_anything_changes()
    {
        using FastScnnNetwork network = new();
        using Tensor input = rand(1, 3, 64, 64);

        Assert.That(() => network.call(input), Throws.ArgumentException.With.Message.Contains("single image"));

        foreach ((string name, Tensor buffer) in network.named_buffers())
            if (name.EndsWith("running_mean", StringComparison.Ordinal))
                Assert.That(buffer.data<float>().ToArray(), Is.All.Zero, name);
    }

    [Test]
    public void Single_image_can_be_trained_on_with_frozen_batch_norm()
    {
        using FastScnnNetwork network = new();
        foreach (nn.Module module in network.modules())
            if (module is BatchNorm) module.eval();
        using DisposeScope scope = NewDisposeScope();

        Tensor loss = network.call(rand(1, 3, 64, 64)).Logits.mean();
        loss.backward();

        Assert.That(network.parameters().Last().grad, Is.Not.Null);
    }

    [Test]
    public void A_disposed_network_says_so()
    {
        FastScnnNetwork network = new();
        Checkpoint weights = network.ToCheckpoint();
        network.Dispose();
        network.Dispose();
        using Tensor input = rand(2, 3, 64, 64);

        Assert.Multiple(() =>
        {
            foreach (Action use in new Action[]
            {
                () => network.call(input), () => network.ForwardAtEighth(input), () => network.ToCheckpoint(),
                () => network.LoadCheckpoint(weights)
            })
                Assert.That(use,
                    Throws.TypeOf<ObjectDisposedException>().With.Message.Contains(nameof(FastScnnNetwork)));
        });
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Forward_leaves_no_tensor_behind(bool training)
    {
        using FastScnnNetwork network = new(new() { AuxiliaryHead = true });
        network.train(training);
        using Tensor input = rand(2, 3, 64, 96);
        network.call(input).Dispose();
        // What earlier tests left to the garbage collector must not be counted against this one, nor for it.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = Tensor.TotalCount;

        for (int i = 0; i < 10; i++)
            network.call(input).Dispose();

        Assert.That(Tensor.TotalCount - before, Is.LessThanOrEqualTo(0));
    }

    [Test]
    public void Dropout_acts_in_training_only()
    {
        using FastScnnNetwork network = new(new() { Dropout = 0.5 });
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        Tensor input = rand(2, 3, 64, 64);

        Assert.That(network.call(input).Logits.allclose(network.call(input).Logits), Is.False);
        network.eval();
        Assert.That(network.call(input).Logits.allclose(network.call(input).Logits), Is.True);
    }

    [Test]
    public void Options_are_checked()
    {
        Assert.That(() => new FastScnnNetworkOptions { Classes = 1 },
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("2 to 255"));
        Assert.That(() => new FastScnnNetworkOptions { Classes = 256 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new FastScnnNetworkOptions { Dropout = 1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new FastScnnNetworkOptions { Dropout = double.NaN },
            Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new FastScnnNetworkOptions { InputChannels = 0 },
            Throws.TypeOf<ArgumentOutOfRangeException>());
    }
}
