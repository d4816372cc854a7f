using FastScnn.Torch.Network;
using FastScnn.Torch.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.Training;

/// <summary>Gradient clipping and frozen batch normalisation.</summary>
public class TrainingAidTests
{
    [TestCase(1.0, 1 / (5 + 1e-6))]
    [TestCase(4.99, 4.99 / (5 + 1e-6))]
    [TestCase(6.0, 1.0)]
    public void Gradients_above_the_norm_are_scaled_together(double maxNorm, double scale)
    {
        using DisposeScope scope = NewDisposeScope();
        using Sequential module = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1, hasBias: false)).to(ScalarType.Float64);
        Parameter[] parameters = [.. module.parameters()];
        (3 * parameters[0].sum() - 4 * parameters[2].sum()).backward();

        double norm = GradientClipping.ByNorm(module, maxNorm);

        Assert.That(norm, Is.EqualTo(5).Within(1e-12));
        Assert.That(parameters[0].grad!.item<double>(), Is.EqualTo(3 * scale).Within(1e-12));
        Assert.That(parameters[1].grad, Is.Null);
        Assert.That(parameters[2].grad!.item<double>(), Is.EqualTo(-4 * scale).Within(1e-12));
    }

    [Test]
    public void A_norm_that_is_not_finite_is_told()
    {
        using DisposeScope scope = NewDisposeScope();
        using Linear module = nn.Linear(1, 1);
        (double.NaN * module.weight!.sum()).backward();

        Assert.That(GradientClipping.ByNorm(module, 1), Is.NaN);
        Assert.That(() => GradientClipping.ByNorm(module, 0), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("maxNorm is 0"));
    }

    [Test]
    public void Frozen_batch_norm_trains_on_one_image_and_keeps_its_statistics()
    {
        using DisposeScope scope = NewDisposeScope();
        using FastScnnNetwork network = new(new() { Classes = 2 });
        Tensor image = randn(1, 3, 64, 64);
        Dictionary<string, double> before = network.named_buffers().ToDictionary(item => item.name, item => item.buffer.sum().ToDouble());

        FrozenBatchNorm.Train(network);
        network.call(image).Logits.sum().backward();

        Assert.That(network.named_buffers().ToDictionary(item => item.name, item => item.buffer.sum().ToDouble()), Is.EqualTo(before));
        Assert.That(network.modules().OfType<BatchNorm2d>().Count(norm => !norm.training), Is.EqualTo(44), "all but that of the auxiliary head, which is absent");
        Assert.That(network.modules().OfType<FastScnn.Torch.Network.Dropout>().Single().training);
        Assert.That(network.parameters().All(parameter => parameter.requires_grad && parameter.grad is not null));

        network.train();
        Assert.That(() => network.call(image), Throws.ArgumentException);
        network.call(cat([image, image], 0)).Dispose();
        Assert.That(network.named_buffers().First(item => item.name.EndsWith("num_batches_tracked", StringComparison.Ordinal)).buffer.item<long>(), Is.EqualTo(1));
    }

    [Test]
    public void Frozen_scales_are_left_out_of_the_optimizer()
    {
        using FastScnnNetwork network = new(new() { AuxiliaryHead = true });

        FrozenBatchNorm.Train(network, freezeScales: true);

        ParameterGroups groups = ParameterGroups.Of(network);
        Assert.That((groups.Decayed.Count, groups.NotDecayed.Count), Is.EqualTo((33, 14 + 4)));
    }
}
