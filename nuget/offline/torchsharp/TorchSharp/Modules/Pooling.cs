using static TorchSharp.torch;

namespace TorchSharp
{
    using Modules;

    namespace Modules
    {
        public sealed class AdaptiveAvgPool2d : ParameterLessModule<Tensor, Tensor>
        {
            internal AdaptiveAvgPool2d(long[] output_size) : base(nameof(AdaptiveAvgPool2d)) => this.output_size = output_size;

            public override Tensor forward(Tensor input) => nn.functional.adaptive_avg_pool2d(input, output_size);

            public long[] output_size { get; set; }
        }

        public sealed class AvgPool2d : ParameterLessModule<Tensor, Tensor>
        {
            internal AvgPool2d(long[] kernel_size, long[] stride, long[] padding, bool ceil_mode, bool count_include_pad, long? divisor_override) : base(nameof(AvgPool2d))
            {
                this.kernel_size = kernel_size;
                this.stride = stride;
                this.padding = padding;
                this.ceil_mode = ceil_mode;
                this.count_include_pad = count_include_pad;
                this.divisor_override = divisor_override;
            }

            public override Tensor forward(Tensor input) => nn.functional.avg_pool2d(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override);

            public long[] kernel_size { get; set; }
            public long[] stride { get; set; }
            public long[] padding { get; set; }
            public bool ceil_mode { get; set; }
            public bool count_include_pad { get; set; }
            public long? divisor_override { get; set; }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static AdaptiveAvgPool2d AdaptiveAvgPool2d(long[] output_size) => new AdaptiveAvgPool2d(output_size);

            public static AdaptiveAvgPool2d AdaptiveAvgPool2d((long, long) output_size) => new AdaptiveAvgPool2d(new[] { output_size.Item1, output_size.Item2 });

            public static AdaptiveAvgPool2d AdaptiveAvgPool2d(long output_size) => new AdaptiveAvgPool2d(new[] { output_size, output_size });

            public static AvgPool2d AvgPool2d(long[] kernel_size, long[] stride = null, long[] padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null)
                => new AvgPool2d(kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override);

            public static AvgPool2d AvgPool2d(long kernel_size, long? stride = null, long? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null)
                => new AvgPool2d(new[] { kernel_size, kernel_size }, stride is { } s ? new[] { s, s } : null, padding is { } p ? new[] { p, p } : null, ceil_mode, count_include_pad, divisor_override);

            public static partial class functional
            {
                public static unsafe Tensor adaptive_avg_pool2d(Tensor input, long[] output_size)
                {
                    fixed (long* p = output_size) return Native.Make(Native.ths_adaptive_avg_pool2d(Native.Ref(input), p, output_size.Length));
                }

                public static Tensor adaptive_avg_pool2d(Tensor input, (long, long) output_size) => adaptive_avg_pool2d(input, new[] { output_size.Item1, output_size.Item2 });

                public static Tensor adaptive_avg_pool2d(Tensor input, long output_size) => adaptive_avg_pool2d(input, new[] { output_size, output_size });

                public static unsafe Tensor avg_pool2d(Tensor input, long[] kernel_size, long[] stride = null, long[] padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null)
                {
                    stride ??= kernel_size;
                    padding ??= zero;
                    fixed (long* pk = kernel_size, ps = stride, pp = padding)
                        return Native.Make(Native.ths_avg_pool2d(Native.Ref(input), pk, kernel_size.Length, ps, stride.Length, pp, padding.Length, ceil_mode, count_include_pad, divisor_override ?? 0));
                }

                public static Tensor avg_pool2d(Tensor input, long kernel_size, long? stride = null, long padding = 0, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null)
                {
                    var step = stride ?? kernel_size;
                    return avg_pool2d(input, new[] { kernel_size, kernel_size }, new[] { step, step }, new[] { padding, padding }, ceil_mode, count_include_pad, divisor_override);
                }
            }
        }
    }
}
