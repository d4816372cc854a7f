using FastScnn.Torch.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Training;

/// <summary>The CUDA devices that can be trained on.</summary>
public static class CudaDevices
{
    /// <summary>Why a device cannot be used, as a text that says what to do; null where it can.</summary>
    /// <param name="device">The number of the device, from 0.</param>
    /// <exception cref="DllNotFoundException">There is no libtorch at all; the message names the packages that hold it.</exception>
    public static string? WhyUnusable(int device) => Fault(device)?.Message;

    /// <summary>The device of an option: the processor where it is null.</summary>
    /// <exception cref="InvalidOperationException">The device cannot be used.</exception>
    /// <exception cref="DllNotFoundException">There is no libtorch.</exception>
    internal static Device Choose(int? cudaDevice)
    {
        if (cudaDevice is { } index) return Fault(index) is { } fault ? throw fault : device(DeviceType.CUDA, index);
        Libtorch.Load(nameof(FastScnnTrainer));
        return CPU;
    }

    internal static InvalidOperationException? Fault(int device)
    {
        bool available = false;
        Libtorch.Load(nameof(CudaDevices), () => available = cuda.is_available());
        if (!available) return Errors.NoCuda(device);
        return device < cuda.device_count() ? null : Errors.CudaDeviceCount(device, cuda.device_count());
    }
}
