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
            public abstract partial class Optimizer : IDisposable
            {
                protected IList<ParamGroup> _parameter_groups;

                ~Optimizer() => Dispose(false);

                public void Dispose()
                {
                    Dispose(true);
                    GC.SuppressFinalize(this);
                }

                protected virtual void Dispose(bool disposing) { }

                public abstract void zero_grad();

                public virtual void add_param_group(ParamGroup param_group) => _parameter_groups.Add(param_group);

                public abstract Tensor step(Func<Tensor> closure = null);

                public virtual IEnumerable<Parameter> parameters() => _parameter_groups.SelectMany(group => group.Parameters);

                public virtual IEnumerable<ILearningRateController> ParamGroups => _parameter_groups;

                public class StateDictionary
                {
                    internal StateDictionary() { }

                    public List<OptimizerOptions> Options { get; } = new List<OptimizerOptions>();

                    public List<OptimizerState> State { get; } = new List<OptimizerState>();

                    public List<List<int>> StateIndexRef { get; } = new List<List<int>>();
                }
            }

            public interface ILearningRateController
            {
                double LearningRate { set; get; }

                double InitialLearningRate { set; get; }
            }

            public interface IMomentum
            {
                double Momentum { get; set; }
            }

            public interface IBetas
            {
                (double, double) Betas { get; set; }
            }
        }
    }

    namespace Modules
    {
        using static torch;

        public abstract class OptimizerHelper : optim.Optimizer
        {
            protected OptimizerOptions _defaults;

            // The key is the parameter's native handle, so a module must be on its device before its optimizer is made.
            protected Utils.OrderedDict<IntPtr, OptimizerState> _state = new Utils.OrderedDict<IntPtr, OptimizerState>();

            public void save_state_dict(string location)
            {
                using var writer = new BinaryWriter(File.Create(location));
                save_state_dict(writer);
            }

            public void load_state_dict(string location)
            {
                using var reader = new BinaryReader(File.OpenRead(location));
                load_state_dict(reader);
            }

            public void save_state_dict(BinaryWriter writer)
            {
                var state = state_dict();
                writer.Write(GetType().Name);
                writer.Encode(state.Options.Count);
                writer.Encode(state.State.Count);
                foreach (var options in state.Options) options.SaveStateDict(writer);
                foreach (var item in state.State) item.SaveStateDict(writer);
            }

            public void load_state_dict(BinaryReader reader)
            {
                var name = reader.ReadString();
                if (name != GetType().Name)
                    throw new InvalidDataException($"Mismatched optimizer type: expected '{GetType().Name}', but found '{name}' in the loaded stream.");
                var state = state_dict();
                Compare(state, reader.Decode(), reader.Decode());
                foreach (var options in state.Options) options.LoadStateDict(reader);
                foreach (var item in state.State) item.LoadStateDict(reader);
            }

            public virtual void load_state_dict(StateDictionary state_dict)
            {
                var own = this.state_dict();
                Compare(own, state_dict.Options.Count, state_dict.State.Count);
                foreach (var (mine, other) in own.Options.Zip(state_dict.Options))
                    if (mine != other) mine.LoadStateDict(other);
                foreach (var (mine, other) in own.State.Zip(state_dict.State))
                    if (mine != other) mine.LoadStateDict(other);
            }

            private static void Compare(StateDictionary own, long groups, long states)
            {
                if (groups != own.Options.Count) throw new ArgumentException("Invalid optimizer state -- different number of parameter groups.");
                if (states != own.State.Count) throw new ArgumentException("Invalid optimizer state -- different number of states.");
            }

            public virtual StateDictionary state_dict()
            {
                var result = new StateDictionary();
                foreach (var group in _parameter_groups) {
                    result.Options.Add(group.Options);
                    var indexes = new List<int>();
                    result.StateIndexRef.Add(indexes);
                    foreach (var parameter in group.Parameters) {
                        indexes.Add(result.State.Count);
                        result.State.Add(_state[parameter.Handle]);
                    }
                }
                return result;
            }

            public void to(Device device)
            {
                foreach (var parameter in parameters()) _state[parameter.Handle].to(device);
            }

            public override void zero_grad()
            {
                foreach (var parameter in parameters()) {
                    using var grad = parameter.grad;
                    _ = grad?.zero_();
                }
            }

            protected Tensor _step<T>(Action<T> body, Func<Tensor> loss_closure = null) where T : ParamGroup
            {
                Tensor loss = null;
                if (loss_closure != null) {
                    using var _ = enable_grad();
                    loss = loss_closure();
                }
                using (no_grad())
                using (NewDisposeScope())
                    foreach (var group in _parameter_groups) body(group as T);
                return loss;
            }

            private protected void AddStates(ParamGroup group, Func<Parameter, OptimizerState> create)
            {
                group.Options.InitialLearningRate = group.Options.LearningRate.Value;
                _parameter_groups.Add(group);
                foreach (var parameter in group.Parameters) {
                    var state = create(parameter);
                    _state[parameter.Handle] = state;
                    state.Initialize(group.Options);
                }
            }
        }

        public class OptimizerOptions
        {
            public double? LearningRate { get; set; }
            public double InitialLearningRate { get; set; }

            public virtual void SaveStateDict(BinaryWriter writer)
            {
                writer.Write(InitialLearningRate);
                writer.Write(LearningRate.Value);
            }

            public virtual void LoadStateDict(BinaryReader reader)
            {
                InitialLearningRate = reader.ReadDouble();
                LearningRate = reader.ReadDouble();
            }

            public virtual void LoadStateDict(OptimizerOptions source)
            {
                InitialLearningRate = source.InitialLearningRate;
                LearningRate = source.LearningRate;
            }
        }

        public abstract class OptimizerState
        {
            protected Parameter _parameter;

            protected OptimizerState(Parameter parameter) => _parameter = parameter;

            public abstract void SaveStateDict(BinaryWriter writer);

            public abstract void LoadStateDict(BinaryReader reader);

            public abstract void LoadStateDict(OptimizerState source);

            public virtual bool ApproximatelyEquals(OptimizerState other) => false;

            public abstract void Initialize(OptimizerOptions options);

            public virtual void to(Device device) { }

            protected static void LoadConditionalStateTensor(BinaryReader reader, ref Tensor result, Device device)
            {
                if (reader.ReadBoolean()) {
                    TensorExtensionMethods.Load(ref result, reader);
                    result = result.to(device, disposeAfter: true);
                } else {
                    result?.Dispose();
                    result = null;
                }
            }

            protected static void SaveConditionalStateTensor(BinaryWriter writer, Tensor tensor)
            {
                writer.Write(tensor is not null);
                tensor?.Save(writer);
            }
        }

        public class ParamGroup : optim.ILearningRateController
        {
            public IEnumerable<Parameter> Parameters { get; set; }

            public OptimizerOptions Options { get; set; }

            public double LearningRate { get => Options.LearningRate.Value; set => Options.LearningRate = value; }
            public double InitialLearningRate { get => Options.InitialLearningRate; set => Options.InitialLearningRate = value; }
        }

        public class ParamGroup<TOptions> : ParamGroup where TOptions : OptimizerOptions
        {
            public ParamGroup() { }

            public ParamGroup(IEnumerable<Parameter> parameters, TOptions options = null)
            {
                Parameters = parameters;
                base.Options = options;
            }

            public new TOptions Options { get => (TOptions)base.Options; set => base.Options = value; }
        }
    }
}
