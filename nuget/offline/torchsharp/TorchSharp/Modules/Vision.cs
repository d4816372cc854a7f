#nullable enable
using System;

namespace TorchSharp
{
    public static partial class torch
    {
        public enum InterpolationMode
        {
            Nearest = 0,
            Linear = 1,
            Bilinear = 2,
            Bicubic = 3,
            Trilinear = 4,
            Area = 5,
            NearestExact = 6
        }

        public static partial class nn
        {
            public static partial class functional
            {
                public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => functional.pad(input, (ReadOnlySpan<long>)pad, mode, value);

                public static unsafe Tensor pad(Tensor input, ReadOnlySpan<long> pad, PaddingModes mode = PaddingModes.Constant, double value = 0)
                {
                    fixed (long* p = pad) return Native.Make(Native.ths_pad(Native.Ref(input), p, pad.Length, (int)mode, value));
                }

                public static Tensor pad(Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0)
                    => functional.pad(input, stackalloc[] { pad.Item1, pad.Item2, pad.Item3, pad.Item4 }, mode, value);

                public static unsafe Tensor interpolate(Tensor x, long[]? size = null, double[]? scale_factor = null, InterpolationMode mode = InterpolationMode.Nearest, bool? align_corners = null, bool recompute_scale_factor = false, bool antialias = false)
                {
                    var align = align_corners is null ? 0 : align_corners.Value ? 1 : 2;
                    fixed (long* ps = size)
                    fixed (double* pf = scale_factor)
                        return Native.Make(Native.ths_interpolate(Native.Ref(x), ps, size?.Length ?? 0, pf, scale_factor?.Length ?? 0, (int)mode, align, recompute_scale_factor, antialias));
                }
            }
        }
    }
}
