using System;
using System.Linq;
using static TorchSharp.torch;

#nullable enable
namespace TorchSharp
{
    using Modules;
    using TorchSharp.Utils;

    public enum PaddingModes
    {
        Zeros = 0,
        Reflect = 1,
        Replicate = 2,
        Circular = 3,
        Constant = 4,
    }

    public enum Padding
    {
        Valid = 0,
        Same = 1
    }

    namespace Modules
    {
        public abstract class Convolution : nn.Module<Tensor, Tensor>
        {
            [ComponentName(Name = nameof(weight))]
            protected Parameter? _weight;
            [ComponentName(Name = nameof(bias))]
            protected Parameter? _bias;

            // What pad() takes: last dimension first, each amount twice.
            protected long[] _reversed_padding_repeated_twice = Array.Empty<long>();

            private protected Convolution(string name, long in_channels, long out_channels, long[] kernel_size, long[] stride, long[]? padding, Padding? padding_type, long[] dilation, long groups, bool bias, PaddingModes padding_mode, Device? device, ScalarType? dtype) : base(name)
            {
                this.in_channels = in_channels;
                this.out_channels = out_channels;
                this.kernel_size = kernel_size;
                this.stride = stride;
                this.dilation = dilation;
                this.groups = groups;
                this.padding_mode = padding_mode;
                this.padding = padding;
                this.padding_type = padding_type;
                if (padding is not null) {
                    _reversed_padding_repeated_twice = padding.Reverse().SelectMany(p => new[] { p, p }).ToArray();
                } else {
                    if (padding_type == Padding.Same && stride.Any(s => s != 1))
                        throw new ArgumentException("padding='same' is not supported for strided convolutions");
                    _reversed_padding_repeated_twice = Enumerable.Range(0, kernel_size.Length).Reverse().SelectMany(d => {
                        var total = padding_type == Padding.Same ? dilation[d] * (kernel_size[d] - 1) : 0;
                        return new[] { total / 2, total - total / 2 };
                    }).ToArray();
                }
                weight = nn.Parameter(empty(new[] { out_channels, in_channels / groups }.Concat(kernel_size).ToArray(), device: device, dtype: dtype));
                if (bias) this.bias = nn.Parameter(empty(out_channels, device: device, dtype: dtype));
                reset_parameters();
            }

            public void reset_parameters()
            {
                nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
                if (bias is null) return;
                var (fanIn, _) = nn.init.CalculateFanInAndFanOut(weight);
                if (fanIn == 0) return;
                var bound = 1 / Math.Sqrt(fanIn);
                nn.init.uniform_(bias, -bound, bound);
            }

            protected bool ValidateShape(Tensor input, long dimensions)
            {
                var shape = input.shape;
                return (shape.Length == dimensions + 2 && shape[1] == in_channels) || (shape.Length == dimensions + 1 && shape[0] == in_channels);
            }

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

            public long in_channels { get; }
            public long out_channels { get; }
            public Padding? padding_type { get; private set; }
            public long[]? padding { get; private set; }
            public PaddingModes padding_mode { get; set; }
            public long groups { get; set; }
            public long[] kernel_size { get; set; }
            public long[] stride { get; set; }
            public long[] dilation { get; set; }
        }

        public sealed class Conv2d : Convolution
        {
            internal Conv2d(long in_channels, long out_channels, (long, long) kernel_size, (long, long) stride, (long, long)? padding, Padding? padding_type, (long, long) dilation, long groups, bool bias, PaddingModes padding_mode, Device? device, ScalarType? dtype)
                : base(nameof(Conv2d), in_channels, out_channels, Two(kernel_size), Two(stride), padding.HasValue ? Two(padding.Value) : null, padding_type, Two(dilation), groups, bias, padding_mode, device, dtype)
            {
            }

            private static long[] Two((long, long) pair) => new[] { pair.Item1, pair.Item2 };

            public override Tensor forward(Tensor input)
            {
                if (!ValidateShape(input, 2))
                    throw new ArgumentException($"Expected 3D (unbatched) or 4D (batched) input with {in_channels} channels to Conv2d.");
                if (padding_mode != PaddingModes.Zeros) {
                    using var padded = nn.functional.pad(input, _reversed_padding_repeated_twice, padding_mode);
                    return nn.functional.conv2d(padded, weight, bias, stride, new[] { 0L, 0L }, dilation, groups);
                }
                return padding_type.HasValue
                    ? nn.functional.conv2d_padding(input, weight, bias, stride, padding_type.Value, dilation, groups)
                    : nn.functional.conv2d(input, weight, bias, stride, padding, dilation, groups);
            }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Conv2d Conv2d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null)
                => new Conv2d(in_channels, out_channels, (kernel_size, kernel_size), (stride, stride), (padding, padding), null, (dilation, dilation), groups, bias, padding_mode, device, dtype);

            public static Conv2d Conv2d(long in_channels, long out_channels, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null)
                => new Conv2d(in_channels, out_channels, kernel_size, stride ?? (1, 1), padding ?? (0, 0), null, dilation ?? (1, 1), groups, bias, padding_mode, device, dtype);

            public static Conv2d Conv2d(long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null)
                => new Conv2d(in_channels, out_channels, (kernel_size, kernel_size), (stride, stride), null, padding, (dilation, dilation), groups, bias, padding_mode, device, dtype);

            public static Conv2d Conv2d(long in_channels, long out_channels, (long, long) kernel_size, Padding padding, (long, long)? stride = null, (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null)
                => new Conv2d(in_channels, out_channels, kernel_size, stride ?? (1, 1), null, padding, dilation ?? (1, 1), groups, bias, padding_mode, device, dtype);

            public static partial class functional
            {
                private static readonly long[] one = { 1 }, zero = { 0 };

                public static unsafe Tensor conv2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1)
                {
                    strides ??= one;
                    padding ??= zero;
                    dilation ??= one;
                    fixed (long* ps = strides, pp = padding, pd = dilation)
                        return Native.Make(Native.ths_conv2d(Native.Ref(input), Native.Ref(weight), Native.Ref(bias!), ps, strides.Length, pp, padding.Length, pd, dilation.Length, groups));
                }

                public static unsafe Tensor conv2d_padding(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, Padding padding = Padding.Valid, long[]? dilation = null, long groups = 1)
                {
                    strides ??= one;
                    dilation ??= one;
                    fixed (long* ps = strides, pd = dilation)
                        return Native.Make(Native.ths_conv2d_padding(Native.Ref(input), Native.Ref(weight), Native.Ref(bias!), ps, strides.Length, (int)padding, pd, dilation.Length, groups));
                }
            }
        }
    }
}
