using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Offline.Tests.TorchSharp;

/// <summary>A small network learns, and a step over dispose scopes leaves nothing behind.</summary>
[TestFixture]
public class TrainingTests
{
    private sealed class TinyNet : nn.Module<Tensor, Tensor>
    {
        private readonly Sequential body;
        private readonly Conv2d classifier;

        public TinyNet() : base(nameof(TinyNet))
        {
            body = nn.Sequential(
                ("conv", nn.Conv2d(3, 8, 3, padding: 1, bias: false)),
                ("bn", nn.BatchNorm2d(8)),
                ("relu", nn.ReLU(inplace: true)));
            classifier = nn.Conv2d(8, 2, 1);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var features = body.call(input);
            using var half = nn.functional.interpolate(features, scale_factor: [0.5, 0.5], mode: InterpolationMode.Bilinear, align_corners: true);
            using var full = nn.functional.interpolate(half, size: [input.size(2), input.size(3)], mode: InterpolationMode.Bilinear, align_corners: true);
            return classifier.call(full);
        }
    }

    [Test]
    public void SgdLowersTheLossOfASmallNetwork()
    {
        manual_seed(1);
        using var net = new TinyNet();
        using var optimizer = optim.SGD(net.parameters(), 0.1, momentum: 0.9, weight_decay: 1e-4);
        using var colours = rand(4, 3, 4, 4);
        using var images = nn.functional.interpolate(colours, scale_factor: [4, 4]);
        using var labels = (images.select(1, 0) > 0.5).to(ScalarType.Int64);
        float first = 0, last = 0;
        for (int step = 0; step < 30; step++)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var loss = nn.functional.cross_entropy(net.call(images), labels, ignore_index: 255);
            loss.backward();
            optimizer.step();
            last = loss.item<float>();
            if (step == 0) first = last;
        }
        Assert.That(last, Is.LessThan(0.8f * first));
    }

    private static Parameter Weights(params float[] values) => nn.Parameter(tensor(values));

    // The gradient of this loss is `slope` for every weight.
    private static void Backward(Parameter weights, float slope) => (weights * slope).sum().backward();

    [Test]
    public void SgdStepsByHand()
    {
        using var scope = NewDisposeScope();
        var w = Weights(1f);
        using var sgd = optim.SGD([w], 0.1, momentum: 0.9, weight_decay: 0.01);
        double expected = 1, velocity = 0;
        for (int step = 0; step < 3; step++)
        {
            sgd.zero_grad();
            Backward(w, 2f);
            sgd.step();
            double gradient = 2 + 0.01 * expected;
            velocity = step == 0 ? gradient : 0.9 * velocity + gradient;
            expected -= 0.1 * velocity;
            Assert.That(w.item<float>(), Is.EqualTo(expected).Within(1e-6));
        }
    }

    [Test]
    public void NesterovStepsByHand()
    {
        using var scope = NewDisposeScope();
        var w = Weights(1f);
        using var sgd = optim.SGD([w], 0.1, momentum: 0.5, nesterov: true);
        Backward(w, 1f);
        sgd.step();
        Assert.That(w.item<float>(), Is.EqualTo(1 - 0.1 * 1.5).Within(1e-6));
        sgd.step();
        Assert.That(w.item<float>(), Is.EqualTo(0.85 - 0.1 * (1 + 0.5 * 1.5)).Within(1e-6));
        Assert.That(() => optim.SGD([w], 0.1, nesterov: true), Throws.ArgumentException);
    }

    [Test]
    public void AdamWStepsByHandAndDecaysOnlyWhenTold()
    {
        using var scope = NewDisposeScope();
        var w = Weights(1f);
        using var adam = optim.AdamW([w], lr: 0.1, weight_decay: 0.01);
        Backward(w, 2f);
        adam.step();
        Assert.That(w.item<float>(), Is.EqualTo(1 * (1 - 0.1 * 0.01) - 0.1).Within(1e-5));
        using var plain = optim.AdamW([w]);
        Assert.That(((AdamW.Options)plain.state_dict().Options[0]).weight_decay, Is.Zero);
    }

    [Test]
    public void GroupsHaveTheirOwnOptionsAndASchedulerScalesThem()
    {
        using var scope = NewDisposeScope();
        Parameter fast = Weights(1f), slow = Weights(1f);
        using var sgd = optim.SGD([new SGD.ParamGroup([fast], lr: 0.2), new SGD.ParamGroup([slow], lr: 0.1, weight_decay: 0.5)], 0.3);
        var schedule = optim.lr_scheduler.LambdaLR(sgd, epoch => epoch == 0 ? 1 : 0.5);
        Assert.That(sgd.ParamGroups.Select(g => g.LearningRate), Is.EqualTo(new[] { 0.2, 0.1 }));
        Backward(fast, 1f);
        Backward(slow, 1f);
        sgd.step();
        Assert.That(fast.item<float>(), Is.EqualTo(0.8).Within(1e-6));
        Assert.That(slow.item<float>(), Is.EqualTo(1 - 0.1 * 1.5).Within(1e-6));
        schedule.step();
        Assert.That(sgd.ParamGroups.Select(g => g.LearningRate), Is.EqualTo(new[] { 0.1, 0.05 }));
        Assert.That(schedule.get_last_lr(), Is.EqualTo(new[] { 0.1, 0.05 }));
        foreach (var group in sgd.ParamGroups) group.LearningRate = 0.01;
        Assert.That(sgd.state_dict().Options.Select(o => o.LearningRate), Is.All.EqualTo(0.01));
    }

    [Test]
    public void OptimizersComeBackFromAStream([Values] bool adam)
    {
        using var scope = NewDisposeScope();
        OptimizerHelper Make(Parameter p) => adam ? optim.AdamW([p], 0.1) : optim.SGD([p], 0.1, momentum: 0.9);
        var w = Weights(1f, 2f);
        using var first = Make(w);
        Backward(w, 3f);
        first.step();
        using var stream = new MemoryStream();
        first.save_state_dict(new BinaryWriter(stream));
        var copy = nn.Parameter(w.detach().clone());
        using var second = Make(copy);
        second.load_state_dict(new BinaryReader(new MemoryStream(stream.ToArray())));
        Backward(copy, 3f);
        first.step();
        second.step();
        Assert.That(copy.allclose(w), Is.True);
        using OptimizerHelper other = adam ? optim.SGD([w], 0.1) : optim.AdamW([w]);
        Assert.That(() => other.load_state_dict(new BinaryReader(new MemoryStream(stream.ToArray()))), Throws.InstanceOf<InvalidDataException>());
    }

    [Test]
    public void GradientsAreClippedToANorm()
    {
        using var scope = NewDisposeScope();
        var w = Weights(1f, 1f);
        Backward(w, 3f);
        double norm = nn.utils.clip_grad_norm_([w], 1.0);
        Assert.That(norm, Is.EqualTo(3 * Math.Sqrt(2)).Within(1e-5));
        Assert.That(w.grad!.norm().item<float>(), Is.EqualTo(1f).Within(1e-4));
    }

    [Test]
    public void ZeroGradOfAnOptimizerKeepsTheTensorAndOfAModuleDropsIt()
    {
        using var net = new TinyNet();
        using var sgd = optim.SGD(net.parameters(), 0.1);
        using var scope = NewDisposeScope();
        net.call(rand(1, 3, 8, 8)).mean().backward();
        sgd.zero_grad();
        Assert.That(net.parameters().All(p => p.grad!.abs().max().item<float>() == 0));
        net.zero_grad();
        Assert.That(net.parameters().All(p => p.grad is null));
    }
}
