using FastScnn.Torch.Network;
using FastScnn.Torch.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Convolution = FastScnn.Torch.Network.Convolution;

namespace FastScnn.Torch.Tests.Training;

/// <summary>Optimizers and what they decay.</summary>
public class OptimizerTests
{
    [Test]
    public void The_network_decays_all_convolutions_but_the_depthwise_ones()
    {
        using FastScnnNetwork network = new(new() { AuxiliaryHead = true });
        Dictionary<IntPtr, string> names = network.named_parameters().ToDictionary(item => item.parameter.Handle,
            item => item.name);

        ParameterGroups groups = ParameterGroups.Of(network);

        Assert.That(groups.Decayed, Has.Count.EqualTo(33));
        Assert.That(groups.Decayed.Select(p => p.shape),
            Is.All.Matches<long[]>(shape => shape.Length == 4 && shape[1] > 1));
        string[] depthwise = [.. groups.NotDecayed.Where(p => p.dim() > 1).Select(p => names[p.Handle])];
        Assert.That(depthwise, Has.Length.EqualTo(14));
        Assert.That(depthwise, Is.SupersetOf(new[]
        {
            "learning_to_downsample.dsconv1.conv.0.weight",
            "global_feature_extractor.bottleneck3.2.block.1.conv.0.weight",
            "feature_fusion.dwconv.conv.0.weight", "classifier.dsconv2.conv.0.weight",
        }));
        Assert.That(groups.NotDecayed.Where(p => p.dim() == 1).ToArray(), Has.Length.EqualTo(2 * 45 + 4),
            "of 45 norms and 4 biases");
        Assert.That(groups.Decayed.Concat(groups.NotDecayed).Select(p => p.Handle), Is.EquivalentTo(names.Keys));
    }

    [Test]
    public void An_ordinary_convolution_of_one_channel_decays_and_a_module_may_be_a_layer()
    {
        using Convolution ordinary = new(1, 4, 3), grouped = new(4, 4, 3, groups: 2),
            depthwise = new(4, 8, 3, groups: 4);

        Assert.That(ParameterGroups.Of(ordinary).Decayed, Has.Count.EqualTo(1));
        Assert.That(ParameterGroups.Of(grouped).Decayed, Has.Count.EqualTo(1));
        Assert.That(ParameterGroups.Of(depthwise).NotDecayed, Has.Count.EqualTo(1));
    }

    [TestCase(false, 1.0)]
    [TestCase(true, 0.95)]
    public void Without_gradient_SGD_changes_only_what_decays(bool everything, double othersKeep)
    {
        using DisposeScope scope = NewDisposeScope();
        using Sequential module = Layers();
        Dictionary<string, double> before = Sums(module);
        using OptimizerHelper optimizer =
            new SgdSettings { WeightDecay = 0.5, DecayAllParameters = everything }.Create(module, 0.1);

        NoGradient(module);
        optimizer.step();

        Dictionary<string, double> after = Sums(module);
        foreach ((string name, double sum) in before)
            Assert.That(after[name], Is.EqualTo(sum * (name == "0.weight" ? 0.95 : othersKeep)).Within(1e-12), name);
    }

    [Test]
    public void Without_gradient_AdamW_changes_only_what_decays()
    {
        using DisposeScope scope = NewDisposeScope();
        using Sequential module = Layers();
        Dictionary<string, double> before = Sums(module);
        using OptimizerHelper optimizer = new AdamWSettings { WeightDecay = 0.5 }.Create(module, 0.1);

        NoGradient(module);
        optimizer.step();

        Dictionary<string, double> after = Sums(module);
        foreach ((string name, double sum) in before)
            Assert.That(after[name], Is.EqualTo(sum * (name == "0.weight" ? 0.95 : 1)).Within(1e-12), name);
    }

    // torch.optim.AdamW([{'params': [weight]}, {'params': [bias], 'weight_decay': 0}], lr=0.1), three steps
    [Test]
    public void AdamW_by_default_equals_PyTorch()
    {
        using DisposeScope scope = NewDisposeScope();
        using Linear layer = nn.Linear(2, 1).to(ScalarType.Float64);
        using (no_grad())
        {
            layer.weight!.copy_(tensor(new[] { 1.0, -2.0 }, [1, 2]));
            layer.bias!.copy_(tensor(new[] { 3.0 }));
        }
        using OptimizerHelper optimizer = new AdamWSettings().Create(layer, 0.1);

        for (int step = 0; step < 3; step++)
        {
            optimizer.zero_grad();
            (layer.weight!.pow(3).sum() + layer.bias!.square().sum()).backward();
            optimizer.step();
        }

        Assert.That(layer.weight!.data<double>().ToArray(),
            Is.EqualTo(new[] { 0.7015196728668404, -2.2941981615875195 }).Within(1e-14));
        Assert.That(layer.bias!.data<double>().ToArray(), Is.EqualTo(new[] { 2.7003815234507473 }).Within(1e-14));
    }

    [Test]
    public void The_learning_rate_of_every_group_can_be_set()
    {
        using DisposeScope scope = NewDisposeScope();
        using Sequential module = Layers();
        using OptimizerHelper optimizer = new SgdSettings().Create(module, 0.1);

        OptimizerSettings.SetLearningRate(optimizer, 0.025);

        Assert.That(optimizer.ParamGroups.Select(group => group.LearningRate), Is.EqualTo(new[] { 0.025, 0.025 }));
        Assert.That(() => OptimizerSettings.SetLearningRate(optimizer, double.NaN),
            Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Nesterov_looks_ahead()
    {
        using DisposeScope scope = NewDisposeScope();
        using Linear layer = nn.Linear(1, 1).to(ScalarType.Float64);
        double before = layer.bias!.item<double>();
        using OptimizerHelper optimizer = new SgdSettings { Nesterov = true, Momentum = 0.5 }.Create(layer, 0.1);

        (layer.weight!.sum() + 2 * layer.bias!.sum()).backward();
        optimizer.step();

        Assert.That(layer.bias!.item<double>(), Is.EqualTo(before - 0.1 * (2 + 0.5 * 2)).Within(1e-14));
    }

    [Test]
    public void Defaults_are_as_documented()
    {
        Assert.That(new SgdSettings(),
            Is.EqualTo(new SgdSettings
            {
                Momentum = 0.9,
                WeightDecay = 1e-4,
                Nesterov = false,
                DecayAllParameters = false
            }));
        Assert.That(new AdamWSettings(),
            Is.EqualTo(new AdamWSettings
            {
                Beta1 = 0.9,
                Beta2 = 0.999,
                Epsilon = 1e-8,
                WeightDecay = 0.01,
                DecayAllParameters = false
            }));
    }

    [Test]
    public void What_cannot_train_is_refused()
    {
        using Sequential frozen = Layers();
        foreach (Parameter parameter in frozen.parameters())
            parameter.requires_grad = false;

        Assert.That(() => new SgdSettings().Create(frozen, 0.1),
            Throws.ArgumentException.With.Message.Contains("asks for a gradient"));
        Assert.That(() => new SgdSettings { DecayAllParameters = true }.Create(frozen, 0.1),
            Throws.ArgumentException.With.Message.Contains("asks for a gradient"));
        Assert.That(() => new SgdSettings().Create(frozen, -1),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("learningRate is -1"));
        Assert.That(() => new SgdSettings { Momentum = 1 },
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Momentum is 1"));
        Assert.That(() => new SgdSettings { WeightDecay = -1 },
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("WeightDecay is -1"));
        Assert.That(() => new AdamWSettings { Beta1 = 1 },
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Beta1 is 1"));
        Assert.That(() => new AdamWSettings { Beta2 = double.NaN }, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new AdamWSettings { Epsilon = 0 },
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Epsilon is 0"));
    }

    // An ordinary convolution, a depthwise one and a norm, with values that are not 0.
    private static Sequential Layers()
    {
        Sequential module = nn.Sequential(
            new Convolution(2, 2, 1, bias: true), new Convolution(2, 2, 3, groups: 2, bias: true), nn.BatchNorm2d(2))
            .to(ScalarType.Float64);
        using IDisposable noGradients = no_grad();
        foreach (Parameter parameter in module.parameters())
            parameter.fill_(3);
        return module;
    }

    private static Dictionary<string, double> Sums(Sequential module) =>
        module.named_parameters().ToDictionary(item => item.name, item => item.parameter.sum().item<double>());

    // A gradient of 0 everywhere; none at all would make an optimizer leave the parameter out.
    private static void NoGradient(Sequential module)
    {
        Tensor sum = zeros(1, ScalarType.Float64);
        foreach (Parameter parameter in module.parameters())
            sum = sum + 0 * parameter.sum();
        sum.sum().backward();
    }
}
