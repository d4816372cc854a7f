using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace TorchSharp
{
    using Modules;

    public static partial class torch
    {
        public static partial class optim
        {
            public static AdamW AdamW(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                => new AdamW(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static AdamW AdamW(IEnumerable<(string name, Parameter parameter)> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                => new AdamW(parameters.Select(np => np.parameter), lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static AdamW AdamW(IEnumerable<AdamW.ParamGroup> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                => new AdamW(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);
        }
    }

    namespace Modules
    {
        using static torch;

        public class AdamW : OptimizerHelper, optim.IBetas
        {
            public AdamW(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                : this(new[] { new ParamGroup { Parameters = parameters } }, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize)
            {
            }

            public AdamW(IEnumerable<ParamGroup> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
            {
                if (lr < 0) throw new ArgumentException($"Invalid learning rate: {lr}");
                if (eps < 0) throw new ArgumentException($"Invalid ε: {eps}");
                if (beta1 < 0 || beta1 >= 1.0) throw new ArgumentException($"Invalid beta1: {beta1}");
                if (beta2 < 0 || beta2 >= 1.0) throw new ArgumentException($"Invalid beta2: {beta2}");
                if (weight_decay < 0.0) throw new ArgumentException($"Invalid weight_decay value: {weight_decay}");
                _defaults = new Options { LearningRate = lr, InitialLearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay, amsgrad = amsgrad, maximize = maximize };
                _parameter_groups = new List<Modules.ParamGroup>();
                foreach (var group in parameters) add_param_group(group);
            }

            private Options Defaults => (Options)_defaults;

            public (double, double) Betas {
                get => (Defaults.beta1.Value, Defaults.beta2.Value);
                set => (Defaults.beta1, Defaults.beta2) = value;
            }

            public override void add_param_group(Modules.ParamGroup param_group)
            {
                param_group.Options ??= new Options();
                var options = (Options)param_group.Options;
                options.LearningRate ??= Defaults.LearningRate;
                options.beta1 ??= Defaults.beta1;
                options.beta2 ??= Defaults.beta2;
                options.eps ??= Defaults.eps;
                options.weight_decay ??= Defaults.weight_decay;
                options.amsgrad ??= Defaults.amsgrad;
                options.maximize ??= Defaults.maximize;
                AddStates(param_group, parameter => new State(parameter));
            }

            public override Tensor step(Func<Tensor> closure = null) => _step<ParamGroup>(group => {
                var options = group.Options;
                double lr = options.LearningRate.Value, beta1 = options.beta1.Value, beta2 = options.beta2.Value;
                foreach (var parameter in group.Parameters) {
                    var grad = parameter.grad;
                    if (grad is null) continue;
                    if (options.maximize.Value) grad = -grad;
                    var state = (State)_state[parameter.Handle];
                    state.step++;
                    parameter.mul_(1 - lr * options.weight_decay.Value);
                    var correction1 = 1 - Math.Pow(beta1, state.step);
                    var correction2 = 1 - Math.Pow(beta2, state.step);
                    state.exp_avg.mul_(beta1).add_(grad, alpha: 1 - beta1);
                    state.exp_avg_sq.mul_(beta2).addcmul_(grad, grad, value: 1 - beta2);
                    var second = state.exp_avg_sq;
                    if (options.amsgrad.Value) {
                        var before = state.max_exp_avg_sq;
                        second = state.max_exp_avg_sq = maximum(before, second).DetachFromDisposeScope();
                        before.Dispose();
                    }
                    var denominator = (second.sqrt() / Math.Sqrt(correction2)).add_(options.eps.Value);
                    parameter.addcdiv_(state.exp_avg, denominator, value: -lr / correction1);
                }
            }, closure);

            protected override void Dispose(bool disposing)
            {
                base.Dispose(disposing);
                if (!disposing) return;
                foreach (var (_, state) in _state) ((State)state).Dispose();
            }

            public sealed class State : OptimizerState, IDisposable
            {
                public long step;
                public Tensor exp_avg;
                public Tensor exp_avg_sq;
                public Tensor max_exp_avg_sq;

                public State(Parameter parameter) : base(parameter) { }

                public void Dispose()
                {
                    exp_avg?.Dispose();
                    exp_avg_sq?.Dispose();
                    max_exp_avg_sq?.Dispose();
                }

                public override void to(Device device)
                {
                    exp_avg = exp_avg.to(device);
                    exp_avg_sq = exp_avg_sq.to(device);
                    max_exp_avg_sq = max_exp_avg_sq?.to(device);
                }

                public override void LoadStateDict(BinaryReader reader)
                {
                    step = reader.ReadInt64();
                    exp_avg.Load(reader);
                    exp_avg_sq.Load(reader);
                    if (reader.ReadBoolean()) {
                        max_exp_avg_sq ??= zeros_like(exp_avg_sq);
                        max_exp_avg_sq.Load(reader);
                    } else {
                        max_exp_avg_sq?.Dispose();
                        max_exp_avg_sq = null;
                    }
                }

                public override void SaveStateDict(BinaryWriter writer)
                {
                    writer.Write(step);
                    exp_avg.Save(writer);
                    exp_avg_sq.Save(writer);
                    SaveConditionalStateTensor(writer, max_exp_avg_sq);
                }

                public override void LoadStateDict(OptimizerState source)
                {
                    var other = (State)source;
                    Dispose();
                    step = other.step;
                    exp_avg = other.exp_avg.to(_parameter.device, copy: true);
                    exp_avg_sq = other.exp_avg_sq.to(_parameter.device, copy: true);
                    max_exp_avg_sq = other.max_exp_avg_sq?.to(_parameter.device, copy: true);
                }

                public override bool ApproximatelyEquals(OptimizerState other)
                    => other is State state && step == state.step && exp_avg.allclose(state.exp_avg) && exp_avg_sq.allclose(state.exp_avg_sq) &&
                        (max_exp_avg_sq is null || max_exp_avg_sq.allclose(state.max_exp_avg_sq));

                public override void Initialize(OptimizerOptions options)
                {
                    Dispose();
                    step = 0;
                    exp_avg = zeros_like(_parameter).DetachFromDisposeScope();
                    exp_avg_sq = zeros_like(_parameter).DetachFromDisposeScope();
                    max_exp_avg_sq = ((Options)options).amsgrad.Value ? zeros_like(_parameter).DetachFromDisposeScope() : null;
                }
            }

            public class Options : OptimizerOptions
            {
                public double? beta1;
                public double? beta2;
                public double? weight_decay;
                public double? eps;
                public bool? amsgrad;
                public bool? maximize;

                public override void LoadStateDict(OptimizerOptions source)
                {
                    base.LoadStateDict(source);
                    var other = (Options)source;
                    (beta1, beta2, weight_decay, eps, amsgrad, maximize) = (other.beta1, other.beta2, other.weight_decay, other.eps, other.amsgrad, other.maximize);
                }

                public override void LoadStateDict(BinaryReader reader)
                {
                    base.LoadStateDict(reader);
                    beta1 = reader.ReadDouble();
                    beta2 = reader.ReadDouble();
                    eps = reader.ReadDouble();
                    weight_decay = reader.ReadDouble();
                    amsgrad = reader.ReadBoolean();
                    maximize = reader.ReadBoolean();
                }

                public override void SaveStateDict(BinaryWriter writer)
                {
                    base.SaveStateDict(writer);
                    writer.Write(beta1.Value);
                    writer.Write(beta2.Value);
                    writer.Write(eps.Value);
                    writer.Write(weight_decay.Value);
                    writer.Write(amsgrad.Value);
                    writer.Write(maximize.Value);
                }
            }

            public class ParamGroup : ParamGroup<Options>, optim.IBetas
            {
                public ParamGroup() { }

                public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options) { }

                public ParamGroup(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                    : base(parameters, new Options { LearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay, amsgrad = amsgrad, maximize = maximize })
                {
                }

                public (double, double) Betas {
                    get => (Options.beta1.Value, Options.beta2.Value);
                    set => (Options.beta1, Options.beta2) = value;
                }
            }
        }
    }
}
