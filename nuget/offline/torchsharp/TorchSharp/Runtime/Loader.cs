using System;
using System.Runtime.InteropServices;

#nullable enable
namespace TorchSharp
{
    public enum DeviceType
    {
        CPU = 0,
        CUDA = 1,
        MKLDNN = 2,
        OPENGL = 3,
        OPENCL = 4,
        IDEEP = 5,
        HIP = 6,
        FPGA = 7,
        MSNPU = 8,
        XLA = 9,
        MPS = 13,
        META = 14,
    }

    /// <summary>Loads the shim once. Apart from torch, whose own static fields already need it.</summary>
    internal static class Loader
    {
        private static readonly object loadLock = new object();
        private static volatile bool loaded;

        [DllImport("libc")] private static extern int setenv(string name, string value, int overwrite);

        public static void Load()
        {
            if (loaded) return;
            lock (loadLock) {
                if (loaded) return;
                // OpenMP reads this when it is loaded, and not from .NET's copy of the environment. Its spinning
                // threads would take the processors from the other threads of a busy machine.
                _ = setenv("OMP_WAIT_POLICY", "PASSIVE", 0);
                try {
                    NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, null);
                } catch (Exception e) when (e is DllNotFoundException or BadImageFormatException) {
                    var message = "This application or script uses TorchSharp but doesn't contain a reference to libtorch-cpu-linux-x64, Version=2.10.0.0.\n\n" +
                        "Consider referencing one of the combination packages TorchSharp-cpu, TorchSharp-cuda-linux, TorchSharp-cuda-windows " +
                        $"(this is the offline subset: it needs TorchSharp-cpu of the same feed, and Debian's libtorch and OpenBLAS).\n\nTrace from LoadNativeBackend:\n{e.Message}";
                    Console.WriteLine(message);
                    throw new NotSupportedException(message);
                }
                loaded = true;
            }
        }
    }

    public static partial class torch
    {
        public static string __version__ => "2.10.0.0";

        public static bool TryInitializeDeviceType(DeviceType deviceType)
        {
            if (deviceType == DeviceType.MPS) return false;
            Loader.Load();
            return deviceType != DeviceType.CUDA || Native.ths_cuda_is_available();
        }

        public static void InitializeDeviceType(DeviceType deviceType)
        {
            if (deviceType == DeviceType.MPS)
                throw new InvalidOperationException("Torch device type 'MPS' is not available on this platform.");
            Loader.Load();
            if (deviceType == DeviceType.CUDA && !Native.ths_cuda_is_available())
                throw new InvalidOperationException($"Torch device type {deviceType} did not initialise on the current machine. Trace from LoadNativeBackend:\n");
        }

        public static Device InitializeDevice(Device? device)
        {
            device ??= get_default_device();
            InitializeDeviceType(device.type);
            return device;
        }

        public static void CheckForErrors()
        {
            var error = Native.ths_last_error();
            if (error != IntPtr.Zero) throw new ExternalException(Marshal.PtrToStringUTF8(error));
        }

        public static bool cuda_is_available() => cuda.is_available();

        public static partial class cuda
        {
            public static bool is_available() => TryInitializeDeviceType(DeviceType.CUDA);

            public static bool is_cudnn_available()
            {
                TryInitializeDeviceType(DeviceType.CUDA);
                return Native.ths_cudnn_is_available();
            }

            public static int device_count()
            {
                TryInitializeDeviceType(DeviceType.CUDA);
                return Native.ths_cuda_device_count();
            }

            public static void manual_seed_all(long seed)
            {
                TryInitializeDeviceType(DeviceType.CUDA);
                Native.ths_cuda_manual_seed_all(seed);
                CheckForErrors();
            }

            public static void synchronize(Device? device = null)
            {
                TryInitializeDeviceType(device?.type ?? DeviceType.CUDA);
                Native.ths_cuda_synchronize(device?.index ?? -1);
            }
        }

        public static int get_num_threads()
        {
            InitializeDeviceType(DeviceType.CPU);
            var count = Native.ths_get_num_threads();
            if (count == -1) CheckForErrors();
            return count;
        }

        public static void set_num_threads(int num)
        {
            InitializeDeviceType(DeviceType.CPU);
            Native.ths_set_num_threads(num);
            CheckForErrors();
        }

        public static int get_num_interop_threads()
        {
            InitializeDeviceType(DeviceType.CPU);
            var count = Native.ths_get_num_interop_threads();
            if (count == -1) CheckForErrors();
            return count;
        }

        public static void set_num_interop_threads(int num)
        {
            InitializeDeviceType(DeviceType.CPU);
            Native.ths_set_num_interop_threads(num);
            CheckForErrors();
        }
    }
}
