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
            public static SGD SGD(IEnumerable<Parameter> parameters, double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
                => new SGD(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            public static SGD SGD(IEnumerable<(string name, Parameter parameter)> parameters, double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
                => new SGD(parameters.Select(np => np.parameter), learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            public static SGD SGD(IEnumerable<SGD.ParamGroup> parameters, double learningRate, double momentum = 0.0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
                => new SGD(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);
        }
    }

    namespace Modules
    {
        using static torch;

        public class SGD : OptimizerHelper, optim.IMomentum
        {
            public SGD(IEnumerable<Parameter> parameters, double lr, double momentum = 0.0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
                : this(new[] { new ParamGroup { Parameters = parameters } }, lr, momentum, dampening, weight_decay, nesterov, maximize)
            {
            }

            public SGD(IEnumerable<ParamGroup> parameters, double lr, double momentum = 0.0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
            {
                if (lr < 0.0) throw new ArgumentException($"Invalid learning rate: {lr}");
                if (momentum < 0.0) throw new ArgumentException($"Invalid momentum value: {momentum}");
                if (weight_decay < 0.0) throw new ArgumentException($"Invalid weight_decay value: {weight_decay}");
                if (nesterov && (momentum <= 0 || dampening != 0)) throw new ArgumentException("Nesterov momentum requires a momentum and zero dampening");
                _defaults = new Options { LearningRate = lr, InitialLearningRate = lr, momentum = momentum, dampening = dampening, weight_decay = weight_decay, nesterov = nesterov, maximize = maximize };
                _parameter_groups = new List<Modules.ParamGroup>();
                foreach (var group in parameters) add_param_group(group);
            }

            private Options Defaults => (Options)_defaults;

            public double Momentum { get => Defaults.momentum.Value; set => Defaults.momentum = value; }

            public override void add_param_group(Modules.ParamGroup param_group)
            {
                param_group.Options ??= new Options();
                var options = (Options)param_group.Options;
                options.LearningRate ??= Defaults.LearningRate;
                options.momentum ??= Defaults.momentum;
                options.dampening ??= Defaults.dampening;
                options.weight_decay ??= Defaults.weight_decay;
                options.nesterov ??= Defaults.nesterov;
                options.maximize ??= Defaults.maximize;
                AddStates(param_group, parameter => new State(parameter));
            }

            public override Tensor step(Func<Tensor> closure = null) => _step<ParamGroup>(group => {
                var options = group.Options;
                double lr = options.LearningRate.Value, momentum = options.momentum.Value, decay = options.weight_decay.Value;
                foreach (var parameter in group.Parameters) {
                    var grad = parameter.grad;
                    if (grad is null) continue;
                    if (decay != 0) grad = grad.add(parameter, alpha: decay);
                    if (momentum != 0) {
                        var state = (State)_state[parameter.Handle];
                        if (state.momentum_buffer is null)
                            state.momentum_buffer = grad.clone().detach().DetachFromDisposeScope();
                        else
                            state.momentum_buffer.mul_(momentum).add_(grad, alpha: 1 - options.dampening.Value);
                        grad = options.nesterov.Value ? grad.add(state.momentum_buffer, alpha: momentum) : state.momentum_buffer;
                    }
                    parameter.add_(grad, alpha: options.maximize.Value ? lr : -lr);
                }
            }, closure);

            protected override void Dispose(bool disposing)
            {
                base.Dispose(disposing);
                if (!disposing) return;
                foreach (var (_, state) in _state) ((State)state).Dispose();
                _state.Clear();
            }

            public sealed class State : OptimizerState, IDisposable
            {
                public Tensor momentum_buffer;

                public State(Parameter parameter) : base(parameter) { }

                public void Dispose() => momentum_buffer?.Dispose();

                public override void to(Device device) => momentum_buffer = momentum_buffer?.to(device);

                public override void LoadStateDict(BinaryReader reader) => LoadConditionalStateTensor(reader, ref momentum_buffer, _parameter.device);

                public override void SaveStateDict(BinaryWriter writer) => SaveConditionalStateTensor(writer, momentum_buffer);

                public override void LoadStateDict(OptimizerState source)
                {
                    momentum_buffer?.Dispose();
                    momentum_buffer = ((State)source).momentum_buffer.to(_parameter.device, copy: true);
                }

                public override bool ApproximatelyEquals(OptimizerState other)
                    => other is State state && (momentum_buffer is null || momentum_buffer.allclose(state.momentum_buffer));

                public override void Initialize(OptimizerOptions options)
                {
                    momentum_buffer?.Dispose();
                    momentum_buffer = null;
                }
            }

            public class Options : OptimizerOptions
            {
                public double? momentum;
                public double? dampening;
                public double? weight_decay;
                public bool? nesterov;
                public bool? maximize;

                public override void LoadStateDict(BinaryReader reader)
                {
                    base.LoadStateDict(reader);
                    momentum = reader.ReadDouble();
                    dampening = reader.ReadDouble();
                    weight_decay = reader.ReadDouble();
                    nesterov = reader.ReadBoolean();
                    maximize = reader.ReadBoolean();
                }

                public override void LoadStateDict(OptimizerOptions source)
                {
                    base.LoadStateDict(source);
                    var other = (Options)source;
                    (momentum, dampening, weight_decay, nesterov, maximize) = (other.momentum, other.dampening, other.weight_decay, other.nesterov, other.maximize);
                }

                public override void SaveStateDict(BinaryWriter writer)
                {
                    base.SaveStateDict(writer);
                    writer.Write(momentum.Value);
                    writer.Write(dampening.Value);
                    writer.Write(weight_decay.Value);
                    writer.Write(nesterov.Value);
                    writer.Write(maximize.Value);
                }
            }

            public class ParamGroup : ParamGroup<Options>, optim.IMomentum
            {
                public ParamGroup() { }

                public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options) { }

                public ParamGroup(IEnumerable<Parameter> parameters, double lr = 1e-3, double momentum = 0.0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
                    : base(parameters, new Options { LearningRate = lr, momentum = momentum, dampening = dampening, weight_decay = weight_decay, nesterov = nesterov, maximize = maximize })
                {
                }

                public double Momentum { get => Options.momentum.Value; set => Options.momentum = value; }
            }
        }
    }
}
