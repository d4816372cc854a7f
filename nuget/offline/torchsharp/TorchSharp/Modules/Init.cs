using System;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static class init
            {
                public enum NonlinearityType
                {
                    Linear = 0,
                    Conv1D = 1,
                    Conv2D = 2,
                    Conv3D = 3,
                    ConvTranspose1D = 4,
                    ConvTranspose2D = 5,
                    ConvTranspose3D = 6,
                    Sigmoid = 7,
                    Tanh = 8,
                    ReLU = 9,
                    LeakyReLU = 10
                }

                public enum FanInOut
                {
                    FanIn = 0,
                    FanOut = 1
                }

                public static double calculate_gain(NonlinearityType nonlinearity, double param = 0.0) => Native.ths_init_gain((long)nonlinearity, param);

                public static Tensor ones_(Tensor tensor)
                {
                    Native.ths_init_ones_(Native.Ref(tensor));
                    return Done(tensor);
                }

                public static Tensor zeros_(Tensor tensor)
                {
                    Native.ths_init_zeros_(Native.Ref(tensor));
                    return Done(tensor);
                }

                public static Tensor constant_(Tensor tensor, Scalar val)
                {
                    Native.ths_init_constant_(Native.Ref(tensor), val.Value);
                    return Done(tensor);
                }

                public static Tensor uniform_(Tensor tensor, double low = 0, double high = 1, Generator generator = null)
                {
                    Native.ths_init_uniform_(Native.Ref(tensor), low, high);
                    return Done(tensor);
                }

                public static Tensor normal_(Tensor tensor, double mean = 0, double std = 1, Generator generator = null)
                {
                    Native.ths_init_normal_(Native.Ref(tensor), mean, std);
                    return Done(tensor);
                }

                public static Tensor kaiming_uniform_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU)
                {
                    Native.ths_init_kaiming_uniform_(Native.Ref(tensor), a, (long)mode, (long)nonlinearity);
                    return Done(tensor);
                }

                public static Tensor kaiming_normal_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU)
                {
                    Native.ths_init_kaiming_normal_(Native.Ref(tensor), a, (long)mode, (long)nonlinearity);
                    return Done(tensor);
                }

                public static Tensor xavier_uniform_(Tensor tensor, double gain = 1.0)
                {
                    Native.ths_init_xavier_uniform_(Native.Ref(tensor), gain);
                    return Done(tensor);
                }

                public static (long fanIn, long fanOut) CalculateFanInAndFanOut(Tensor tensor)
                {
                    var shape = tensor.shape;
                    if (shape.Length < 2)
                        throw new ArgumentException("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions");
                    var field = 1L;
                    for (var d = 2; d < shape.Length; d++) field *= shape[d];
                    return (shape[1] * field, shape[0] * field);
                }

                private static Tensor Done(Tensor tensor)
                {
                    CheckForErrors();
                    return tensor;
                }
            }

#nullable enable
            public static partial class utils
            {
                public static unsafe double clip_grad_norm_(System.Collections.Generic.IEnumerable<Modules.Parameter> tensors, double max_norm, double norm_type = 2.0)
                {
                    var all = System.Linq.Enumerable.ToArray(tensors);
                    fixed (IntPtr* p = System.Linq.Enumerable.ToArray(System.Linq.Enumerable.Select(all, t => t.Handle))) {
                        var norm = Native.ths_clip_grad_norm_(p, all.Length, max_norm, norm_type);
                        GC.KeepAlive(all);
                        CheckForErrors();
                        return norm;
                    }
                }
            }
        }
    }
}
