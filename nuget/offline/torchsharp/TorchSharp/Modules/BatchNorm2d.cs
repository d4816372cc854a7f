using System;
using static TorchSharp.torch;

#nullable enable
namespace TorchSharp
{
    using Modules;
    using TorchSharp.Utils;

    namespace Modules
    {
        public abstract class NormBase : nn.Module<Tensor, Tensor>
        {
            [ComponentName(Name = nameof(bias))]
            private Parameter? _bias;
            [ComponentName(Name = nameof(weight))]
            private Parameter? _weight;
            [ComponentName(Name = nameof(running_mean))]
            private Tensor? _running_mean;
            [ComponentName(Name = nameof(running_var))]
            private Tensor? _running_var;
            [ComponentName(Name = nameof(num_batches_tracked))]
            private Tensor? _num_batches_tracked;

            public NormBase(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype, string name) : base(name)
            {
                this.num_features = num_features;
                this.eps = eps;
                this.momentum = momentum;
                this.affine = affine;
                this.track_running_stats = track_running_stats;
                if (affine) {
                    weight = nn.Parameter(empty(num_features, dtype, device));
                    bias = nn.Parameter(empty(num_features, dtype, device));
                }
                if (track_running_stats) {
                    running_mean = zeros(num_features, dtype, device);
                    running_var = ones(num_features, dtype, device);
                    num_batches_tracked = tensor(0L, dtype, device);
                }
                reset_parameters();
            }

            public void reset_running_stats()
            {
                if (!track_running_stats) return;
                nn.init.zeros_(_running_mean);
                nn.init.ones_(_running_var);
                nn.init.zeros_(_num_batches_tracked);
            }

            public void reset_parameters()
            {
                reset_running_stats();
                if (!affine) return;
                nn.init.ones_(_weight);
                nn.init.zeros_(_bias);
            }

            protected abstract void ValidateInputDimensions(Tensor input);

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

            public Tensor? running_mean {
                get => _running_mean;
                set => Set(ref _running_mean, value, nameof(running_mean));
            }

            public Tensor? running_var {
                get => _running_var;
                set => Set(ref _running_var, value, nameof(running_var));
            }

            public Tensor? num_batches_tracked {
                get => _num_batches_tracked;
                set => Set(ref _num_batches_tracked, value, nameof(num_batches_tracked));
            }

            private void Set(ref Tensor? field, Tensor? value, string name)
            {
                field?.Dispose();
                field = value?.DetachFromDisposeScope();
                ConditionallyRegisterBuffer(name, field);
            }

            public long num_features { get; private set; }
            public double eps { get; set; }
            public double? momentum { get; set; }
            public bool affine { get; private set; }
            public bool track_running_stats { get; private set; }
        }

        public abstract class BatchNorm : NormBase
        {
            public BatchNorm(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype, string name)
                : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, name)
            {
            }

            public override Tensor forward(Tensor input)
            {
                ValidateInputDimensions(input);
                var factor = momentum ?? 0.0;
                if (training && track_running_stats && num_batches_tracked is not null) {
                    num_batches_tracked.add_(1);
                    factor = momentum ?? 1.0 / (double)num_batches_tracked;
                }
                var byBatch = training || (running_mean is null && running_var is null);
                var withStatistics = !training || track_running_stats;
                return nn.functional.batch_norm(input, withStatistics ? running_mean : null, withStatistics ? running_var : null, weight, bias, byBatch, factor, eps);
            }
        }

        public sealed class BatchNorm2d : BatchNorm
        {
            internal BatchNorm2d(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
                : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(BatchNorm2d))
            {
            }

            protected override void ValidateInputDimensions(Tensor input)
            {
                if (input.ndim != 4) throw new ArgumentException($"expected 4D input, but got {input.ndim}D input.");
            }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static BatchNorm2d BatchNorm2d(long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true, Device? device = null, ScalarType? dtype = null)
                => new BatchNorm2d(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            public static partial class functional
            {
                public static Tensor batch_norm(Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight = null, Tensor? bias = null, bool training = false, double momentum = 0.1, double eps = 1e-5)
                    => Native.Make(Native.ths_batch_norm(Native.Ref(input), Native.Ref(running_mean!), Native.Ref(running_var!), Native.Ref(weight!), Native.Ref(bias!), training, momentum, eps));
            }
        }
    }
}
