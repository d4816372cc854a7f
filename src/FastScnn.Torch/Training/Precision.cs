using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using static System.FormattableString;

namespace FastScnn.Torch.Training;

/// <summary>The numbers that a training computes with.</summary>
public enum Precision
{
    /// <summary>Single precision throughout.</summary>
    Float32,

    /// <summary>Mixed precision: the activations of the network and their gradients are bfloat16, of 8 bits of
    /// precision; weights and their gradients, the parameters and statistics of batch normalisation, the loss, the
    /// optimizer and averages are single precision, and so is all of a validation. Faster and smaller where the device
    /// computes with bfloat16, slower elsewhere.</summary>
    BFloat16,

    /// <summary><see cref="BFloat16"/> where the device computes with it, otherwise <see cref="Float32"/>. A processor
    /// does with AVX512_BF16, which those with AMX_BF16 have too; a CUDA device from compute capability 8.0
    /// (Ampere).</summary>
    Auto,
}

/// <summary>What a training computes with, after <see cref="Precision.Auto"/> was looked into.</summary>
/// <param name="IsBFloat16">Whether that is bfloat16.</param>
/// <param name="Reason">Why it was chosen; null where the options say it.</param>
/// <param name="Warning">What is wrong with it; null if nothing is.</param>
internal sealed record ChosenPrecision(bool IsBFloat16, string? Reason = null, string? Warning = null)
{
    public string Name => IsBFloat16 ? "bfloat16" : Float32Name;

    public static string Float32Name => "float32";

    /// <summary>The name with the reason.</summary>
    public override string ToString() => Reason is null ? Name : $"{Name} (chosen: {Reason})";

    public static ChosenPrecision Of(TrainingOptions options)
    {
        if (options.Precision == Precision.Float32) return new(false);
        (bool able, string reason) = options.GpuDeviceId is { } device ? OfDevice(device, CudaDriver.Capability(device))
            : OfProcessor(X86Features.HasBFloat16);
        if (options.Precision == Precision.Auto) return new(able, reason);
        return new(true, Warning: able ? null : $"{nameof(TrainingOptions.Precision)} is bfloat16, but {reason}: "
            + "training may be slower than with float32.");
    }

    internal static (bool Able, string Reason) OfProcessor(bool able) => able
        ? (true, "the processor has AVX512_BF16")
        : (false, "the processor has neither AVX512_BF16 nor AMX_BF16");

    internal static (bool Able, string Reason) OfDevice(int device, (int Major, int Minor)? capability) =>
        capability is not { } known
            ? (false, Invariant($"the compute capability of CUDA device {device} is not known"))
            : (known.Major >= 8, Invariant($"CUDA device {device} has compute capability {known.Major}.{known.Minor}")
                + (known.Major >= 8 ? "" : ", and bfloat16 begins with 8.0"));
}

/// <summary>What .NET does not tell about the processor.</summary>
internal static class X86Features
{
    /// <summary>Whether there are AVX512_BF16 instructions that the system lets programs use.</summary>
    public static bool HasBFloat16
    {
        get
        {
            if (!Avx512BW.IsSupported || X86Base.CpuId(0, 0).Eax < 7) return false;
            // Leaf 7 has its number of subleaves in EAX; AVX512_BF16 is bit 5 of EAX of subleaf 1.
            return X86Base.CpuId(7, 0).Eax >= 1 && (X86Base.CpuId(7, 1).Eax & 1 << 5) != 0;
        }
    }
}

/// <summary>Asks the CUDA driver what TorchSharp has no function for.</summary>
internal static unsafe class CudaDriver
{
    // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR of cuda.h.
    private const int Major = 75, Minor = 76;

    /// <summary>The compute capability of a device; null without a driver or such a device.</summary>
    /// <param name="device">The number that libtorch has for it too: both heed CUDA_VISIBLE_DEVICES.</param>
    public static (int Major, int Minor)? Capability(int device)
    {
        string library = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";
        if (!NativeLibrary.TryLoad(library, out nint driver)
            || !NativeLibrary.TryGetExport(driver, "cuInit", out nint initialize)
            || !NativeLibrary.TryGetExport(driver, "cuDeviceGet", out nint get)
            || !NativeLibrary.TryGetExport(driver, "cuDeviceGetAttribute", out nint attribute))
            return null;
        var read = (delegate* unmanaged<int*, int, int, int>)attribute;
        int handle, major, minor;
        return ((delegate* unmanaged<uint, int>)initialize)(0) == 0
            && ((delegate* unmanaged<int*, int, int>)get)(&handle, device) == 0
            && read(&major, Major, handle) == 0 && read(&minor, Minor, handle) == 0 ? (major, minor) : null;
    }
}
