using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.TorchSharpFacts;

/// <summary>Where TorchSharp's optimizers keep what they remember.</summary>
public class OptimizerStateTests
{
    // Training/Learner.cs makes each step in a scope of its own.
    [Test]
    public void What_an_optimizer_remembers_outlives_the_scope_of_its_step([Values] bool adam)
    {
        Parameter[] parameters = [nn.Parameter(ones(2)), nn.Parameter(ones(3))];
        using OptimizerHelper optimizer = adam ? optim.AdamW(parameters) : optim.SGD(parameters, 0.1, momentum: 0.9);
        using (NewDisposeScope())
            Step(optimizer, parameters);

        Assert.That(optimizer.state_dict().State.SelectMany(Tensors).Select(value => value.IsInvalid),
            Has.All.False.And.Exactly(adam ? 4 : 2).Items);
        DisposeAll(parameters);
    }

    // Training/OptimizerTensors.cs names the states by it.
    [Test]
    public void States_stand_in_the_order_of_the_parameters_over_all_groups([Values] bool adam)
    {
        Parameter[] parameters = [nn.Parameter(ones(2)), nn.Parameter(ones(3)), nn.Parameter(ones(4))];
        using OptimizerHelper optimizer = adam
            ? optim.AdamW([new AdamW.ParamGroup { Parameters = parameters[1..] },
                new AdamW.ParamGroup { Parameters = parameters[..1] }])
            : optim.SGD([new SGD.ParamGroup { Parameters = parameters[1..] },
                new SGD.ParamGroup { Parameters = parameters[..1] }], 0.1, momentum: 0.9);
        Step(optimizer, parameters);

        Assert.That(optimizer.parameters().Select(parameter => parameter.Handle),
            Is.EqualTo(new[] { 1, 2, 0 }.Select(i => parameters[i].Handle)));
        Assert.That(optimizer.state_dict().State.Select(state => Tensors(state).First().numel()),
            Is.EqualTo(new[] { 3, 4, 2 }));
        DisposeAll(parameters);
    }

    // Training/OptimizerTensors.cs restores a training through them.
    [Test]
    public void States_are_the_optimizer_s_own_and_no_copies()
    {
        using Parameter weight = nn.Parameter(ones(1)), other = nn.Parameter(ones(1));
        using OptimizerHelper sgd = optim.SGD([weight], 0.1, momentum: 0.5), adam = optim.AdamW([other], 0.1);
        SGD.State momentum = (SGD.State)sgd.state_dict().State.Single();
        AdamW.State means = (AdamW.State)adam.state_dict().State.Single();
        Assert.That(momentum.momentum_buffer, Is.Null);
        momentum.momentum_buffer = full(1, 4f).DetachFromDisposeScope();
        means.step = 1000;
        means.exp_avg.fill_(4);

        Step(sgd, weight);
        Step(adam, other);

        Assert.That(weight.item<float>(), Is.EqualTo(1 - 0.1 * (0.5 * 4 + 1)).Within(1e-6));
        Assert.That(means.step, Is.EqualTo(1001));
        Assert.That(means.exp_avg.item<float>(), Is.EqualTo(0.9 * 4 + 0.1).Within(1e-6));
    }

    // Training/Optimizers/SgdSettings.cs and AdamWSettings.cs name the weight decay of a group alone.
    [Test]
    public void A_group_takes_what_its_options_leave_open_from_the_optimizer()
    {
        using Parameter weight = nn.Parameter(ones(1)), other = nn.Parameter(ones(1));
        using OptimizerHelper sgd =
            optim.SGD([new SGD.ParamGroup { Parameters = [weight], Options = new SGD.Options { weight_decay = 0.5 } }],
                0.1, 0.9, nesterov: true);
        using OptimizerHelper adam =
            optim.AdamW([new AdamW.ParamGroup
            {
                Parameters = [other],
                Options = new AdamW.Options { weight_decay = 0.5 }
            }], 0.1, 0.8, 0.7, 1e-3);

        SGD.Options first = (SGD.Options)sgd.state_dict().Options.Single();
        AdamW.Options second = (AdamW.Options)adam.state_dict().Options.Single();
        Assert.That((first.LearningRate, first.momentum, first.dampening, first.nesterov, first.weight_decay),
            Is.EqualTo((0.1, 0.9, 0, true, 0.5)));
        Assert.That((second.LearningRate, second.beta1, second.beta2, second.eps, second.weight_decay),
            Is.EqualTo((0.1, 0.8, 0.7, 1e-3, 0.5)));
    }

    // The gradient of every weight is 1.
    private static void Step(OptimizerHelper optimizer, params Parameter[] parameters)
    {
        foreach (Parameter parameter in parameters)
        {
            using Tensor sum = parameter.sum();
            sum.backward();
        }
        optimizer.step();
    }

    private static IEnumerable<Tensor> Tensors(OptimizerState state) => state switch
    {
        SGD.State sgd => [sgd.momentum_buffer!],
        AdamW.State adam => [adam.exp_avg, adam.exp_avg_sq],
        _ => [],
    };

    private static void DisposeAll(Parameter[] parameters)
    {
        foreach (Parameter parameter in parameters)
            parameter.Dispose();
    }
}
