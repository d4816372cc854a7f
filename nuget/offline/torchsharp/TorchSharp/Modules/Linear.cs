using System;
using static TorchSharp.torch;

#nullable enable
namespace TorchSharp
{
    using Modules;
    using TorchSharp.Utils;

    namespace Modules
    {
        public sealed class Linear : nn.Module<Tensor, Tensor>
        {
            [ComponentName(Name = nameof(weight))]
            private Parameter? _weight;
            [ComponentName(Name = nameof(bias))]
            private Parameter? _bias;

            internal Linear(long inputSize, long outputSize, bool hasBias, Device? device, ScalarType? dtype) : base(nameof(Linear))
            {
                in_features = inputSize;
                out_features = outputSize;
                weight = nn.Parameter(empty(outputSize, inputSize, device: device, dtype: dtype));
                nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
                if (!hasBias) return;
                bias = nn.Parameter(empty(outputSize, device: device, dtype: dtype));
                var bound = inputSize > 0 ? 1 / Math.Sqrt(inputSize) : 0;
                nn.init.uniform_(bias, -bound, bound);
            }

            public override Tensor forward(Tensor tensor) => nn.functional.linear(tensor, weight, bias);

            public Parameter? bias {
                get => _bias;
                set {
                    _bias?.Dispose();
                    _bias = value?.DetachFromDisposeScope() as Parameter;
                    ConditionallyRegisterParameter(nameof(bias), _bias);
                }
            }

            public Parameter weight {
                get => _weight!;
                set {
                    if (value.Handle == _weight?.Handle) return;
                    _weight?.Dispose();
                    _weight = (value.DetachFromDisposeScope() as Parameter)!;
                    ConditionallyRegisterParameter(nameof(weight), _weight);
                }
            }

            public long in_features { get; set; }
            public long out_features { get; set; }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Linear Linear(long inputSize, long outputSize, bool hasBias = true, Device? device = null, ScalarType? dtype = null)
                => new Linear(inputSize, outputSize, hasBias, device, dtype);

            public static partial class functional
            {
                public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => Native.Make(Native.ths_linear(Native.Ref(input), Native.Ref(weights), Native.Ref(bias!)));
            }
        }
    }
}
