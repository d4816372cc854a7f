using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.TorchSharpFacts;

/// <summary>What TorchSharp's modules do with their tensors, and what they begin with.</summary>
public class ModuleTests
{
    // LinearBottleneck of Network/FastScnnNetwork.cs adds its input to what comes out; the other layers' callers go on
    // with theirs too.
    [Test]
    public void A_Sequential_disposes_what_lies_between_and_neither_its_input_nor_its_output()
    {
        Doubling first = new(), last = new();
        using Sequential layers = nn.Sequential(first, nn.Conv2d(1, 1, 1), last);
        using Tensor input = ones(1, 1, 2, 2);
        using Tensor output = layers.call(input);

        Assert.That(input.IsInvalid, Is.False);
        Assert.That(first.Output!.IsInvalid, Is.True);
        Assert.That(output, Is.SameAs(last.Output));
        Assert.That(output.IsInvalid, Is.False);
    }

    // Network/FastScnnNetwork.Checkpoints.cs and Training/ExponentialMovingAverage.cs write into them and dispose none.
    [Test]
    public void A_state_dict_holds_the_module_s_own_tensors_and_no_scope_owns_them()
    {
        using BatchNorm2d norm = nn.BatchNorm2d(2);
        using (NewDisposeScope())
        using (no_grad())
            foreach (Tensor value in norm.state_dict().Values)
                value.fill_(7);

        Assert.That(norm.state_dict().Keys,
            Is.EqualTo(new[] { "weight", "bias", "running_mean", "running_var", "num_batches_tracked" }));
        Assert.That(norm.state_dict()["weight"], Is.SameAs(norm.weight));
        Assert.That(norm.weight![1].item<float>(), Is.EqualTo(7f));
        Assert.That(norm.running_var![1].item<float>(), Is.EqualTo(7f));
        Assert.That(norm.state_dict()["num_batches_tracked"].item<long>(), Is.EqualTo(7));
    }

    // Network/FastScnnNetwork.cs refuses such a batch, which nothing else would.
    [Test]
    public void Batch_norm_of_one_value_a_channel_spoils_its_variance_without_an_error()
    {
        using BatchNorm2d norm = nn.BatchNorm2d(2);
        using Tensor input = rand(1, 2, 1, 1);

        norm.call(input).Dispose();

        Assert.That(norm.running_var!.isfinite().any().item<bool>(), Is.False);
    }

    // Onnx/FoldedWeights.cs adds this epsilon; every layer of Network/ leaves both to TorchSharp.
    [Test]
    public void Batch_norm_has_PyTorch_s_epsilon_and_momentum()
    {
        using DisposeScope scope = NewDisposeScope();
        using BatchNorm2d norm = nn.BatchNorm2d(1);
        norm.call(full([2, 1, 1, 1], 3f));
        Assert.That(norm.running_mean!.item<float>(), Is.EqualTo(0.3f).Within(1e-6));

        norm.eval();
        norm.running_mean!.zero_();
        norm.running_var!.zero_();
        Assert.That(norm.call(ones(1, 1, 1, 1)).item<float>(), Is.EqualTo(1 / Math.Sqrt(1e-5)).Within(1e-2));
    }

    // Network/FastScnnNetwork.cs leaves its fresh weights to TorchSharp.
    [Test]
    public void A_convolution_begins_evenly_spread_within_the_inverse_root_of_its_fan_in()
    {
        manual_seed(1);
        using Conv2d convolution = nn.Conv2d(16, 64, 3);
        double bound = 1 / Math.Sqrt(16 * 9);

        Assert.That(convolution.weight.abs().max().item<float>(), Is.EqualTo(bound).Within(0.01 * bound));
        Assert.That(convolution.weight.std().item<float>(), Is.EqualTo(bound / Math.Sqrt(3)).Within(0.03 * bound));
        Assert.That(convolution.bias!.abs().max().item<float>(), Is.EqualTo(bound).Within(0.1 * bound));
    }

    // Network/Libtorch.cs asks the loader for it by name, to say why it does not load.
    [Test]
    public void The_native_library_has_its_name()
    {
        Assert.That(NativeLibrary.TryLoad("LibTorchSharp", typeof(torch).Assembly, null, out _), Is.True);
    }

    private sealed class Doubling() : nn.Module<Tensor, Tensor>(nameof(Doubling))
    {
        public Tensor? Output { get; private set; }

        public override Tensor forward(Tensor input) => Output = input * 2;
    }
}
