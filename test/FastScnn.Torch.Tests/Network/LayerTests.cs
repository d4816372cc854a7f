using FastScnn.Torch.Network;
using FastScnn.Torch.Tests.TorchSharpFacts;
using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.Network;

/// <summary>The network's own layers against TorchSharp's, and what lies between the layers.</summary>
public class LayerTests
{
    [TestCase(6, 4, 3, 2, 1, 1, true)]
    [TestCase(6, 6, 3, 1, 1, 6, false)]
    [TestCase(6, 6, 3, 2, 1, 6, false)]
    [TestCase(6, 8, 1, 1, 0, 1, true)]
    public void A_convolution_is_drawn_and_computes_as_TorchSharp_s(int input, int output, int kernel, int stride,
        int padding, int groups, bool bias)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(1);
        var expected = nn.Conv2d(input, output, kernel, stride, padding, groups: groups, bias: bias);
        manual_seed(1);
        Convolution convolution = new(input, output, kernel, stride, padding, groups, bias);
        Tensor images = rand(2, input, 9, 7);

        Assert.That(convolution.state_dict().Keys, Is.EqualTo(expected.state_dict().Keys));
        Assert.That(convolution.state_dict().Values
            .Zip(expected.state_dict().Values, (own, its) => own.equal(its).all().item<bool>()), Is.All.True);
        Assert.That(convolution.call(images).equal(expected.call(images)).all().item<bool>());
    }

    [Test]
    public void Batch_norm_begins_and_computes_as_TorchSharp_s()
    {
        using DisposeScope scope = NewDisposeScope();
        var expected = nn.BatchNorm2d(3);
        BatchNorm norm = new(3);
        Tensor images = rand(2, 3, 4, 5);

        Assert.That(norm.call(images).equal(expected.call(images)).all().item<bool>());
        Assert.That(norm.state_dict().Select(item => $"{item.Key} {item.Value.dtype} {item.Value.sum().ToDouble()}"),
            Is.EqualTo(expected.state_dict()
                .Select(item => $"{item.Key} {item.Value.dtype} {item.Value.sum().ToDouble()}")));
        Assert.That(norm.state_dict()["num_batches_tracked"].item<long>(), Is.EqualTo(1));
        norm.eval();
        expected.eval();
        Assert.That(norm.call(images).equal(expected.call(images)).all().item<bool>());
        Assert.That(norm.state_dict()["num_batches_tracked"].item<long>(), Is.EqualTo(1));
    }

    [TestCase(true, false)]
    [TestCase(true, true)]
    [TestCase(false, true)]
    public void Every_layer_keeps_the_channels_of_a_pixel_together_and_the_type(bool training, bool narrow)
    {
        using DisposeScope scope = NewDisposeScope();
        using FastScnnNetwork network = Network(narrow);
        network.train(training);
        List<(string Name, bool IsChannelsLast, ScalarType Type, long[] Shape)> outputs = [];
        foreach ((string name, nn.Module module) in network.named_modules())
            if (module is nn.Module<Tensor, Tensor> layer)
                layer.register_forward_hook((_, _, output) =>
                {
                    outputs.Add((name, Layout.IsChannelsLast(output), output.dtype, output.shape));
                    return output;
                });

        FastScnnOutput result = network.ForwardAtEighth(rand(2, 3, 96, 64));

        Assert.That(outputs, Has.Count.GreaterThan(120));
        Assert.That(outputs.Where(output => !output.IsChannelsLast), Is.Empty);
        // The layers that give the logits, alone and as the end of the row they are in.
        string[] last = ["classifier.conv.1", "classifier.conv", "classifier", "auxlayer.4", "auxlayer"];
        ILookup<bool, ScalarType> types = outputs.ToLookup(output => last.Contains(output.Name), output => output.Type);
        Assert.That(types[false], Is.All.EqualTo(training && narrow ? ScalarType.BFloat16 : ScalarType.Float32));
        Assert.That(types[true], Has.Exactly(last.Length).EqualTo(ScalarType.Float32));
        Assert.That(new[] { result.Logits, result.AuxiliaryLogits! },
            Has.All.Property(nameof(Tensor.dtype)).EqualTo(ScalarType.Float32));
    }

    // Further back, rounding grows from layer to layer: in fresh networks it changes the gradients of early layers as
    // much as noise of 2^-9 in the weights does.
    [Test]
    public void Bfloat16_gives_float32_gradients_close_to_those_of_float32_where_little_was_rounded()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(2);
        Tensor images = rand(4, 3, 96, 64), weights = rand(4, 3, 96, 64);
        Dictionary<string, Tensor> exact = Gradients(false), rounded = Gradients(true);

        Assert.That(rounded.Values.Concat(exact.Values), Has.All.Property(nameof(Tensor.dtype))
            .EqualTo(ScalarType.Float32).And.All.Matches<Tensor>(gradient => gradient.is_contiguous()));
        foreach (string name in new[] { "classifier.conv.1.weight", "auxlayer.4.weight" })
            Assert.That((exact[name] - rounded[name]).norm().ToDouble() / exact[name].norm().ToDouble(),
                Is.InRange(1e-6, 0.02), name);

        Dictionary<string, Tensor> Gradients(bool narrow)
        {
            FastScnnNetwork network = Network(narrow);
            FastScnnOutput output = network.call(images);
            ((output.Logits + output.AuxiliaryLogits!) * weights).sum().backward();
            return network.named_parameters().ToDictionary(item => item.name, item => item.parameter.grad!);
        }
    }

    [TestCase(0.1, ScalarType.Float32)]
    [TestCase(0.5, ScalarType.BFloat16)]
    public void Dropout_zeroes_its_share_everywhere_and_draws_from_its_generator_alone(double share, ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(5, CPU);
        using FastScnn.Torch.Network.Dropout dropout = new(share, random);
        Tensor input = Layout.ChannelsLast(ones(4, 16, 33, 41)).to(type);
        Tensor first = dropout.call(input), second = dropout.call(input);
        random.manual_seed(5);
        manual_seed(77);
        Tensor again = dropout.call(input);

        Assert.That(Layout.IsChannelsLast(first));
        Assert.That(first.equal(again).all().item<bool>());
        Tensor zeroed = first.to(ScalarType.Float64).eq(0.0).to(ScalarType.Float64);
        double deviation = Math.Sqrt(share * (1 - share));
        Assert.That(zeroed.mean().item<double>(), Is.EqualTo(share).Within(4 * deviation / Math.Sqrt(86592)));
        foreach (long[] others in new long[][] { [0, 2, 3], [0, 1, 3], [0, 1, 2] })
        {
            Tensor means = zeroed.mean(others);
            Assert.That((means - share).abs().max().item<double>(),
                Is.LessThan(4.5 * deviation / Math.Sqrt(86592.0 / means.numel())), "of a channel, row or column");
        }
        double other = second.to(ScalarType.Float64).eq(0.0).to(ScalarType.Float64).mul(zeroed).mean().item<double>();
        Assert.That(other, Is.EqualTo(share * share).Within(4 * share / Math.Sqrt(86592)), "of the next draw");
        Assert.That(first.max().ToDouble(), Is.EqualTo(1 / (1 - share)).Within(0.5).Percent);
    }

    [Test]
    public void Bfloat16_leaves_no_tensor_behind()
    {
        using FastScnnNetwork network = Network(true);
        using Tensor input = rand(2, 3, 64, 96);
        TensorLeaks.AssertNone(() => network.call(input).Logits.sum().backward());
    }

    private static FastScnnNetwork Network(bool narrow) =>
        new(new() { Classes = 3, AuxiliaryHead = true, Dropout = 0, Seed = 1 }) { TrainsInBFloat16 = narrow };
}
