using System;
using System.Runtime.InteropServices;

#nullable enable
namespace TorchSharp
{
    public static partial class torch
    {
        public class Generator : IDisposable
        {
            public IntPtr Handle { get; private set; }

            public Device device { get; private set; }

            public Tensor get_state() => Native.Make(Native.ths_generator_get_state(Native.Ref(this)));

            public void set_state(Tensor value)
            {
                Native.ths_generator_set_state(Native.Ref(this), Native.Ref(value));
                CheckForErrors();
            }

            public Generator manual_seed(long seed)
            {
                Native.ths_generator_seed(Native.Ref(this), seed);
                return this;
            }

            public long seed()
            {
                long seed = DateTime.UtcNow.Ticks;
                Native.ths_generator_seed(Native.Ref(this), seed);
                return seed;
            }

            internal Generator(IntPtr nativeHandle)
            {
                Handle = nativeHandle;
                device = CPU;
            }

            public Generator(ulong seed = 0, Device? device = null)
            {
                this.device = InitializeDevice(device);
                Handle = Native.ths_generator_new(seed);
                if (Handle == IntPtr.Zero) CheckForErrors();
            }

            public static Generator Default {
                get {
                    InitializeDeviceType(DeviceType.CPU);
                    return new Generator(Native.ths_generator_default());
                }
            }

            public long initial_seed() => Native.ths_generator_initial_seed(Native.Ref(this));

            protected virtual void Dispose(bool disposing)
            {
                if (Handle == IntPtr.Zero) return;
                Native.ths_generator_dispose(Handle);
                Handle = IntPtr.Zero;
            }

            ~Generator() => Dispose(disposing: false);

            public void Dispose()
            {
                Dispose(disposing: true);
                GC.SuppressFinalize(this);
            }
        }

        public static partial class random
        {
            public static long seed() => Generator.Default.seed();

            public static long initial_seed() => Generator.Default.initial_seed();

            public static Generator manual_seed(long seed)
            {
                TryInitializeDeviceType(DeviceType.CUDA);
                Native.ths_manual_seed(seed);
                CheckForErrors();
                return Generator.Default;
            }

            public static Tensor get_rng_state() => Generator.Default.get_state();

            public static void set_rng_state(Tensor new_state) => Generator.Default.set_state(new_state);
        }

        public static long seed() => random.seed();

        public static Generator manual_seed(long seed) => random.manual_seed(seed);

        public static long initial_seed() => random.initial_seed();

        public static Tensor get_rng_state() => random.get_rng_state();

        public static void set_rng_state(Tensor new_state) => random.set_rng_state(new_state);
    }
}
